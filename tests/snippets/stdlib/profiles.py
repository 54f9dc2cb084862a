# What `_lsprof` and cProfile count: calls by function and caller, natives by name, generators by resumption.
import _lsprof
import cProfile
import gc
import io
import pstats
import sys
import threading
import time


def down(n):
    return n if n <= 0 else down(n - 1)


def numbers():
    yield 1
    yield len("abc")


class Pair:
    def __new__(cls, *args):
        return object.__new__(cls)

    def __init__(self, first):
        self.first = first

    def __len__(self):
        return 2

    @property
    def double(self):
        return self.first * 2


def fail(depth):
    if depth:
        fail(depth - 1)
    raise ValueError


def work():
    down(3)
    list(numbers())
    items = [3, 1]
    items.append(2)
    items.sort(key=lambda item: -item)
    sum(numbers())
    len(Pair(1)), Pair(2).double, dict.fromkeys([1]), "".join("ab"), str.upper("a"), int.from_bytes(b"a")
    for _ in range(2):
        try:
            fail(2)
        except ValueError:
            pass
    max([1, 2], key=down)
    while items:
        items.pop()


def loop_at_start(items):
    while items:
        items.pop()


def is_ours(code):
    """Collections may bring callbacks of the import system in between."""
    if isinstance(code, str):
        return not any(part in code for part in ("_imp.", "'get' of 'dict'", "_weakref", "object at"))
    return code.co_filename == down.__code__.co_filename


def show(profiler):
    name = lambda code: code if isinstance(code, str) else code.co_name
    entries = [entry for entry in profiler.getstats() if is_ours(entry.code)]
    for entry in sorted(entries, key=lambda entry: name(entry.code)):
        calls = sorted((name(call.code), call.callcount, call.reccallcount) for call in entry.calls or () if is_ours(call.code))
        print(name(entry.code), entry.callcount, entry.reccallcount, calls)
        assert 0 <= entry.inlinetime <= entry.totaltime + 1e-9, entry


profiler = _lsprof.Profiler()
profiler.enable()
work()
loop_at_start([1, 2, 3])
profiler.disable()
show(profiler)
profiler.clear()
print(profiler.getstats())

print("-- without natives and callers")
profiler.enable(subcalls=False, builtins=False)
work()
profiler.disable()
show(profiler)

print("-- a timer that counts")
ticks = 0


def timer():
    global ticks
    ticks += 1
    return ticks


profiler = _lsprof.Profiler(timer, 0.5)
profiler.enable(builtins=False)
down(2)
profiler.disable()
for entry in profiler.getstats():
    print(entry.code.co_name, entry.callcount, entry.reccallcount, entry.totaltime, entry.inlinetime)
    print([tuple(call[1:]) for call in entry.calls])

print("-- the tool")
profiler.enable()
print(sys.monitoring.get_tool(sys.monitoring.PROFILER_ID))
try:
    _lsprof.Profiler().enable()
except ValueError as error:
    print(error)
profiler.disable()
profiler.disable()
print(sys.monitoring.get_tool(sys.monitoring.PROFILER_ID))
for wrong in [(1, "x"), (1, 2, 3, 4, 5)]:
    try:
        _lsprof.Profiler(*wrong)
    except TypeError as error:
        print(error)

print("-- times")
profiler = cProfile.Profile()


def sleeper():
    time.sleep(0.05)


gc.collect()
profiler.runcall(sleeper)
profiler.create_stats()
for (file, line, function), (primitive, calls, own, total, callers) in sorted(profiler.stats.items(), key=str):
    print(function, primitive, calls, own > 0.04, total > 0.04, [caller[2] for caller in callers])

print("-- pstats")
out = io.StringIO()
with cProfile.Profile() as profiler:
    down(4)
stats = pstats.Stats(profiler, stream=out).strip_dirs()
stats.print_stats("down")
stats.print_callers("down")
text = out.getvalue()
print("5/1" in text, "(down)" in text, "was called by" in text)

print("-- threads")


def in_thread():
    down(10)


with cProfile.Profile() as profiler:
    threads = [threading.Thread(target=in_thread) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
rows = {entry.code.co_name: entry for entry in profiler.getstats() if not isinstance(entry.code, str)}
print(rows["in_thread"].callcount, rows["down"].callcount)
