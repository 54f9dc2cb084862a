"""The current context belongs to threads and to contextvars contexts; templates are copied."""
import asyncio
import contextvars
import copy
import pickle
import threading
from decimal import *

print(getcontext())
getcontext().prec = 5


def precisions():
    out = [getcontext().prec]
    with localcontext() as outer:
        outer.prec = 7
        out.append(getcontext().prec)
        with localcontext(prec=9, rounding=ROUND_UP) as inner:
            out.append((Decimal(1) / 3, inner.prec))
        out.append(getcontext().prec)
    out.append(getcontext().prec)
    return out


print(precisions())
results = []


def worker(prec):
    setcontext(Context(prec=prec))
    for _ in range(200):
        with localcontext() as c:
            c.prec += 1
            assert (Decimal(1) / 7).as_tuple().digits.__len__() == prec + 1
    results.append((prec, str(Decimal(2) / 3)))


threads = [threading.Thread(target=worker, args=(prec,)) for prec in range(3, 9)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(results), getcontext().prec)

context = contextvars.copy_context()
context.run(lambda: setattr(getcontext(), "rounding", ROUND_DOWN))
print(getcontext().rounding)
context.run(setcontext, Context(prec=3))
print(context.run(lambda: getcontext().prec), getcontext().prec)
variables = [v for v in context if v.name == "decimal_context"]
print(len(variables), context[variables[0]].prec)


async def task(prec):
    setcontext(Context(prec=prec))
    out = []
    for _ in range(3):
        await asyncio.sleep(0)
        out.append(str(Decimal(1) / 3))
    return out


async def main():
    print(await asyncio.gather(task(2), task(4), task(6)), getcontext().prec)


asyncio.run(main())

for template in (DefaultContext, BasicContext, ExtendedContext):
    setcontext(template)
    print(getcontext() is template, getcontext())
setcontext(Context())
c = Context(prec=4, rounding=ROUND_FLOOR, Emin=-5, Emax=5, capitals=0, clamp=1, flags=[Inexact], traps=[Clamped, FloatOperation])
for other in (c.copy(), copy.copy(c), copy.deepcopy(c), pickle.loads(pickle.dumps(c))):
    print(other, other.flags == c.flags, other.traps == c.traps, other is c)
c.clear_flags()
c.clear_traps()
print(c.flags, list(c.traps.values()), len(c.flags), c.flags == dict(c.traps))
c.flags[Rounded] = True
print(c, Rounded in c.flags, c.flags is c.flags, sorted(k.__name__ for k, v in c.flags.items() if v))
with localcontext(Context(), flags=[Inexact], traps=[Clamped, Inexact]) as c:
    print(c)
for bits in (32, 64, 128, 160, 512):
    print(IEEEContext(bits))
with localcontext() as everything:
    for signal in everything.traps:
        everything.traps[signal] = True
    for action in (
        lambda: Decimal("x"), lambda: Decimal(1) / 0, lambda: Decimal(0) / 0, lambda: Decimal(1) / 3, lambda: Decimal("1e999999") * 10,
        lambda: Decimal("1e-999999") / 30, lambda: Decimal(1) < 1.5, lambda: Decimal(1) == 1.5, lambda: Decimal(1.5), lambda: +Decimal("0e-2000000"),
        lambda: Decimal("sNaN") + 1, lambda: Decimal(7) // Decimal("1e-50"), lambda: Decimal("1e-1000000") + 0,
    ):
        try:
            print(action())
        except ArithmeticError as error:
            print(type(error).__name__, type(error).__mro__[1].__name__, error)


class Sub(Decimal):
    pass


class SubContext(Context):
    extra = 5


s = Sub("1.50")
print(type(s), type(s + 1), type(+s), type(s.copy_abs()), type(Sub(s)), type(Sub.from_float(0.5)), type(copy.copy(s)), type(pickle.loads(pickle.dumps(s))))
s.note = "kept"
print(s.note, s == Decimal("1.5"), hash(s) == hash(1.5), type(SubContext(prec=3).copy()), SubContext(prec=3).create_decimal("1.2345"))
