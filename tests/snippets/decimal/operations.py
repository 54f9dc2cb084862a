"""Operations on tricky operands in changing contexts: results and flags."""
from _tricky import *

BINARY = """add subtract multiply divide divide_int remainder remainder_near compare compare_signal compare_total
compare_total_mag copy_sign logical_and logical_or logical_xor max max_mag min min_mag next_toward quantize rotate
same_quantum scaleb shift divmod""".split()
UNARY = """abs plus minus copy_abs copy_negate is_canonical is_finite is_infinite is_nan is_normal is_qnan is_signed is_snan
is_subnormal is_zero logb logical_invert next_minus next_plus normalize number_class to_integral_value to_integral_exact
to_integral to_sci_string to_eng_string create_decimal _apply sqrt""".split()
COMPARISONS = [D.__lt__, D.__le__, D.__eq__, D.__ne__, D.__gt__, D.__ge__]
WIDEST = Context(prec=999, Emax=MAX_EMAX, Emin=MIN_EMIN)


def two_operands(c):
    name = pick(*BINARY)
    a, b = D(number()), D(number())
    if name in ("shift", "rotate", "scaleb") and below(3):
        b = D(below(60) - 30)
    if name.startswith("logical") and below(4):
        a, b = bits(), bits()
    if name == "quantize" and below(3):
        b = D("1E" + str(below(40) - 25))
    print(name, a, b, c, outcome(getattr(c, name), a, b), raised(c))


def one_operand(c):
    name = pick(*UNARY)
    a = D(number())
    print(name, a, c, outcome(getattr(c, name), a), raised(c))


def three_operands(c):
    a, b, d = D(number()), D(number()), D(number())
    print("fma", a, b, d, c, outcome(c.fma, a, b, d), raised(c))


def comparisons(c):
    a, b = D(number()), D(number())
    setcontext(c)
    for compare in COMPARISONS:
        print(compare.__name__, outcome(compare, a, b), raised(c))
    if not a.is_nan():
        print(hash(a) == hash(a.normalize(WIDEST)), hash(a))


def formats(c):
    a = D(number())
    setcontext(c)
    fill = pick("", "", "*<", "x^", "0", "=", ">")
    spec = fill if fill != "0" else ""
    spec += pick("", "+", " ", "-") + pick("", "z") + pick("", "", "#")
    if not fill or fill == "0":
        spec += pick("", "0")
    spec += pick("", "12", "40", "3") + pick("", "", ",", "_")
    spec += pick("", ".0", ".1", ".3", ".10", ".30", ".5_", "._", ".,")
    spec += pick("", "e", "E", "f", "F", "g", "G", "%", "n")
    print("format", a, repr(spec), c, outcome(format, a, spec), raised(c))


def conversions(c):
    a = D(number())
    setcontext(c)
    shown = [outcome(round, a, below(60) - 30)]
    if not a.is_finite() or abs(a.adjusted()) < 3000:
        shown.append(outcome(round, a))
    for convert in (int, float, D.as_tuple, D.as_integer_ratio, D.__floor__, D.__ceil__):
        shown.append(outcome(convert, a))
    print("conversions", a, c, *shown, raised(c))


def other_numbers(c):
    x = (below(1 << 30) - (1 << 29)) * 2.0 ** (below(200) - 100)
    n = (below(1 << 30) << below(300)) * pick(1, -1)
    setcontext(c)
    print("other numbers", outcome(c.create_decimal_from_float, x), outcome(D.from_float, x), outcome(D, n))
    print(outcome(c.create_decimal, n), outcome(D(number()).__lt__, x), outcome(D(number()).__eq__, n), raised(c))
    print(hash(D(n)) == hash(n), hash(D(x)) == hash(x))


for _ in range(700):
    use_wide_context()
    kind = below(80)
    for until, ask in (
        (35, two_operands), (50, one_operand), (55, three_operands), (60, comparisons), (65, formats), (70, conversions),
        (80, other_numbers),
    ):
        if kind < until:
            ask(context())
            break
