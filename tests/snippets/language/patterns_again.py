# Attribute names in class patterns are not mangled; kinds of classes come from the first base that has one; depth.
import collections
import collections.abc


class C:
    __attr = "eggs"
    _Outer__attr = "bacon"


class Outer:
    def f(self, x):
        match x:
            case C(__attr=y):
                return y


c = C()
setattr(c, "__attr", "spam")
print(Outer().f(c))


def kind(value):
    match value:
        case [*_]:
            return "sequence"
        case {}:
            return "mapping"


class Plain:
    pass


class M(Plain, collections.UserDict, collections.abc.Sequence):
    pass


class S(Plain, collections.UserList, collections.abc.Mapping):
    pass


print(kind(M()), kind(S()))

levels = 100
for pattern in ["A" + "(" * levels + ")" * levels, "{1:" * levels + "1" + "}" * levels, "[" * levels + "1" + "]" * levels]:
    compile(f"match None:\n    case {pattern}:\n        pass\n", "<string>", "exec")
print("deep patterns compile")


def lines(function, *args):
    import sys

    seen = []

    def trace(frame, event, arg):
        if frame.f_code is function.__code__:
            if event == "line":
                seen.append(frame.f_lineno - function.__code__.co_firstlineno)
            return trace

    sys.settrace(trace)
    function(*args)
    sys.settrace(None)
    return seen


def by_default(command):
    match command:
        case 1:
            return "one"
        case _:
            return "default"


print(lines(by_default, 1), lines(by_default, 2))
