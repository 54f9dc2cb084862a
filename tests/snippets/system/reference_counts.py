"""sys.getrefcount: references are found when somebody asks, and come out as if they had been counted."""

import collections
import contextvars
import copy
import functools
import itertools
import queue
import sys
import threading
import types
import weakref
from sys import getrefcount


class Thing:
    def method(self):
        return getrefcount(self)

    def __add__(self, other):
        return getrefcount(self), getrefcount(other)

    def __enter__(self):
        return getrefcount(self)

    def __exit__(self, *details):
        pass


class Slotted:
    __slots__ = ("field",)


# ---- where a reference is held; each function prints the count after each step ----


def in_containers():
    x = Thing()
    counts = [getrefcount(x)]
    one = [x]
    counts.append(getrefcount(x))
    two = (x, one)
    counts.append(getrefcount(x))
    both = {x: x}
    counts.append(getrefcount(x))
    sets = {x}, frozenset([x])
    counts.append(getrefcount(x))
    nested = copy.copy([[x], {"key": [x, x]}])
    counts.append(getrefcount(x))
    del two
    counts.append(getrefcount(x))
    both.clear()
    counts.append(getrefcount(x))
    del sets, nested
    one.pop()
    counts.append(getrefcount(x))
    print("containers", *counts)


def in_lists():
    x = Thing()
    items = [x] * 100
    counts = [getrefcount(x)]
    items = items[:50]
    counts.append(getrefcount(x))
    items += items
    counts.append(getrefcount(x))
    items.sort(key=id)
    counts.append(getrefcount(x))
    del items[3:]
    counts.append(getrefcount(x))
    items.clear()
    counts.append(getrefcount(x))
    [x], (x,), {x: [x]}
    counts.append(getrefcount(x))
    print("lists", *counts)


def in_attributes():
    x = Thing()
    holder = Thing()
    holder.first = holder.second = x
    counts = [getrefcount(x)]
    del holder.first
    counts.append(getrefcount(x))
    holder.__dict__["third"] = x
    counts.append(getrefcount(x))
    holder.__dict__.clear()
    counts.append(getrefcount(x))
    for number in range(50):
        setattr(holder, f"attribute{number}", x)
    counts.append(getrefcount(x))
    slotted = Slotted()
    slotted.field = x
    counts.append(getrefcount(x))
    slotted.field = 1
    counts.append(getrefcount(x))
    del holder
    counts.append(getrefcount(x))
    x.self = x
    counts.append(getrefcount(x))
    print("attributes", *counts)


def in_calls():
    x = Thing()

    def passed(argument, *rest, **more):
        return getrefcount(argument)

    def named(argument):
        alias = argument
        return getrefcount(alias)

    counts = [passed(x), named(x), passed(argument=x), passed(x, x), passed(x, key=x), (lambda y: getrefcount(y))(x)]
    counts += [x.method(), getrefcount(x), getrefcount(Thing()), passed(Thing()), Thing().method()]
    print("calls", *counts, x + x)
    with x as count:
        print("with", count, getrefcount(x))


def in_functions():
    x = Thing()
    cell = Thing()
    counts = [getrefcount(x), getrefcount(cell)]
    with_default = lambda argument=x: argument
    counts.append(getrefcount(x))
    with_default.attribute = x
    counts.append(getrefcount(x))
    closures = [lambda: cell for _ in range(3)]
    counts.append(getrefcount(cell))
    bound = x.method
    counts.append(getrefcount(x))
    counts.append(getrefcount(bound))
    partial = functools.partial(print, x, key=x)
    counts.append(getrefcount(x))
    del with_default, bound, partial, closures
    counts += [getrefcount(x), getrefcount(cell)]
    cached = functools.lru_cache(lambda argument: argument)
    cached(x)
    counts.append(getrefcount(x))
    cached.cache_clear()
    counts.append(getrefcount(x))
    print("functions", *counts)


def in_iterators():
    x = Thing()
    iterator = iter([x, x])
    counts = [getrefcount(x)]
    next(iterator)
    counts.append(getrefcount(x))
    list(iterator)
    counts.append(getrefcount(x))
    generator = (item for item in [x])
    counts.append(getrefcount(x))
    next(generator)
    counts.append(getrefcount(x))
    del generator
    counts.append(getrefcount(x))
    chain = itertools.chain([x], [x])
    counts.append(getrefcount(x))
    list(chain)
    counts.append(getrefcount(x))
    for item in [x]:
        counts.append(getrefcount(x))
    del item
    counts.append(getrefcount(x))
    one, two = itertools.tee([x, x])
    next(one), next(two)
    counts.append(getrefcount(x))
    del one, two
    counts.append(getrefcount(x))
    print("iterators", *counts)


def generators():
    x = Thing()

    def generator(argument):
        yield getrefcount(argument)
        other = argument
        yield getrefcount(argument)
        del other
        yield getrefcount(argument)

    async def coroutine(argument):
        pass

    running = generator(x)
    counts = [getrefcount(x), next(running), getrefcount(x), next(running), getrefcount(x), next(running), getrefcount(running)]
    running.close()
    counts.append(getrefcount(x))
    waiting = coroutine(x)
    counts.append(getrefcount(x))
    waiting.close()
    counts.append(getrefcount(x))
    print("generators", *counts)


