const discount = context.quantity >= 10 ? 0.05 : 0;
const full = context.quantity * cents(context.price);

result = {
  quantity: context.quantity,
  discount,
  total: amount(Math.round(full * (1 - discount))),
};
