# tracemalloc: what was allocated where.
import gc
import os
import subprocess
import sys
import tracemalloc


def make(count):
    return [bytes(1000) for _ in range(count)]


def lines_of(traceback):
    return [frame.lineno - make.__code__.co_firstlineno for frame in traceback]


print(tracemalloc.is_tracing(), tracemalloc.get_traced_memory(), tracemalloc.get_object_traceback(make))
for wrong in (0, -1, 65536):
    try:
        tracemalloc.start(wrong)
    except ValueError as error:
        print(error)
try:
    tracemalloc.take_snapshot()
except RuntimeError as error:
    print(error)

tracemalloc.start(5)
tracemalloc.start(2)
print(tracemalloc.is_tracing(), tracemalloc.get_traceback_limit())
before = tracemalloc.take_snapshot()
kept = make(500)
after = tracemalloc.take_snapshot()
print(lines_of(tracemalloc.get_object_traceback(kept[7])))
top = max(after.compare_to(before, "lineno"), key=lambda entry: entry.size_diff)
print(top.traceback[0].lineno - make.__code__.co_firstlineno, top.size_diff > 500_000, top.count_diff >= 500)
size, peak = tracemalloc.get_traced_memory()
print(size > 500_000, peak >= size)
del kept, before, after, top
gc.collect()
print(tracemalloc.get_traced_memory()[0] < 400_000)
tracemalloc.reset_peak()
print(tracemalloc.get_traced_memory()[1] < 400_000)
tracemalloc.clear_traces()
kept = make(1)
filtered = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, __file__)])
print(any(trace.size >= 1000 for trace in filtered.traces))
tracemalloc.stop()
print(tracemalloc.is_tracing(), tracemalloc.get_traced_memory(), tracemalloc.get_object_traceback(kept[0]))

code = "import tracemalloc; print(tracemalloc.is_tracing(), tracemalloc.get_traceback_limit())"
leak = "def f():\n  file = open('/dev/null')\nf()\nimport gc; gc.collect()"


def run(*arguments, **variables):
    return subprocess.run([sys.executable, *arguments], env={**os.environ, **variables}, capture_output=True, text=True)


for arguments, variables in [
    (["-X", "tracemalloc"], {}),
    (["-X", "tracemalloc=7"], {}),
    (["-X", "tracemalloc=0"], {"PYTHONTRACEMALLOC": "3"}),
    ([], {"PYTHONTRACEMALLOC": "3"}),
    (["-X", "tracemalloc=x"], {}),
]:
    done = run(*arguments, "-c", code, **variables)
    print(done.returncode, done.stdout.strip(), *done.stderr.splitlines()[:1])
told = run("-X", "tracemalloc=3", "-W", "always", "-c", leak).stderr
print(told[told.find("Object allocated"):].replace("    f()\n", "").replace("    file = open('/dev/null')\n", ""))
