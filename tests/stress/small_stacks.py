"""Recursion in threads with little stack: an exception each time."""
import ast
import copy
import functools
import itertools
import json
import marshal
import pickle
import re
import sys
import threading
import types

DEPTH = 50000


def nested(make, depth=DEPTH, start=()):
    for _ in range(depth):
        start = make(start)
    return start


def methods():
    return nested(lambda inner: types.MethodType(inner, 1), start=len)


def of_itself(kind):
    made = kind.__new__(kind)
    made.__init__(made)
    return made


def partial_of_itself():
    made = functools.partial(int)
    made.__setstate__((made, (), {}, {}))
    return made


def proxies():
    return nested(types.MappingProxyType, start={1: 2})


class Asks:
    def __getattr__(self, name):
        return getattr(self, name)


def sort_key(value):
    return sorted([value], key=sort_key)


def python_recursion(depth=0):
    return python_recursion(depth + 1)


def native_recursion(depth=0):
    return max(map(native_recursion, [depth + 1]))


WORK = [
    python_recursion, native_recursion, lambda: sort_key(1), lambda: Asks().name, lambda: repr(nested(lambda inner: [inner])),
    lambda: nested(lambda inner: [inner]) == nested(lambda inner: [inner]), lambda: hash(nested(lambda inner: (inner,))),
    lambda: isinstance(1, nested(lambda inner: (inner,))), lambda: json.dumps(nested(lambda inner: [inner])),
    lambda: json.loads("[" * DEPTH), lambda: pickle.dumps(nested(lambda inner: [inner])), lambda: re.compile("(" * DEPTH + ")" * DEPTH),
    lambda: ast.parse("(" * DEPTH + ")" * DEPTH), lambda: eval("f(" * 5000 + ")" * 5000), lambda: compile("-" * DEPTH + "1", "f", "eval"),
    lambda: compile("x" + ".y" * 3000, "f", "eval"), lambda: compile("lambda:" * 190 + "1", "f", "eval"),
    lambda: compile("[" * 190 + "]" * 190, "f", "eval"), lambda: ast.literal_eval("-" * 5000 + "1"),
    lambda: copy.deepcopy(nested(lambda inner: [inner])), lambda: marshal.dumps(nested(lambda inner: [inner])),
    lambda: marshal.loads(b"[\1\0\0\0" * DEPTH), lambda: marshal.loads(b")\1" * DEPTH), lambda: methods().__name__, lambda: hash(methods()),
    lambda: methods() == methods(), lambda: methods()(), lambda: list(nested(lambda inner: map(abs, inner), start=iter([1]))),
    lambda: list(nested(itertools.chain, start=iter([1]))), lambda: repr(nested(lambda inner: functools.partial(int, inner))),
    lambda: repr(nested(slice)), lambda: repr(nested(lambda inner: types.SimpleNamespace(a=inner))),
    lambda: repr(nested(lambda inner: list[inner], start=int)), lambda: of_itself(classmethod).__isabstractmethod__,
    lambda: of_itself(staticmethod).__annotations__, lambda: of_itself(staticmethod)(), lambda: of_itself(property).__isabstractmethod__,
    lambda: partial_of_itself()(), lambda: proxies()[1], lambda: len(proxies()), lambda: list(proxies()), lambda: proxies().keys(),
]


def run(work, outcomes):
    try:
        work()
        outcomes.append(None)
    except (RecursionError, MemoryError, SyntaxError, ValueError, TypeError) as error:
        outcomes.append(type(error))


# More than any depth here: the stack is what ends them. (A million frames in Python are slow to collect.)
sys.setrecursionlimit(100000)
for size in (65536, 262144, 0):
    threading.stack_size(size)
    for number, work in enumerate(WORK):
        outcomes = []
        thread = threading.Thread(target=run, args=(work, outcomes))
        thread.start()
        thread.join()
        assert len(outcomes) == 1, (size, number)
print("ok")
