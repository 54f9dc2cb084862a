"""Natives that call functions and special methods of programs, the short ways and those that are none."""
import functools
import operator
import sys
import types


def show(label, function):
    try:
        print(label, function())
    except RecursionError as error:
        print(label, "RecursionError")
    except Exception as error:
        print(label, type(error).__name__, error)


numbers = [3, 0, 1, 2]

# How many arguments fit.
show("one", lambda: list(map(lambda a: a + 1, numbers)))
show("two", lambda: list(map(lambda a, b: (a, b), numbers, "abcd")))
show("three", lambda: list(map(lambda a, b, c: (c, b, a), numbers, "abcd", "wxyz")))
show("five", lambda: list(map(lambda a, b, c, d, e: (e, d, c, b, a), *[numbers] * 5)))
show("default", lambda: list(map(lambda a, b=7: (a, b), numbers)))
show("defaults alone", lambda: functools.partial(lambda a=1, b=2: (a, b))())
show("star", lambda: list(map(lambda *a: a, numbers)))
show("keyword only", lambda: list(map(lambda a, *, b=5: (a, b), numbers)))
show("too many", lambda: list(map(lambda: 1, numbers)))
show("too few", lambda: list(map(lambda a, b: 1, numbers)))
show("missing keyword", lambda: list(map(lambda a, *, b: 1, numbers)))


def outer(step):
    def add(a):
        return a + step

    return list(map(add, numbers)), sorted(numbers, key=lambda a: -a * step)


show("closures", lambda: outer(10))
show("generator function", lambda: [list(each) for each in map(lambda a: (b for b in range(a)), numbers)])

# Callables of other kinds.
for kind in (bool, int, float, str, type, len, abs, repr, tuple, complex):
    show(kind.__name__, lambda: list(map(kind, numbers)))
    show(kind.__name__, lambda: list(map(kind, ["1", "", "23"])))


class Truth:
    def __init__(self, answer):
        self.answer = answer

    def __bool__(self):
        return self.answer


show("bool", lambda: list(map(bool, [Truth(True), Truth(False), [], [0], None, 0.0, 2.5])))
show("bool", lambda: list(map(bool, [Truth(1)])))
show("int of bools", lambda: [type(number).__name__ for number in map(int, [True, False])])
show("unbound", lambda: list(map(str.upper, ["a", "bc"])))
show("unbound", lambda: list(map(str.upper, ["a", 1])))


class Text(str):
    def upper(self):
        return "own"


show("unbound of a subclass", lambda: list(map(str.upper, [Text("a")])))


class Bound:
    def one(self, a):
        return self.__class__.__name__, a

    def two(self, a, b):
        return a, b

    def three(self, a, b, c):
        return a, b, c

    @classmethod
    def of_class(cls, a):
        return cls.__name__, a

    @staticmethod
    def of_none(a):
        return a

    def __call__(self, a=0):
        return "called", a


bound = Bound()
for method in (bound.one, bound.of_class, bound.of_none, bound):
    show("bound", lambda: list(map(method, numbers)))
show("bound", lambda: list(map(bound.two, numbers, numbers)))
show("bound", lambda: list(map(bound.three, numbers, numbers, numbers)))
show("bound", lambda: list(map(bound.two, numbers)))
show("bound to a bound one", lambda: list(map(types.MethodType(bound.two, "first"), numbers)))
show("bound to a native", lambda: list(map(types.MethodType(operator.add, 5), numbers)))
show("bound to nothing", lambda: list(map(types.MethodType(len, "abc"), numbers)))
for value in (5, 5.5, None, "text", numbers):
    show("no function", lambda: list(map(value, numbers)))


# partial
def many(*args, **keywords):
    return args, keywords


for own in range(6):
    partial = functools.partial(many, *range(own))
    show("partial", lambda: partial())
    show("partial", lambda: list(map(partial, numbers)))
    show("partial", lambda: partial(1, 2, 3))
    show("partial", lambda: partial(1, key=2))
