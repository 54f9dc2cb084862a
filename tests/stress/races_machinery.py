"""Races on the interpreter's own objects: classes, modules, cells, frames, code, exceptions, hooks; and exits, forks and signals in between."""
import functools
import gc
import io
import os
import signal
import subprocess
import sys
import threading
import time
import types
import weakref

from support.races import race, run_all


class Base:
    y = 1

    def method(self):
        return self.x

    def other(self):
        return super().__init__()


class Derived(Base):
    def __init__(self):
        self.x = 1

    def method(self):
        return super().method()


class Slots:
    __slots__ = ("x", "y")


class Twin:
    __slots__ = ("x", "y")


def many_names(thing, chance):
    for index in range(chance.randrange(40)):
        setattr(thing, "a%d" % index, index)


@race(lambda o, r: o.x, lambda o, r: setattr(o, "x", r.random()), lambda o, r: delattr(o, "x"), lambda o, r: o.method(), many_names, lambda o, r: o.__dict__.clear(), lambda o, r: setattr(o, "__dict__", {"x": 1}), lambda o, r: vars(o).update(z=1), lambda o, r: setattr(o, "__class__", r.choice([Base, Derived])), lambda o, r: [v for v in vars(o).values()],
      lambda o, r: setattr(o, "a%d" % r.randrange(40), 1), lambda o, r: getattr(o, "a%d" % r.randrange(40)), lambda o, r: delattr(o, "a%d" % r.randrange(40)), lambda o, r: dir(o), lambda o, r: o.__reduce_ex__(4), lambda o, r: o.y, lambda o, r: o.__getstate__())
def instances():
    return Derived()


@race(lambda o, r: setattr(o, "__class__", r.choice([Slots, Twin])), lambda o, r: o.x, lambda o, r: setattr(o, "x", r.random()), lambda o, r: delattr(o, "x"), lambda o, r: Slots.x.__get__(o), lambda o, r: o.__reduce_ex__(4), lambda o, r: setattr(o, "y", []))
def slots():
    return Slots()


class Left:
    def who(self):
        return "left"


class Right:
    def who(self):
        return "right"


def make_class():
    made = type("Made", (Left,), {"__init__": lambda self: None, "value": 1})
    return made, made(), type("Child", (made,), {"who": lambda self: super(child_of[0], self).who()})


child_of = [Left]


def rebase(o, r):
    o[0].__bases__ = r.choice([(Left,), (Right,), (Left, Right), (Right, Left)])


@race(rebase, lambda o, r: o[1].who(), lambda o, r: o[0](), lambda o, r: setattr(o[0], "who", r.choice([lambda self: 1, property(lambda self: lambda: 2), 5])), lambda o, r: delattr(o[0], "who"), lambda o, r: setattr(o[0], "__getattr__", lambda self, name: name), lambda o, r: delattr(o[0], "__getattr__"), lambda o, r: o[1].missing, lambda o, r: setattr(o[0], "__init__", lambda self, *a: None), lambda o, r: delattr(o[0], "__init__"), lambda o, r: o[0](1),
      lambda o, r: setattr(o[0], "__len__", lambda self: r.randrange(9)), lambda o, r: len(o[1]), lambda o, r: delattr(o[0], "__len__"), lambda o, r: setattr(o[0], "__eq__", lambda self, other: True), lambda o, r: o[1] == o[0](), lambda o, r: delattr(o[0], "__eq__"), lambda o, r: hash(o[1]), lambda o, r: setattr(o[0], "__call__", lambda self: 1), lambda o, r: o[1](), lambda o, r: setattr(o[0], "__getattribute__", lambda self, name: object.__getattribute__(self, name)), lambda o, r: delattr(o[0], "__getattribute__"),
      lambda o, r: setattr(o[0], "value", property(lambda self: 3)), lambda o, r: o[1].value, lambda o, r: setattr(o[1], "value", 4), lambda o, r: delattr(o[0], "value"), lambda o, r: setattr(o[0], "value", 5), lambda o, r: type("X", (o[0],), {})().who(), lambda o, r: o[0].__subclasses__(), lambda o, r: o[0].mro(), lambda o, r: isinstance(o[1], Right), lambda o, r: o[2]().who(), lambda o, r: setattr(o[0], "__name__", "N%d" % r.randrange(9)), lambda o, r: repr(o[0]), lambda o, r: setattr(o[0], "__slots__", ()), lambda o, r: list(vars(o[0])), lambda o, r: setattr(o[0], "__iter__", lambda self: iter("ab")), lambda o, r: list(o[1]),
      lambda o, r: setattr(o[0], "__new__", lambda cls, *a: object.__new__(cls)), lambda o, r: delattr(o[0], "__new__"), lambda o, r: setattr(o[0], "__del__", lambda self: None), lambda o, r: setattr(o[0], "__hash__", None), lambda o, r: setattr(o[0], "__add__", lambda self, other: 7), lambda o, r: o[1] + 1, lambda o, r: delattr(o[0], "__add__"), lambda o, r: setattr(o[0], "__getitem__", lambda self, key: "abc"[key]), lambda o, r: o[1][1], lambda o, r: setattr(o[0], "__abstractmethods__", r.choice([(), ("x",)])), lambda o, r: setattr(o[0], "__set_name__", 1))
