"""Arguments of a call in progress survive Python code that runs while the call is being made (finalizers, weak callbacks).

A bound method puts its receiver in front of the arguments, `f(*args)` lays them above the caller's window: both reach beyond the
registers that the caller's code owns.
"""
import weakref


class Dying:
    """Garbage in a cycle whose finalizer calls with many registers."""

    def __init__(self):
        self.me = self
        weakref.finalize(self, len, "abc")

    def __del__(self):
        a, b, c, d, e, f, g, h = [sorted((3, 1, 2))] * 8
        assert (a, b, c, d, e, f, g, h) == tuple([[1, 2, 3]] * 8)


class Receiver:
    def method(self, first, second=None, *rest, **named):
        Dying()
        return first, second, rest, named


def tight():
    return method({})


def tight_pair(pair):
    return method(*pair)


def spread(*args, **named):
    return args, named


class Key(str):
    def __hash__(self):
        Dying()
        return str.__hash__(self)

    def __eq__(self, other):
        return str.__eq__(self, other)


method = Receiver().method
many = tuple(range(60))
keys = {Key(f"k{index}"): index for index in range(20)}
for turn in range(3000):
    Dying()
    for _ in range(5):
        assert tight() == ({}, None, (), {})
    assert tight_pair((1, 2)) == (1, 2, (), {})
    assert method(turn) == (turn, None, (), {})
    assert method(turn, 5, 6, key=7) == (turn, 5, (6,), {"key": 7})
    assert spread(*many) == (many, {})
    if turn % 20 == 0:
        args, named = spread(*many, **keys)
        assert args == many and list(named.values()) == list(range(20))
print("ok")