show("partial", lambda: functools.partial(many, 1, key=2)(3))
show("partial", lambda: functools.partial(functools.partial(many, 1), 2)(3))
show("partial", lambda: functools.partial(many, functools.Placeholder, 2)(1))
show("partial", lambda: functools.partial(many, functools.Placeholder, 2)())


# Special methods that are functions and that are not.
class Callable:
    def __init__(self, answer):
        self.answer = answer

    def __call__(self, *args):
        print("asked with", len(args))
        return self.answer


class Descriptor:
    def __init__(self, answer):
        self.answer = answer

    def __get__(self, instance, owner):
        print("fetched of", owner.__name__)
        return lambda *args: self.answer


def makers():
    yield "function", lambda answer: lambda self, *args: answer
    yield "static", lambda answer: staticmethod(lambda *args: answer)
    yield "class", lambda answer: classmethod(lambda cls, *args: answer)
    yield "callable", Callable
    yield "descriptor", Descriptor
    yield "wrong", lambda answer: lambda: answer
    yield "none", lambda answer: None


for label, make in makers():
    members = {"__len__": 3, "__bool__": False, "__hash__": 77, "__contains__": 1, "__index__": 2, "__add__": "sum", "__getitem__": "item",
               "__eq__": "equal", "__lt__": True, "__neg__": "negative", "__str__": "text", "__iter__": iter("ab")}
    kind = type("Kind", (), {name: make(answer) for name, answer in members.items()})
    thing = kind()
    print("--", label)
    show("len", lambda: len(thing))
    if label != "none":
        show("bool", lambda: bool(thing))
    show("hash", lambda: hash(thing))
    show("key", lambda: len({thing: 1}))
    show("in", lambda: 5 in thing)
    show("index", lambda: numbers[thing])
    show("add", lambda: thing + 1)
    show("item", lambda: thing[4])
    show("eq", lambda: thing == 4)
    show("lt", lambda: sorted([thing, thing]) and "sorted")
    show("neg", lambda: -thing)
    show("str", lambda: str(thing))
    show("iter", lambda: list(thing))
    show("pow", lambda: pow(thing, 2, 3))


class Power:
    def __pow__(self, *args):
        return args

    def __hash__(self):
        return "no number"

    def __next__(self):
        raise StopIteration(5)


show("pow", lambda: (pow(Power(), 2), pow(Power(), 2, 3)))
show("hash", lambda: {Power()})
show("next", lambda: next(Power()))


# Generators that natives ask.
def count(end, result=None):
    for number in range(end):
        yield number
    return result


show("list", lambda: list(count(4)))
show("sum", lambda: sum(count(4, "result")))
generator = count(1, "result")
show("next", lambda: next(generator))
show("next", lambda: next(generator))
show("next", lambda: next(generator))
show("default", lambda: next(count(0, "result"), "default"))
show("method", lambda: count(0, "result").__next__())


def itself():
    yield next(running)


running = itself()
show("running", lambda: list(running))


def failing():
    yield 1
    raise KeyError("inside")


def stopping():
    yield 1
    raise StopIteration


def nested(depth):
    if depth:
        yield from map(lambda a: a + 1, nested(depth - 1))
    yield 0


for make in (failing, stopping):
    show("raises", lambda: list(make()))
    show("raises", lambda: sum(make()))
show("nested", lambda: list(nested(8)))
first, second = count(2)
print(first, second)
show("unpacked", lambda: (lambda a, b: 0)(*count(3)))


# Depth
def deep(number):
    return list(map(deep, [number + 1]))


def sorts(number):
    return max([number], key=sorts)


class Hashes:
    def __hash__(self):
        return hash(self)

    def __bool__(self):
        return bool(self)


show("deep", lambda: deep(0))
show("deep", lambda: sorts(0))
show("deep", lambda: hash(Hashes()))
show("deep", lambda: bool(Hashes()))
again = functools.partial(lambda: again())
show("deep", again)


def yields():
    yield next(yields())


show("deep", lambda: next(yields()))
method = len
for _ in range(30000):
    method = types.MethodType(method, 1)
show("deep", lambda: list(map(method, [1])))
del method
print(sys.getrecursionlimit())
