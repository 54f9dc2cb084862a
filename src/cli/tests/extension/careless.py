import contextvars
import os
import sys

import sloppy


class Plain:
    def name(self, *arguments, **more):
        return self


def pool():
    return (
        None, True, 3, -2, 0, 1.5, -(1 << 70), "name", "", "\ud800\u20ac", b"bytes", [1, 2], [], (1, "a"), ("k", "v"), (),
        {}, {"a": 1}, {1}, int, list, type, Plain, Plain(), object(), slice(1, 2), slice("a"), contextvars.ContextVar("variable"),
        iter([1]), ValueError, ValueError("x"), memoryview(b"abc"), len, Plain().name, compile("1+1", "x", "eval"), 2j, range(3),
        bytearray(b"abc"), NotImplemented, sys.modules, property(), (i for i in "ab"),
    )  # fmt: skip


modules = dict(sys.modules)
# Unraisable errors and dumps are not what this is about.
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
for seed in range(int(sys.argv[1])):
    sloppy.run(seed, 4000, *pool())
    sys.modules.clear()
    sys.modules.update(modules)
print("survived")
