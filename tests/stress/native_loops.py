"""Loops inside native functions stop for collections and for Ctrl-C: here each of them would go on for ever."""
import _thread
import collections
import functools
import gc
import itertools
import operator
import signal
import threading

LOOPS = {
    'sum': lambda: sum(itertools.repeat(0)),
    'max': lambda: max(itertools.repeat(1)),
    'any': lambda: any(itertools.repeat(0)),
    'all': lambda: all(itertools.repeat(1)),
    'in': lambda: 'a' in itertools.repeat(1),
    'indexOf': lambda: operator.indexOf(itertools.repeat(1), 2),
    'set': lambda: set(itertools.repeat(1)),
    'dict': lambda: dict.fromkeys(itertools.repeat(1)),
    'deque': lambda: collections.deque(itertools.repeat(1), 0),
    'Counter': lambda: collections.Counter(itertools.repeat(1)),
    'reduce': lambda: functools.reduce(operator.or_, itertools.repeat(1)),
    'dropwhile': lambda: next(itertools.dropwhile(operator.truth, itertools.repeat(1))),
    'filter': lambda: next(filter(None, itertools.repeat(0))),
    'filterfalse': lambda: next(itertools.filterfalse(None, itertools.repeat(1))),
    'compress': lambda: next(itertools.compress(itertools.repeat(1), itertools.repeat(0))),
    'islice': lambda: next(itertools.islice(itertools.repeat(1), 1 << 62, None)),
    'chain': lambda: next(itertools.chain.from_iterable(itertools.repeat(()))),
    'groupby': lambda: [next(groups) for groups in [itertools.groupby(itertools.repeat(1))] for _ in range(2)],
    'zip_longest': lambda: sum(map(len, itertools.zip_longest(itertools.repeat(1), ()))),
    'iter': lambda: collections.deque(iter(int, 1), 0),
    'range': lambda: sum(range(1 << 62)),
}


running = False


def interrupt_loop(*_):
    if running:
        raise KeyboardInterrupt


def interrupted(name, loop):
    """Runs the loop in the main thread until another thread interrupts it."""
    global running
    ended = threading.Event()

    def interrupt():
        gc.collect()
        # More than once: an exception that comes up in a finalizer or a callback is lost there.
        while not ended.wait(0.2):
            _thread.interrupt_main()

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        running = True
        loop()
    except KeyboardInterrupt:
        running = False
    else:
        raise AssertionError(name + ' ended')
    ended.set()
    thread.join()


signal.signal(signal.SIGINT, interrupt_loop)
for name, loop in LOOPS.items():
    interrupted(name, loop)

# All at once, for a while.
for loop in LOOPS.values():
    threading.Thread(target=loop, daemon=True).start()
for _ in range(20):
    gc.collect()
print('ok')
