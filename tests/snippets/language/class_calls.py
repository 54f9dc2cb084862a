"""Calls of classes in all the ways that decide who makes and who initialises the instance; and of functions with tuples."""

import sys
from collections import namedtuple
from dataclasses import dataclass


def show(*values):
    print(*values)


# __new__ in Python, __init__ of object
class Point(namedtuple("Point", "x y z", defaults=[7])):
    __slots__ = ()


class Made:
    def __new__(cls, a, b=2):
        self = super().__new__(cls)
        self.a, self.b = a, b
        return self


class Other:
    def __new__(cls, kind):
        if kind == "none":
            return None
        if kind == "number":
            return 42
        if kind == "raise":
            raise ValueError("from __new__")
        if kind == "sub":
            return object.__new__(Sub)
        if kind == "fresh":
            return object.__new__(type("Fresh", (cls,), {"__init__": lambda self, kind: show("Fresh.__init__", kind)}))
        return object.__new__(cls)


class Sub(Other):
    def __init__(self, kind):
        show("Sub.__init__", kind)


def classes():
    for i in range(3):
        show(Point(i, 2), Point(i, 2, 3), Point(x=1, y=i), Point(*[i, 1]))
        show(vars(Made(i)), vars(Made(i, 3)), vars(Made(a=1)))
        for kind in ("none", "number", "plain", "sub", "fresh"):
            made = Other(kind)
            show(kind, type(made).__name__)
        try:
            Other("raise")
        except ValueError as error:
            show(repr(error), error.__traceback__.tb_next.tb_frame.f_code.co_name)
        for wrong in (lambda: Point(1), lambda: Made(), lambda: Made(1, 2, 3), lambda: Other()):
            try:
                wrong()
            except TypeError as error:
                show(error)


# native __new__, __init__ in Python
class Wrong(Exception):
    def __init__(self, code, *, note="none"):
        super().__init__(f"code {code}")
        self.code, self.note = code, note


class Late(Wrong):
    def __init__(self, code, when):
        super().__init__(code, note="late")
        self.when = when


class Words(dict):
    def __init__(self, text):
        for word in text.split():
            self[word] = len(word)


class Number(int):
    def __new__(cls, text):
        return super().__new__(cls, text, 16)

    def __init__(self, text):
        self.text = text


class Broken(int):
    def __init__(self, text):
        return 5


def natives():
    for i in range(3):
        error = Late(i, "today")
        show(repr(error), error.args, error.code, error.note, error.when)
        show(Words("a bb ccc"), Number("ff"), Number("10").text)
        for wrong in (lambda: Late(1), lambda: Words(), lambda: Broken("1"), lambda: Number("zz"), lambda: Broken("x")):
            try:
                wrong()
            except (TypeError, ValueError) as error:
                show(type(error).__name__, error)


# plain classes: cells, defaults, keywords
def closure():
    scale = 10

    class Scaled:
        def __init__(self, value, factor=1, *rest, key=None, **more):
            self.all = value * scale * factor, rest, key, more

    class Deeper(Scaled):
        def __init__(self, value, /, factor=2, *, key="deep"):
            super().__init__(value, factor, key=key)
            self.own = __class__.__name__

    return Scaled, Deeper


@dataclass(frozen=True, order=True)
class Version:
    major: int
    minor: int = 0
    names: tuple = ()


@dataclass
class Order:
    number: int
    price: float = 1.5
    lines: list = None


def plain():
    Scaled, Deeper = closure()
    for i in range(3):
        show(Scaled(i).all, Scaled(i, 2, 3, 4, key=5, more=6).all, Scaled(factor=3, value=i).all)
        show(Deeper(i).all, Deeper(i, 3).all, Deeper(i, key=1).all, Deeper(i, factor=5).own)
        show(Version(i), Version(1, minor=i), Version(names=(1,), major=i), Version(i, 2) < Version(i, 3))
        show(Order(i), Order(i, lines=[1]), Order(price=2.5, number=i))
        for wrong in (
            lambda: Scaled(),
            lambda: Scaled(1, value=2),
            lambda: Deeper(value=1),
            lambda: Deeper(1, 2, 3),
            lambda: Deeper(1, other=2),
            lambda: Order(1, number=2),
            lambda: Order(lines=1),
        ):
            try:
                wrong()
            except TypeError as error:
                show(error)
        try:
            Version(1).major = 2
        except AttributeError as error:
            show(type(error).__name__, error)


# f(*args, **keywords)
def some(a, b=2, *rest, key="k", **more):
    return a, b, rest, key, more


def two(a, b):
    return a + b


class Holder:
    def method(self, *args, key=0, **more):
        return args, key, more

    def pair(self, a, b="default"):
        return a, b


def tuples():
    holder, empty = Holder(), {}
    for i in range(3):
        for args in ((i,), (i, 1), (i, 1, 2), tuple(range(20))):
            show(some(*args), some(*args, **empty), some(*args, key=1), some(*args, **{"key": 2, "z": 3}))
            show(holder.method(*args), holder.method(*args, **empty), holder.method(*args, x=1))
        show(two(*(i, 2)), two(*[i, 2]), holder.pair(*(i,)), holder.pair(*(i, i), **empty), (lambda *a: a)(*(1, 2)))
        for wrong in (lambda: two(*(1,)), lambda: two(*(1, 2, 3)), lambda: holder.pair(*()), lambda: some(*())):
            try:
                wrong()
            except TypeError as error:
                show(error)


# slot wrappers and `__new__` of natives, taken from their classes
def wrappers():
    class Frozen:
        __slots__ = ("x", "y")

        def __init__(self, x, y):
            object.__setattr__(self, "x", x)
            object.__setattr__(self, "y", y)

    for i in range(3):
        frozen = Frozen(i, 2)
        show(frozen.x, frozen.y, object.__getattribute__(frozen, "x"), int.__add__(i, 2), list.__len__([1, 2]))
        show(tuple.__new__(Point, (1, 2, i)), int.__new__(int, "12"), object.__new__(Frozen).__class__.__name__)
        new = tuple.__new__
        show(new(Point, [3, 4, i]), new(tuple, "ab"))
        for wrong in (
            lambda: object.__setattr__(frozen, "z", 1),
            lambda: object.__setattr__(frozen, "x"),
            lambda: int.__add__("a", 1),
            lambda: int.__add__(),
            lambda: new(list, ()),
            lambda: new(),
            lambda: new(5),
            lambda: object.__new__(int),
        ):
            try:
                wrong()
            except (TypeError, AttributeError) as error:
                show(type(error).__name__, error)


def recursion():
    class Endless:
        def __new__(cls, depth):
            return cls(depth + 1)

    class Endless2:
        def __init__(self, depth):
            self.next = Endless2(depth + 1)

    for kind in (Endless, Endless2):
        try:
            kind(0)
        except RecursionError as error:
            show(type(error).__name__)


def profile():
    calls = []
    sys.setprofile(lambda frame, event, arg: calls.append((event, frame.f_code.co_name)) if event == "call" else None)
    Point(1, 2)
    Made(1)
    two(*(1, 2))
    Late(1, 2)
    sys.setprofile(None)
    show(calls)


for part in (classes, natives, plain, tuples, wrappers, recursion, profile):
    show("--", part.__name__)
    part()
