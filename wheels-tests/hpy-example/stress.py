"""The example under threads: stress.py [THREADS [SECONDS [SEED]]]. Ends with a line "ok".

Threads share types, nodes, vectors, globals, capsules and containers; they make cycles, run finalizers, leave Python and come back.
"""

import gc
import random
import sys
import threading
import time

from hpy_example import records, toolbox, vectors
from hpy_example.records import CountedInt, CountedList, CountedStr, Mixed, Node
from hpy_example.vectors import Vector

THREADS = int(sys.argv[1]) if len(sys.argv) > 1 else 2
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 5.0
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 1

roots = [Node(i) for i in range(8)]
shared_vectors = [Vector(range(64)) for _ in range(8)]
shared_list = CountedList()
shared_dict = {}
hits = CountedList([0])


def fields(rng):
    """Readers and writers of the same fields."""
    one, two = rng.sample(roots, 2)
    one.value, one.note = rng.choice([two, [one], "text", 3, None]), object()
    assert isinstance(one.value, (Node, list, str, int, type(None)))
    one.left = two if rng.random() < 0.5 else Node(rng.random())
    left, note = one.left, one.note
    assert left is None or isinstance(left, Node)
    assert note is None or type(note) is object
    if rng.random() < 0.1:
        one.clear()


def tree(rng):
    """A tree of its own, with cycles back to shared nodes."""
    root = Node(rng.randrange(100))
    for _ in range(20):
        root.insert(rng.randrange(100), rng.choice(roots))
    items = root.items()
    assert [key for key, _ in items] == sorted(key for key, _ in items)
    root.value = root
    rng.choice(roots).value = root


def numbers(rng):
    a, b = rng.choice(shared_vectors), rng.choice(shared_vectors)
    total = a + b
    assert len(total) == 64 and total[3] == a[3] + b[3]
    assert (a @ b) >= 0
    view = memoryview(a)
    assert view.nbytes == 512 and view[5] == a[5]
    del view
    assert Vector([1, 2, 3])(2) == 17
    assert a.map(lambda x: x + 1).sum() == a.sum() + 64


def containers(rng):
    shared_list.append(rng.random())
    if len(shared_list) > 200:
        try:
            del shared_list[:100]
        except IndexError:
            pass
    shared_list.tick()
    key = CountedStr(rng.randrange(50))
    shared_dict[key] = Node(key)
    counted = toolbox.count([str(rng.randrange(3)) for _ in range(10)])
    assert sum(counted.values()) == 10
    found = shared_dict.get(str(rng.randrange(50)))
    assert found is None or found()[0] == found.key
    if rng.random() < 0.05:
        shared_dict.clear()


def globals_(rng):
    mine = [rng.random()]
    old = toolbox.keep(mine)
    assert old is None or isinstance(old, list)
    capsule = toolbox.wrap(rng.randrange(1000))
    assert 0 <= toolbox.unwrap(capsule) < 1000
    toolbox.set_level(mine)
    assert toolbox.set_level(None) is mine


def calls(rng):
    assert toolbox.call(lambda *args, **kw: (args, kw), 1, a=2)[0] == ((1,), {"a": 2})
    assert toolbox.parse(1, 2.0, "s")["extra"] == (1, [2.0, 3.0])
    assert toolbox.text("häuser")[1] == "häuser"
    assert toolbox.arithmetic(7, 2)[0] == 9
    assert toolbox.point(1, 2).x == 1
    for how in range(5):
        try:
            toolbox.fail(how)
        except (ValueError, KeyError, TypeError, OSError, toolbox.Problem):
            pass
        else:
            raise AssertionError("no error")
    Mixed().hello()
    CountedInt(rng.randrange(10**20)).tick()


def leave(rng):
    rounds = rng.randrange(20000)
    assert toolbox.leave(rounds) == rounds * (rounds - 1) // 2


def collect(rng):
    if rng.random() < 0.05:
        gc.collect()


WORK = [fields, fields, tree, numbers, containers, globals_, calls, leave, collect]
errors = []
rounds = [0] * THREADS
stop = time.monotonic() + SECONDS


def run(number):
    rng = random.Random(SEED * 1000 + number)
    try:
        while time.monotonic() < stop and not errors:
            rng.choice(WORK)(rng)
            rounds[number] += 1
    except BaseException as error:
        import traceback

        traceback.print_exc()
        errors.append(error)


threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

roots.clear()
shared_dict.clear()
toolbox.keep(None)
for _ in range(3):
    gc.collect()
finalized, gone = records.counts()
made, dead = vectors.counts()
print(f"{sum(rounds)} rounds, {finalized} nodes finalized, {gone} gone, {made} vectors made, {dead} gone")
if errors or gone > finalized or dead > made:
    sys.exit("failed")
print("ok")
