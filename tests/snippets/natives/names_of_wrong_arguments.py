# Names of types in messages about arguments.
import array
import datetime
import decimal

for call in (
    lambda: format(1, None),
    lambda: format(1, 5),
    lambda: super(None),
    lambda: super(5),
    lambda: abs(None),
    lambda: abs(),
    lambda: abs(number=1),
    lambda: 1 in datetime.date(2000, 1, 1),
    lambda: 1 in decimal.Decimal(5),
    lambda: 1 in 5,
    lambda: array.array("i").__iadd__([1]),
    lambda: float(bytearray(b"ab")),
    lambda: float(array.array("b", [1])),
    lambda: int(bytearray(b"ab")),
):
    try:
        call()
    except (TypeError, ValueError) as error:
        print(error)