def classes():
    return make_class()


class Meta(type):
    def __instancecheck__(cls, thing):
        return True


@race(lambda o, r: setattr(o, "x%d" % r.randrange(30), 1), lambda o, r: getattr(o, "x%d" % r.randrange(30)), lambda o, r: o.__dict__.pop("x3", None), lambda o, r: vars(o).update(x4=5), lambda o, r: exec("x5 = 1\nfor i in range(9): x6 = i\ndel x6", vars(o)), lambda o, r: eval("x5 + x4", vars(o)), lambda o, r: vars(o).clear() if r.randrange(20) == 0 else 0, lambda o, r: setattr(o, "__getattr__", lambda name: name), lambda o, r: o.missing, lambda o, r: dir(o), lambda o, r: setattr(o, "__class__", types.ModuleType), lambda o, r: repr(o), lambda o, r: o.__init__("n"), lambda o, r: exec("def f(): return x5\nf()", vars(o)))
def modules():
    return types.ModuleType("m")


def closure():
    value = 1

    def read():
        return value

    def write(new):
        nonlocal value
        value = new

    def delete():
        nonlocal value
        del value
    return read, write, delete, read.__closure__[0], read


@race(lambda o, r: o[0](), lambda o, r: o[1](r.random()), lambda o, r: o[2](), lambda o, r: setattr(o[3], "cell_contents", [r]), lambda o, r: o[3].cell_contents, lambda o, r: delattr(o[3], "cell_contents"), lambda o, r: repr(o[3]), lambda o, r: o[3] == types.CellType(1), lambda o, r: types.FunctionType(o[0].__code__, {}, closure=(types.CellType(5),))(), lambda o, r: o[1]([]), lambda o, r: setattr(o[4], "__code__", (lambda: 5).__code__))
def cells():
    return closure()


def adds(a, b=2, *, c=3):
    return a + b + c


@race(lambda o, r: o(1), lambda o, r: o(1, c=5), lambda o, r: setattr(o, "__code__", r.choice([adds.__code__, (lambda a, b=1, *, c=2: [a, b, c]).__code__, (lambda *a, **k: (a, k)).__code__, (lambda: 0).__code__])), lambda o, r: setattr(o, "__defaults__", r.choice([None, (1,), (1, 2), (1, 2, 3)])), lambda o, r: setattr(o, "__kwdefaults__", r.choice([None, {"c": 1}, {}])), lambda o, r: o.__kwdefaults__.clear(), lambda o, r: o.__code__.replace(co_name="x"), lambda o, r: setattr(o, "__annotations__", {"a": int}), lambda o, r: o.__annotations__, lambda o, r: setattr(o, "__type_params__", ()),
      lambda o, r: setattr(o, "x", 1), lambda o, r: o.__dict__.clear(), lambda o, r: setattr(o, "__name__", "n"), lambda o, r: o.__get__(1)(2), lambda o, r: list(o.__code__.co_lines()), lambda o, r: functools.partial(o, 1)(), lambda o, r: setattr(o, "__doc__", "x"), lambda o, r: o(*[1, 2]), lambda o, r: o(**{"a": 1}))
def functions():
    return types.FunctionType(adds.__code__, globals(), "f", (2,), None)


def with_frame(work, depth=3):
    first, second = [1], {"k": 2}
    third = depth
    if depth:
        return with_frame(work, depth - 1)
    work()
    return first, second, third


def look_at_others(o, r):
    for frame in list(sys._current_frames().values()):
        for _ in range(10):
            if frame is None:
                break
            dict(frame.f_locals)
            frame.f_lineno, frame.f_lasti, frame.f_code, frame.f_globals, frame.f_trace
            frame = frame.f_back


def change_others(o, r):
    for frame in list(sys._current_frames().values()):
        while frame is not None:
            if frame.f_code is with_frame.__code__:
                names = frame.f_locals
                names["third"] = r.random()
                names["first"] = [r.random()]
                names["new%d" % r.randrange(5)] = 1
                list(names.items())
                repr(names)
            frame = frame.f_back


