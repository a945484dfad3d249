// Prices are counted in cents, so that nothing is lost.
function cents(amount) {
  return Math.round(amount * 100);
}

function amount(cents) {
  return cents / 100;
}
