"""Exponential, logarithms and powers, rounded half even; the others are not what CPython rounds powers by."""
from _tricky import *


def transcendental(c):
    name = pick("exp", "ln", "log10")
    a = D(small_number())
    if c.prec > 50 and below(2):
        c.prec = 28
    print(name, a, c, outcome(getattr(c, name), a), raised(c))


def powers(c):
    a = D(small_number())
    b = D(pick(str(below(50) - 25), str(below(5)), small_number(), str(below(2000) - 1000), "0.5"))
    print("power", a, b, c, outcome(c.power, a, b), raised(c))
    if below(4) == 0:
        a, b, modulus = D(below(10000) - 5000), D(below(1000) - 20), D(below(1000) - 20)
        print("power", a, b, modulus, c, outcome(c.power, a, b, modulus), raised(c))


for _ in range(260):
    use_wide_context()
    ask = pick(transcendental, powers)
    ask(context([ROUND_HALF_EVEN], limit=999999))
