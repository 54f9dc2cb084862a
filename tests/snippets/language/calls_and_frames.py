# Binding errors, recursion, frames, tracebacks, closures.
import sys


def message(function, *args, **kwargs):
    try:
        function(*args, **kwargs)
    except TypeError as error:
        return str(error)


def plain(a, b): pass
def defaults(a, b=1, *, c, d=2): pass
def only(a, /, b, *, index): pass
def none(): pass


print(message(plain))
print(message(plain, 1))
print(message(plain, 1, 2, 3))
print(message(plain, 1, 2, b=3))
print(message(plain, 1, x=2))
print(message(defaults, 1))
print(message(defaults, 1, 2, 3, c=4))
print(message(defaults, 1, 2, 3, c=4, d=5))
print(message(defaults, c=1))
print(message(only, 1, 2, indx=3))
print(message(only, a=1, b=2, index=3))
print(message(only, 1, index=3))
print(message(none, 1))
print(message(lambda *, a, b, c: 0))
print(message(lambda: plain(*5)))
print(message(lambda: plain(1, *5)))
print(message(lambda: plain(**5)))
print(message(lambda: plain(**{1: 2})))
print(message(plain, **{"a": 1}, **{"b": 2, "c": 3}))
print(eval("1 + x", {"x": 2}), (lambda: locals())())
print(message(lambda: plain(**{"a": 1}, **{"a": 2})))


class Methods:
    def method(self, a): pass
    @classmethod
    def of_class(cls, a): pass
    @staticmethod
    def static(a): pass
    def __call__(self, a, b=2): return (a, b)


print(message(Methods().method))
print(message(Methods.method))
print(message(Methods.of_class, 1, 2))
print(message(Methods.static))
print(Methods()(1), Methods()(b=3, a=4))


def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)


sys.setrecursionlimit(200)
try:
    depth(1000)
except RecursionError as error:
    print(error)
sys.setrecursionlimit(3000)
print(depth(2000))


class Deep:
    def __getattr__(self, name):
        return getattr(self, name + "x")


try:
    Deep().a
except RecursionError as error:
    print(error)


def fail(n):
    if n == 0:
        raise ValueError("bottom")
    fail(n - 1)


try:
    fail(3)
except ValueError as error:
    entry = error.__traceback__
    while entry:
        print(entry.tb_lineno, entry.tb_frame.f_code.co_name, entry.tb_frame.f_locals.get("n"))
        entry = entry.tb_next


def watched(a):
    b = a + 1

    def change():
        frame = sys._getframe(1)
        frame.f_locals["b"] = 42
        frame.f_locals["extra"] = 1
        return frame

    frame = change()
    return b, frame


value, frame = watched(1)
print(value, frame.f_locals["b"], "extra" in frame.f_locals, frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno)
frame.clear()
print(list(frame.f_locals))


def swap(a, b):
    a, b = b, a
    (c, *d), e = [a, b, 3], b
    return a, b, c, d, e


print(swap(1, 2))
print([f() for f in [lambda i=i: i for i in range(3)]])


def counter():
    count = 0

    def step(by=1):
        nonlocal count
        count += by
        return count

    return step


c = counter()
print(c(), c(5), c())


def context():
    try:
        raise KeyError(1)
    except KeyError:
        try:
            raise ValueError(2)
        except ValueError as error:
            return error


error = context()
print(repr(error), repr(error.__context__), error.__context__.__context__, sys.exc_info())


def finally_order():
    for i in range(3):
        try:
            if i == 1:
                continue
            if i == 2:
                break
            print("body", i)
        finally:
            print("finally", i)
    return "end"


print(finally_order())
