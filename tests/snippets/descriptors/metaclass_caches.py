"""Attributes of classes with a metaclass of the program, and bound methods of native objects, in code that remembers where things are."""
import enum


class Meta(type):
    label = "meta"

    def hello(cls):
        return "hello " + cls.__name__


class A(metaclass=Meta):
    x = 1

    def method(self):
        return "method"


class B(A):
    x = 2


def look(cls):
    return cls.x, cls.__name__, cls.label, cls.hello(), cls.method(None), cls.__mro__[0] is cls


print([look(cls) for cls in (A, B, A, B)])
Meta.x = "on the metaclass, but no data descriptor"
print([look(cls) for cls in (A, B, A, B)])
Meta.x = property(lambda cls: "property of the metaclass")
print([look(cls) for cls in (A, B, A, B)])
del Meta.x
A.label = "own"
print([look(cls) for cls in (A, B, A, B)])
del A.label
Meta.__getattr__ = lambda cls, name: "hook " + name
print([look(cls) for cls in (A, B)], A.nothing)
Meta.__getattribute__ = lambda cls, name: type.__getattribute__(cls, name) if name != "x" else "all"
print([look(cls) for cls in (A, B)])
del Meta.__getattribute__
print([look(cls) for cls in (A, B)])
A.__name__ = "Renamed"
print([look(cls) for cls in (A, B)])


class Level(enum.Enum):
    LOW = 1
    HIGH = 2

    @property
    def next(self):
        return Level.HIGH if self is Level.LOW else Level.LOW


print([(level.next, Level.LOW, Level.__name__, level.name, level.value) for level in Level] * 2)


def bound(values):
    result = []
    append = result.append
    for value in values:
        append(value.__class__)
        upper = value.upper
        append(upper())
        append(upper.__self__ is value)
        append(upper.__name__)
    return result


print(bound(["a", "b"]), bound([b"c"]), bound(["d"]))


class Loud(str):
    def upper(self):
        return "LOUD"


print(bound([Loud("x"), "y", Loud("z")]))


class Node:
    def __init__(self, n):
        self.n = n


print([Node(n).__dict__ for n in range(4)])
