"""Operands and contexts that are near every limit, from a generator of our own that is the same in every Python."""
from decimal import *

D = Decimal
ROUNDINGS = [
    ROUND_UP, ROUND_DOWN, ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_05UP,
]
state = 20141006


def below(n):
    """A number in range(n)."""
    global state
    state = (state * 6364136223846793005 + 1442695040888963407) & ((1 << 64) - 1)
    return (state >> 33) % n


def pick(*choices):
    return choices[below(len(choices))]


def digits(n):
    kind = below(6)
    if kind == 0:
        return "9" * n
    if kind == 1:
        return "1" + "0" * (n - 1)
    if kind == 2:
        return "5" + "0" * (n - 1)
    if kind == 3:
        return str(1 + below(9)) + "0" * max(0, n - 2) + (str(below(10)) if n > 1 else "")
    return "".join(str(below(10)) for _ in range(n))


def bits():
    return D("".join(pick("0", "1") for _ in range(1 + below(60))))


def number():
    kind = below(40)
    if kind == 0:
        return pick("NaN", "sNaN", "-NaN12", "sNaN123456789", "Infinity", "-Infinity", "NaN" + digits(40))
    if kind == 1:
        return pick("0", "-0", "0E+5", "-0E-7", "0.00", "0E+400", "0E-400")
    n = pick(1, 1, 2, 3, 5, 8, 9, 10, 17, 18, 19, 20, 27, 28, 29, 37, 38, 39, 40, 57, 60, 90, 200)
    exponent = pick(0, 0, -1, -2, -n, -n + 1, -n // 2, 1, 2, below(60) - 30, below(900) - 450, below(20) - 10)
    return pick("", "-", "") + digits(n) + "E" + str(exponent)


def small_number():
    if below(8) == 0:
        return number()
    return pick("", "-", "") + digits(pick(1, 2, 3, 5, 10, 20)) + "E" + str(below(20) - 15)


def context(roundings=ROUNDINGS, limit=MAX_EMAX):
    """A context that traps nothing. Its exponents are within `limit`."""
    return Context(
        prec=pick(1, 2, 3, 5, 9, 16, 28, 28, 28, 34, 38, 50, 100),
        rounding=pick(*roundings),
        Emax=min(limit, pick(10, 96, 384, 999999, 0, MAX_EMAX)),
        Emin=max(-limit, pick(-10, -95, -383, -999999, 0, MIN_EMIN)),
        capitals=below(2),
        clamp=int(below(4) == 0),
        traps=[],
        flags=[],
    )


def raised(context):
    """Names of the flags that are set."""
    return ",".join(signal.__name__ for signal, is_set in context.flags.items() if is_set)


def outcome(function, *operands):
    try:
        return repr(function(*operands))
    except Exception as error:
        return type(error).__name__ + ":" + str(error)[:200]


def use_wide_context():
    """In which every operand can be written down."""
    setcontext(Context(traps=[], prec=200, Emax=MAX_EMAX, Emin=MIN_EMIN))