@race(lambda o, r: with_frame(lambda: o.append(sys._getframe(r.randrange(4)))), lambda o, r: with_frame(lambda: look_at_others(o, r)), lambda o, r: with_frame(lambda: change_others(o, r)), lambda o, r: o.pop().clear(), lambda o, r: o[0].f_locals.update(first=2), lambda o, r: o[-1].f_back.f_locals, lambda o, r: o.clear(), lambda o, r: dict(o[0].f_locals), lambda o, r: setattr(o[0], "f_trace", lambda *a: None), lambda o, r: o[0].f_lineno, lambda o, r: setattr(o[0], "f_lineno", 5), lambda o, r: with_frame(lambda: locals()), lambda o, r: sys._current_exceptions())
def frames():
    return []


def fail(depth=5):
    if depth:
        fail(depth - 1)
    raise ValueError


def raise_shared(o, r):
    try:
        raise o[0]
    except Exception:
        try:
            raise o[1] from o[0]
        except Exception as error:
            o[2] = error.__traceback__


@race(raise_shared, lambda o, r: setattr(o[0], "__traceback__", r.choice([None, o[2]])), lambda o, r: setattr(o[0], "__context__", r.choice([None, o[1]])), lambda o, r: setattr(o[1], "__cause__", r.choice([None, o[0]])), lambda o, r: o[0].with_traceback(None), lambda o, r: o[0].add_note("n"), lambda o, r: setattr(o[0], "args", (1, 2)), lambda o, r: str(o[0]), lambda o, r: repr(o[1]), lambda o, r: o[0].__setstate__({"x": 1}), lambda o, r: setattr(o[2], "tb_next", None), lambda o, r: o[2].tb_frame.f_locals, lambda o, r: o[0].__reduce__(), lambda o, r: fail(), lambda o, r: ExceptionGroup("g", [o[0], o[1]]).split(ValueError), lambda o, r: o[0].__init__(5),
      lambda o, r: __import__("traceback").format_exception(o[1]) if r.randrange(20) == 0 else 0, lambda o, r: vars(o[0]).clear())
def exceptions():
    return [ValueError(1), OSError(2, "x"), None]


def traced(frame, event, argument):
    return traced


def worked(count=30):
    total = 0
    for index in range(count):
        total += len([index])
    return total


@race(lambda o, r: sys.settrace(r.choice([None, traced])), lambda o, r: sys.setprofile(r.choice([None, lambda *a: None])), lambda o, r: threading.settrace_all_threads(r.choice([None, traced])), lambda o, r: threading.setprofile_all_threads(r.choice([None, lambda *a: None])), lambda o, r: worked(), lambda o, r: worked(), lambda o, r: o[0](o), lambda o, r: sys._getframe().__setattr__("f_trace_opcodes", True), lambda o, r: fail(1))
def trace_functions():
    return [lambda o: worked(5)]


MONITORING = sys.monitoring


def use_tool(o, r):
    tool = r.randrange(6)
    try:
        MONITORING.use_tool_id(tool, "t")
    except ValueError:
        if r.randrange(4) == 0:
            MONITORING.free_tool_id(tool)


def set_callback(o, r):
    event = r.randrange(18)
    # Only events of instructions can be disabled; for others that is an error wherever they happen, in this program's own lines, too.
    callbacks = [None, lambda *a: None] + [lambda *a: MONITORING.DISABLE] * (event < 11)
    MONITORING.register_callback(r.randrange(6), 1 << event, r.choice(callbacks))


@race(use_tool, lambda o, r: MONITORING.set_events(r.randrange(6), r.randrange(1 << 18)), lambda o, r: MONITORING.set_local_events(r.randrange(6), worked.__code__, r.randrange(1 << 11)), set_callback, lambda o, r: MONITORING.restart_events(), lambda o, r: worked(), lambda o, r: worked(), lambda o, r: fail(1), lambda o, r: list(x for x in range(3)), lambda o, r: MONITORING.get_events(r.randrange(6)))
def monitoring():
    return None


