"""Long coefficients: sums, products, quotients, roots, functions; numbers at the limits."""
import hashlib
from decimal import *


def show(number):
    text = str(number)
    return text if len(text) < 60 else f"{text[:20]}..{text[-20:]} {len(text)} {hashlib.sha256(text.encode()).hexdigest()[:16]}"


setcontext(Context(prec=200000, Emax=MAX_EMAX, Emin=MIN_EMIN))
for digits in (40, 300, 1000, 4000, 30000, 100000):
    a = Decimal("9" * digits)
    b = Decimal(("1234567890" * (digits // 10 + 1))[:digits])
    print(digits, show(a * b), show(a + b), show(a - b), show(b * b - a))
    print(show((a * b + 7) // a), show((a * b + 7) % a), show(a.fma(b, -b)), hash(a) == hash(int(a)), show(b.shift(-digits // 2)))
    if digits <= 30000:
        with localcontext(prec=digits):
            print(show(a / b), show(b / a), show(b.sqrt()), show(Decimal(int(b)) * Decimal("1e-7")), show((b / 7).quantize(Decimal(1))))
for prec in (60, 300, 1000):
    with localcontext(prec=prec):
        print(show(Decimal(2).exp()), show(Decimal(2).ln()), show(Decimal(2).log10()), show(Decimal("1.0001") ** Decimal("-12345.678")))
        print(show(Decimal("1e-40").exp()), show((1 + Decimal("1e-40")).ln()), show((1 - Decimal("1e-70")).log10()), show(Decimal(3) ** 777))


def attempt(text):
    try:
        print(text, show(eval(text)))
    except (ArithmeticError, MemoryError, ValueError, OverflowError) as error:
        print(text, type(error).__name__, error)


D = Decimal
setcontext(Context())
for text in (
    "D(10) ** D(10 ** 9)", "D('1e999999999') + 1", "D(1).quantize(D('1e-999999'))", "D('1e999999') // 1", "D('1e-999999') % D('1e999999')",
    "D('1e999999').sqrt()", "D('1e-999999').ln()", "D('1e999999').log10()", "D('1e-999999').exp()", "D('2') ** D('1e-999999')",
    "D('0.9') ** D('-1e999999')", "D('1e999999').remainder_near(D('1e-999999'))", "hash(D('1e999999999'))", "float(D('1e999999999'))",
    "D('1e999999999999999999')", "D('1e1000000000000000000')", "D('1e-1999999999999999997')", "D('1e-1999999999999999998')",
    "pow(D(3), D(10) ** 20, D(10) ** 9 + 7)", "D('1e999999') < D('1e-999999')", "f\"{D('1e-999999'):.2f}\"",
):
    attempt(text)
setcontext(Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN))
for text in (
    "D(4) / 2", "D(4).sqrt()", "D(2) ** 3", "D(2) ** -1", "D(1000).log10()", "D('1e99999999999') * D('1e99999999999')", "D(7) // 2",
    "D('1e999999999999999999') * 10", "D('1.50').as_integer_ratio()", "D('1e-999999999999999999') == D('1e999999999999999999')",
):
    attempt(text)
