"""A walk through the language, the library and threads. Run it with `cargo xtask tour`."""
import sys
import threading
import time
from dataclasses import dataclass


def title(text):
    print(f"\n-- {text} --")


# ---------------------------------------------------------------------------------------------------------------------
title("who is this")
print(f"{sys.implementation.name}, speaking Python {sys.version.split()[0]}")
gil = getattr(sys, "_is_gil_enabled", lambda: True)()
print("global interpreter lock:", "yes" if gil else "no")

# ---------------------------------------------------------------------------------------------------------------------
title("the language")


@dataclass
class Point:
    x: float
    y: float

    def __add__(self, other):
        return Point(self.x + other.x, self.y + other.y)


def describe(thing):
    match thing:
        case Point(x=0, y=0):
            return "the origin"
        case Point(x=x, y=y) if x == y:
            return f"on the diagonal at {x}"
        case [first, *rest]:
            return f"a sequence: {first!r} and {len(rest)} more"
        case {"name": str(name)}:
            return f"somebody called {name}"
        case _:
            return "something else"


for thing in (Point(0, 0), Point(1, 2) + Point(2, 1), [1, 2, 3], {"name": "Ada"}, 42):
    print(f"{thing!s:24} is {describe(thing)}")


def fibonacci():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b


numbers = fibonacci()
print("generators:   ", [next(numbers) for _ in range(12)])
print("big numbers:  ", 3**200 % 10**20, (2**521 - 1).bit_length())
print("comprehension:", {word: len(word) for word in "all of it is there".split()})


class Stack[T]:
    """Type parameters, as of 3.12."""

    def __init__(self):
        self.items: list[T] = []

    def push(self, item: T) -> None:
        self.items.append(item)


stack = Stack[int]()
stack.push(3)
print("generics:     ", Stack.__type_params__, stack.items)

try:
    raise ExceptionGroup("several things", [ValueError("one"), TypeError("two")])
except* ValueError as group:
    print("except*:      ", group.exceptions)
except* TypeError as group:
    print("except*:      ", group.exceptions)

# ---------------------------------------------------------------------------------------------------------------------
title("the library")
import collections
import contextlib
import datetime
import functools
import io
import itertools
import json
import re
import textwrap

print("json:        ", json.dumps({"pi": 3.14159, "list": [1, None, True]}))
print("re:          ", re.sub(r"(\w+) (\w+)", r"\2 \1", "hello world"))
print("collections: ", collections.Counter("mississippi").most_common(2))
print("itertools:   ", list(itertools.pairwise("abcd")))
print("functools:   ", functools.reduce(lambda a, b: a * b, range(1, 20)))
print("datetime:    ", datetime.date(2026, 11, 21) - datetime.date(1991, 2, 20))
out = io.StringIO()
with contextlib.redirect_stdout(out):
    print("caught")
print("contextlib:  ", repr(out.getvalue()))
print("textwrap:    ", textwrap.shorten("a long sentence that will not fit on the line", 24))

# ---------------------------------------------------------------------------------------------------------------------
title("threads")


def count_primes(start, stop):
    found = 0
    for number in range(start, stop):
        divisor = 2
        while divisor * divisor <= number:
            if number % divisor == 0:
                break
            divisor += 1
        else:
            found += 1
    return found


# Two parts that are equally much work.
PARTS = [(2, 378_000), (378_000, 600_000)]


def timed(work):
    began = time.perf_counter()
    result = work()
    return result, time.perf_counter() - began


def one_after_the_other():
    return sum(count_primes(*part) for part in PARTS)


def side_by_side():
    results = []
    threads = [threading.Thread(target=lambda part=part: results.append(count_primes(*part))) for part in PARTS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(results)


primes, alone = timed(one_after_the_other)
same, together = timed(side_by_side)
assert primes == same
print(f"{primes} primes: {alone:.2f} s on one thread, {together:.2f} s on two ({alone / together:.1f} times as fast)")