@race(lambda o, r: gc.collect(), lambda o, r: gc.get_objects()[:5], lambda o, r: gc.get_referrers(o), lambda o, r: gc.get_referents(o), lambda o, r: gc.freeze(), lambda o, r: gc.unfreeze(), lambda o, r: o.append(weakref.ref(Base(), lambda ref: o.clear())), lambda o, r: o.append(type("T", (), {"__del__": lambda self: o.append(self)})()), lambda o, r: o.clear() if len(o) > 300 else 0, lambda o, r: gc.get_stats(), lambda o, r: gc.callbacks.append(lambda *a: None) if len(gc.callbacks) < 3 else gc.callbacks.pop(), lambda o, r: gc.is_tracked(o), lambda o, r: sys.getrefcount(o) if r.randrange(9) == 0 else 0, lambda o, r: [[] for _ in range(2000)], lambda o, r: gc.set_threshold(r.randrange(1, 2000)))
def collections():
    return []


@race(lambda o, r: threading.Thread(target=worked).start(), lambda o, r: threading.Thread(target=lambda: o.append(1), daemon=True).start(), lambda o, r: [t.join(0.01) for t in threading.enumerate() if t is not threading.current_thread() and r.randrange(9) == 0], lambda o, r: threading.Timer(0.001, worked).start(), lambda o, r: threading.active_count(), lambda o, r: o.clear(), lambda o, r: threading.Thread(target=fail).start() if r.randrange(50) == 0 else 0, lambda o, r: threading.excepthook, lambda o, r: threading.local().__dict__)
def thread_storm():
    threading.excepthook = lambda *a: None
    return []


def fork_one(o, r):
    if r.randrange(10):
        return
    child = os.fork()
    if child == 0:
        code = 3
        try:
            [[] for _ in range(500)]
            gc.collect()
            thread = threading.Thread(target=worked)
            thread.start()
            thread.join()
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0


@race(fork_one, lambda o, r: o.append(r.random()), lambda o, r: o.clear(), lambda o, r: [[] for _ in range(500)], lambda o, r: worked(), lambda o, r: threading.Thread(target=worked).start(), lambda o, r: io.StringIO().write("x"), lambda o, r: setattr(Base, "y", 1))
def forks():
    return []


@race(lambda o, r: signal.pthread_kill(r.choice(list(sys._current_frames())), signal.SIGUSR1), lambda o, r: os.kill(os.getpid(), signal.SIGUSR1), lambda o, r: worked(), lambda o, r: sorted(range(2000), key=str), lambda o, r: "a" * 5000 in "b" * 50000, lambda o, r: time.sleep(0.0001), lambda o, r: signal.signal(signal.SIGUSR1, lambda *a: None), lambda o, r: [[] for _ in range(500)], lambda o, r: signal.getsignal(signal.SIGUSR1))
def signals():
    return []


signal.signal(signal.SIGUSR1, lambda *a: None)


# Daemon threads inside natives of all kinds when the interpreter ends.
ENDINGS = """
import threading, time, sys, json, re, zlib, hashlib, sqlite3, queue, itertools, gc, os, io, random
def run(work):
    while True:
        try: work()
        except Exception: pass
lock = threading.Lock(); lock.acquire()
works = [lambda: json.loads('[' + '1,' * 5000 + '1]'), lambda: re.findall('(a+)+b', 'a' * 18), lambda: zlib.compress(bytes(200000)), lambda: hashlib.sha256(bytes(500000)),
         lambda: sorted(range(20000), key=str), lambda: sqlite3.connect(':memory:').execute('select 1').fetchall(), lambda: time.sleep(1), lambda: lock.acquire(timeout=1), lambda: queue.SimpleQueue().get(timeout=1),
         lambda: sum(itertools.count()), lambda: gc.collect(), lambda: [[] for _ in range(9999)], lambda: os.read(os.pipe()[0], 1), lambda: threading.Thread(target=int).start(), lambda: pow(3, 10 ** 5), lambda: sys.stdout.write(''), lambda: print(end=''),
         lambda: type('X', (), {})(), lambda: exec('import string'), lambda: io.TextIOWrapper(io.BytesIO()).write('x'), lambda: random.random(), lambda: str(3 ** 9999)]
chance = random.Random(int(sys.argv[1]))
for work in chance.sample(works, 6):
    threading.Thread(target=run, args=(work,), daemon=True).start()
class Last:
    def __del__(self): [[] for _ in range(99)]
keep = Last()
time.sleep(chance.random() * 0.03)
if chance.randrange(3) == 0: sys.exit(0)
"""


def end_one(o, r):
    if r.randrange(6):
        return
    result = subprocess.run([sys.executable, "-S", "-c", ENDINGS, str(r.randrange(10**6))], capture_output=True, timeout=60)
    # 120: a daemon thread that stopped for good holds the lock of standard output.
    assert result.returncode in (0, 120), (result.returncode, result.stderr[-500:])


@race(end_one, threads=2)
def endings():
    return None


if __name__ == "__main__":
    run_all()
