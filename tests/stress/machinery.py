"""The machinery of threads: starting and ending, locks with timeouts, conditions, queues, locals, weak references, signals, frames, fork."""
import collections
import gc
import os
import queue
import signal
import sys
import threading
import time
import weakref

from support.crew import THREADS, run


def threads_start_threads():
    ended = []

    def work(number, chance):
        for round in range(12):
            inner = [threading.Thread(target=ended.append, args=((number, round, i),)) for i in range(3)]
            for thread in inner:
                thread.start()
            if chance.randrange(2):
                inner.reverse()
            for thread in inner:
                thread.join(chance.choice((None, 60)))
                assert not thread.is_alive()

    run(work)
    assert len(set(ended)) == THREADS * 12 * 3


def locks_exclude():
    lock, reentrant = threading.Lock(), threading.RLock()
    count = [0, 0]

    def work(number, chance):
        for _ in range(150):
            action = chance.randrange(4)
            if action == 0:
                with lock:
                    count[0] += 1
            elif action == 1:
                while not lock.acquire(timeout=0.001):
                    pass
                count[0] += 1
                lock.release()
            elif action == 2:
                while not lock.acquire(blocking=False):
                    time.sleep(0)
                count[0] += 1
                lock.release()
            else:
                with lock:
                    count[0] += 1
            with reentrant, reentrant:
                count[1] += 1

    run(work)
    assert count == [THREADS * 150] * 2, count


def conditions_lose_nothing():
    items, condition, total = collections.deque(), threading.Condition(), 200
    taken = [[] for _ in range(THREADS)]

    def work(number, chance):
        if number % 2:
            for index in range(total):
                with condition:
                    items.append((number, index))
                    condition.notify()
            with condition:
                items.append(None)
                condition.notify_all()
            return
        while True:
            with condition:
                while not items:
                    condition.wait(chance.choice((None, 0.01, 5)))
                item = items.popleft()
            if item is None:
                return
            taken[number].append(item)

    run(work)
    assert sorted(item for part in taken for item in part) == sorted((n, i) for n in range(1, THREADS, 2) for i in range(total))


def queues_pass_everything():
    for kind in (lambda: queue.Queue(3), queue.SimpleQueue):
        passed, results = kind(), queue.SimpleQueue()

        def work(number, chance):
            if number % 2:
                for index in range(150):
                    passed.put((number, index))
                passed.put(None)
                return
            while (item := passed.get()) is not None:
                results.put(item)

        run(work)
        assert len({results.get() for _ in range(THREADS // 2 * 150)}) == THREADS // 2 * 150
        assert results.empty()


def locals_are_local():
    local = threading.local()

    def work(number, chance):
        for index in range(60):
            local.value = (number, index)
            others = threading.local()
            others.value = [number]
            gc.get_count()
            assert local.value == (number, index) and others.value == [number]

    run(work)
    assert not hasattr(local, "value")


def weak_references_die_once():
    class Node:
        def __init__(self, partner):
            self.partner = partner

    dead, table = collections.Counter(), weakref.WeakValueDictionary()

    def work(number, chance):
        kept = []
        for index in range(120):
            node = Node(None)
            node.partner = node
            kept.append(weakref.ref(node, lambda reference, name=(number, index): dead.update([name])))
            table[number, index % 7] = node
            for key in list(table):
                other = table.get(key)
                assert other is None or other.partner is other
            del node
            if chance.randrange(40) == 0:
                gc.collect()
        for reference in kept:
            reference()

    run(work)
    assert all(count == 1 for count in dead.values()), dead


def frames_of_others_can_be_seen():
    done = []

    def deep(levels, chance):
        here = [levels, str(levels)]
        if levels:
            deep(levels - 1, chance)
        assert here == [levels, str(levels)]

    def work(number, chance):
        if number == 0:
            while len(done) < THREADS - 1:
                for frame in sys._current_frames().values():
                    while frame is not None:
                        try:
                            frame.f_lineno, frame.f_code.co_name, dict(frame.f_locals)
                        except KeyError:
                            # The variable went away between the list of names and the look at it.
                            pass
                        frame = frame.f_back
                sys.setrecursionlimit(chance.randrange(800, 1200))
            return
        try:
            for _ in range(40):
                deep(chance.randrange(60), chance)
        finally:
            done.append(number)

    run(work)
    sys.setrecursionlimit(1000)


def signals_arrive():
    seen = []
    before = signal.signal(signal.SIGUSR1, lambda number, frame: seen.append(number))
    sent = 0

    def work(number, chance):
        for _ in range(100):
            list(range(50))

    threads = [threading.Thread(target=work, args=(number, None)) for number in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        os.kill(os.getpid(), signal.SIGUSR1)
        sent += 1
        while len(seen) < sent:
            pass
    for thread in threads:
        thread.join()
    signal.signal(signal.SIGUSR1, before)
    assert len(seen) == sent


def children_of_fork_are_whole():
    stop = []

    def churn(number, chance):
        shared = {}
        while not stop:
            shared[chance.randrange(50)] = [number] * 3
            thread = threading.Thread(target=shared.get, args=(1,))
            thread.start()
            thread.join()

    def fork():
        try:
            for _ in range(6):
                child = os.fork()
                if child == 0:
                    status = 1
                    try:
                        run(lambda number, chance: [str(i) for i in range(100)], 2)
                        gc.collect()
                        assert threading.active_count() == 1
                        status = 0
                    finally:
                        os._exit(status)
                assert os.waitpid(child, 0)[1] == 0
        finally:
            stop.append(True)

    import warnings

    warnings.simplefilter("ignore", DeprecationWarning)
    run(lambda number, chance: fork() if number == 0 else churn(number, chance), 3)


for test in (
    threads_start_threads,
    locks_exclude,
    conditions_lose_nothing,
    queues_pass_everything,
    locals_are_local,
    weak_references_die_once,
    frames_of_others_can_be_seen,
    signals_arrive,
    children_of_fork_are_whole,
):
    if len(sys.argv) > 2:
        print(test.__name__, flush=True)
    test()
print("ok")
