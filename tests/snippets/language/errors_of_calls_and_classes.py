# Words and kinds of errors around calls, classes and sources; changes in classes that only an mro() names.
import ast
import typing
from inspect import CO_COROUTINE


def show(function, *args, **kwargs):
    try:
        print(function(*args, **kwargs))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


print(issubclass(typing.List, typing.List | typing.Tuple), issubclass(int, typing.List | typing.Tuple))
show(issubclass, 1, int | str)


def target(*args, **kwargs):
    return kwargs


show(lambda: target(**{1: 3}, **{1: 5}))
show(lambda: target(**{1: 3}, **{2: 5}))
show(lambda: target(**{1: 3}))
show(lambda: target(**{"x": 3}, **{1: 5, "x": 4}))
show(lambda: dict(**{(1,): 3}, **{(1,): 5}))

for source in (
    "yield from [1]", "f = lambda: (yield from (1, 2)), (yield from (3, 4))", "class A: yield from 1", "yield 1",
    "match ...:\n  case -0 ** 0j: pass", "match ...:\n  case {-1   **  2: 3}: pass", "match ...:\n  case -1 - 1j: pass",
):
    try:
        compile(source, "<text>", "exec")
        print("compiled")
    except SyntaxError as error:
        print(error.msg, error.lineno, error.offset, error.end_offset)

for source in (b"# coding: hex_codec\n", b"\xef\xbb\xbf#first\n#coding:iso-8859-15\nx", b"\xef\xbb\xbf#coding:iso-8859-15\r\nx", b"# coding: nope\n"):
    try:
        compile(source, "<text>", "exec")
    except SyntaxError as error:
        print(error.msg, error.lineno, error.offset, error.text)

for source in ("async for i in x:\n    a = 1", "async with x:\n    pass", "if 0:\n    async for i in x: pass", "a = 1", "def f(): pass"):
    code = compile(source, "<text>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    print(bool(code.co_flags & CO_COROUTINE))


class Plain:
    class Inner:
        pass


Inner = type("Inner", (), {"__module__": "some.where", "__qualname__": "Outer.Inner"})
for value in (Plain(), Plain.Inner(), Inner(), 1.5):
    show(lambda: "%c" % value)
    show(lambda: b"%c" % value)
show(str, 1, 2, 3, 4)
show(lambda: str(b"x", "utf-8", "ignore", encoding="ascii"))
for number in (2**32 - 1, -(2**32), 2**1000, -(2**1000)):
    show(chr, number)
show(type, "A", (), {"__doc__": "x\udcdcy"})
show(type, "A\udcdcB", (), {})
show(setattr, Plain, "__name__", "A\udcdcB")
Plain.__doc__ = "\udcdc"
print(ascii(Plain.__doc__), Plain.__name__)


class WithNew(set):
    def __new__(cls, iterable, extra=None):
        return super().__new__(cls, iterable)


show(WithNew, [1], extra=3)


class Base:
    value = 1


class Meta(type):
    def mro(cls):
        return (cls, Base, object)


class Strange(metaclass=Meta):
    pass


def read():
    return Strange.value


print(read(), read(), Base.__subclasses__(), Strange.__bases__)
Base.value = 2
print(read(), Strange.value)
Base.other = 3
print(Strange.other)
del Base.other
print(hasattr(Strange, "other"))


class Vanishing(type):
    def mro(cls):
        del Vanishing.mro
        return (Base,)


show(Vanishing, "Name", (), {})

one, other = [], []


class Clearing:
    def __init__(self, victim):
        self.victim = victim

    def __eq__(self, operand):
        self.victim.clear()
        return NotImplemented


one.append(Clearing(other))
other.append(Clearing(one))
print(one == other)
one.append(Clearing(other))
other.append(Clearing(one))
show(lambda: one < other)


class Emptying:
    def __repr__(self):
        arguments.clear()
        return "x"


arguments = [Emptying(), 1]
show(lambda: repr(type(list[int])(int, arguments)))