def in_library_types():
    x = Thing()
    counts = []
    deque = collections.deque([x, x], 2)
    counts.append(getrefcount(x))
    deque.append(1)
    counts.append(getrefcount(x))
    space = types.SimpleNamespace(one=x, two=x)
    counts.append(getrefcount(x))
    del space.one
    counts.append(getrefcount(x))
    ordered = collections.OrderedDict(one=x, two=x)
    counts.append(getrefcount(x))
    ordered.popitem()
    counts.append(getrefcount(x))
    pair = collections.namedtuple("pair", "one two")(x, x)
    counts.append(getrefcount(x))
    proxy = types.MappingProxyType({1: x})
    counts.append(getrefcount(x))
    part = slice(x, x)
    counts.append(getrefcount(x))
    variable = contextvars.ContextVar("variable")
    token = variable.set(x)
    counts.append(getrefcount(x))
    variable.reset(token)
    counts.append(getrefcount(x))
    waiting = queue.SimpleQueue()
    waiting.put(x)
    counts.append(getrefcount(x))
    waiting.get()
    counts.append(getrefcount(x))
    del deque, space, ordered, pair, proxy, part
    counts.append(getrefcount(x))
    print("library", *counts)


def weakly():
    x = Thing()
    reference = weakref.ref(x)
    table = weakref.WeakValueDictionary(key=x)
    keys = weakref.WeakKeyDictionary({x: 1})
    counts = [getrefcount(x)]
    held = reference()
    counts.append(getrefcount(x))
    del held
    counts.append(getrefcount(x))
    print("weakly", *counts, len(table), len(keys))


def buffers():
    memory = bytearray(10)
    counts = [getrefcount(memory)]
    view = memoryview(memory)
    counts.append(getrefcount(memory))
    part = view[2:5]
    counts += [getrefcount(memory), getrefcount(view)]
    view.release()
    counts.append(getrefcount(memory))
    part.release()
    counts.append(getrefcount(memory))
    print("buffers", *counts)


def exceptions():
    x = Thing()

    def fail(argument):
        raise KeyError(argument)

    def traceback(argument):
        try:
            fail(argument)
        except KeyError as error:
            return error

    before = getrefcount(x)
    error = traceback(x)
    counts = [getrefcount(x) - before]
    error.__traceback__ = None
    counts.append(getrefcount(x) - before)
    del error
    counts.append(getrefcount(x) - before)
    print("exceptions", *counts)


def classes():
    class Local:
        def method(self):
            pass

    base = getrefcount(Local)
    one = Local()
    counts = [getrefcount(Local) - base]
    more = [Local() for _ in range(5)]
    counts.append(getrefcount(Local) - base)
    more.pop()
    counts.append(getrefcount(Local) - base)
    del one, more
    counts.append(getrefcount(Local) - base)

    class Derived(Local):
        pass

    counts.append(getrefcount(Local) - base)
    derived = Derived()
    counts.append(getrefcount(Local) - base)
    derived.__class__ = Local
    counts.append(getrefcount(Local) - base)
    print("classes", *counts)


def threads():
    x = Thing()
    base = getrefcount(x)
    inside, go_on = threading.Event(), threading.Event()

    def work(argument):
        inside.set()
        go_on.wait()

    thread = threading.Thread(target=work, args=(x,))
    counts = [getrefcount(x) - base]
    thread.start()
    inside.wait()
    counts.append(getrefcount(x) - base)
    go_on.set()
    thread.join()
    counts.append(getrefcount(x) - base)
    print("threads", *counts)


for test in (
    in_containers,
    in_lists,
    in_attributes,
    in_calls,
    in_functions,
    in_iterators,
    generators,
    in_library_types,
    weakly,
    buffers,
    exceptions,
    classes,
    threads,
):
    test()

# ---- at the level of a module ----
x = Thing()
print("module", getrefcount(x))
y = [x, x]
print("module", getrefcount(x), getrefcount(y))
globals()["z"] = x
print("module", getrefcount(x))
del y, z
print("module", getrefcount(x))


class Fresh:
    pass


print("class", getrefcount(Fresh), getrefcount(Slotted))
Slotted.x = x
print("module", getrefcount(x), getrefcount(types.ModuleType("empty")))

# ---- what lives for ever ----
for value in (None, True, False, ..., NotImplemented, 0, 5, -5, 256, (), "", "a", b"", b"a", int, type, object, dict):
    assert getrefcount(value) == 3221225472, value
number = int("1000")
count = getrefcount(number)
numbers = [number] * 7
print("numbers", getrefcount(number) - count)


# ---- in all circumstances ----
def deep(depth, argument):
    return deep(depth - 1, argument) if depth else getrefcount(argument)


print("deep", deep(500, x), deep(500, Thing()))
print("indirect", len(list(map(getrefcount, [x] * 3))), types.MethodType(getrefcount, x)() > 1, getrefcount(*[x]) > 1)
try:
    getrefcount()
except TypeError as error:
    print(error)


def in_parallel():
    mine = Thing()
    holder = []
    results = set()
    for _ in range(5):
        holder.append(mine)
        before = getrefcount(mine)
        holder.pop()
        results.add(before - getrefcount(mine))
    all_results.update(results)


all_results = set()
workers = [threading.Thread(target=in_parallel) for _ in range(4)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
print("parallel", all_results)


class Finalized:
    def __init__(self, value):
        self.value = value

    def __del__(self):
        finalized.append(self.value)


def with_finalizer():
    x = Thing()
    finalized.append(x)
    before = getrefcount(x)
    Finalized(x)
    return getrefcount(x) - before, len(finalized)


finalized = []
print("finalized", *with_finalizer())
