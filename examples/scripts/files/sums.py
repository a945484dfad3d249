# 'context' has the inputs, the outputs of earlier steps, and what 'with' gives.
sums = {}
for order in context["orders"]:
    customer = order["customer"]
    sums[customer] = sums.get(customer, 0) + order["cents"]

result = [
    {"customer": customer, "sum": cents / 100, "currency": context["currency"]}
    for customer, cents in sorted(sums.items(), key=lambda pair: -pair[1])
]
