# What natives take from Python modules is that of the interpreter: tables of copyreg, exceptions of asyncio. What stands for an answer is the same in all.
import asyncio
import copyreg
import pickle
import sys
from concurrent import interpreters

IN_BOTH = """
import asyncio
async def main():
    task = asyncio.create_task(asyncio.sleep(5))
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("cancelled")
    future = asyncio.get_running_loop().create_future()
    try:
        future.result()
    except asyncio.InvalidStateError as error:
        print(error)
    print(repr(future))
asyncio.run(main())

import copyreg, pickle
class Thing: pass
copyreg.pickle(Thing, lambda thing: (int, ("5",)))
print(pickle.loads(pickle.dumps(Thing())))
copyreg.add_extension("fractions", "Fraction", 240)
import fractions
print(len(pickle.dumps(fractions.Fraction, 2)))
import decimal, numbers
print(decimal.Decimal("0.5") == fractions.Fraction(1, 2), isinstance(decimal.Decimal(1), numbers.Number))
"""
exec(IN_BOTH)
other = interpreters.create()
other.exec(IN_BOTH)
exec(IN_BOTH)


class Late:
    pass


copyreg.pickle(Late, lambda thing: (int, ("7",)))
print(pickle.loads(pickle.dumps(Late())))
monitoring = sys.monitoring
monitoring.use_tool_id(1, "test")
calls = 0


def started(*_):
    global calls
    calls += 1
    return monitoring.DISABLE


def function():
    pass


monitoring.register_callback(1, monitoring.events.PY_START, started)
monitoring.set_local_events(1, function.__code__, monitoring.events.PY_START)
for _ in range(5):
    function()
monitoring.set_local_events(1, function.__code__, 0)
print(calls)
other.close()
