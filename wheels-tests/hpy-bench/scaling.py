"""How much more two threads get done than one: scaling.py [SECONDS]. On a busy machine run it under `chrt -f 20`; the best of several tries counts."""

import sys
import threading
import time

import hpy_bench

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 0.3
TRIES = 5
plain = hpy_bench.Plain()


def calls(count):
    function = hpy_bench.parse
    for i in range(count // 10):
        function(i, 1), function(i, 2), function(i, 3), function(i, 4), function(i, 5)
        function(i, 6), function(i, 7), function(i, 8), function(i, 9), function(i, 0)


def methods(count):
    own = hpy_bench.Plain()
    for _ in range(count // 10):
        own.meth(), own.meth(), own.meth(), own.meth(), own.meth(), own.meth(), own.meth(), own.meth(), own.meth(), own.meth()


WORK = {
    "numbers in C, through the API": lambda count: hpy_bench.c_float(count, None),
    "the struct of a shared object": lambda count: hpy_bench.c_struct(count, plain),
    "handles of a shared object": lambda count: hpy_bench.c_dup(count, plain),
    "calls from Python, two arguments": calls,
    "methods from Python": methods,
}


def wall(work, count, threads):
    """From the first thread's begin to the last one's end; the main thread may not get its turn in time to see either."""
    ready = threading.Barrier(threads)
    begins, ends = [], []

    def run():
        ready.wait()
        begins.append(time.perf_counter())
        work(count)
        ends.append(time.perf_counter())

    pool = [threading.Thread(target=run) for _ in range(threads)]
    for thread in pool:
        thread.start()
    for thread in pool:
        thread.join()
    return max(ends) - min(begins)


for name, work in WORK.items():
    work(10_000)
    count = 100_000
    count = int(count * SECONDS / wall(work, count, 1)) // 10 * 10
    best = 0.0
    for _ in range(TRIES):
        one = min(wall(work, count, 1), wall(work, count, 1))
        time.sleep(0.1)
        best = max(best, 2 * one / wall(work, count, 2))
        time.sleep(0.1)
    print(f"{name:34} {best:.2f}")
