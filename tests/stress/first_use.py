"""Threads that use parts of the library for the first time at the same moment: imports, tables that are made once, classes made on demand."""
import random
import threading

from support.crew import SEED, THREADS, run


def trees():
    import ast

    return ast.unparse(ast.parse("def f(a, *b, c=1): return [x for x in a if x]"))


def symbols():
    import symtable

    return symtable.symtable("def f(a): return lambda: a", "text", "exec").get_children()[0].get_name()


def patterns():
    import re

    return re.findall(r"(\w+)@(\w+)", "a@b, c@d")


def documents():
    import json

    return json.loads(json.dumps({"a": [1, 2.5, None, "\u20ac"]}))


def numbers():
    import decimal
    import fractions

    return str(decimal.Decimal("1.10") + 1), str(fractions.Fraction(3, 9))


def times():
    import datetime

    return datetime.datetime(2024, 2, 29, 12).isoformat(), datetime.timedelta(hours=30).days


def records():
    import collections
    import dataclasses
    import enum

    @dataclasses.dataclass(order=True)
    class Point:
        x: int
        y: int = 2

    Color = enum.Enum("Color", "RED GREEN")
    Pair = collections.namedtuple("Pair", "left right")
    return repr(Point(1)).rpartition(".")[2], Color.RED.value, Pair(1, 2).right


def bytes_of_things():
    import base64
    import hashlib
    import pickle
    import struct
    import zlib

    packed = struct.pack("<IH", 1, 2)
    return hashlib.sha256(packed).hexdigest(), zlib.crc32(packed), base64.b64encode(packed), pickle.loads(pickle.dumps([packed]))


def texts():
    import string
    import textwrap
    import unicodedata

    return string.Template("$a").substitute(a=1), textwrap.wrap("aaa bbb", 3), unicodedata.name("\u20ac"), "\u00df".casefold()


def tasks():
    import asyncio

    async def two():
        return await asyncio.gather(asyncio.sleep(0, 1), asyncio.sleep(0, 2))

    return asyncio.run(two())


def contexts():
    import contextlib
    import functools
    import itertools

    with contextlib.suppress(ValueError):
        raise ValueError
    return functools.reduce(int.__add__, itertools.accumulate([1, 2, 3]))


def types():
    import inspect
    import typing

    return str(inspect.signature(lambda a, /, b=1: a)), typing.get_type_hints(times), str(typing.Optional[int])


USES = [trees, symbols, patterns, documents, numbers, times, records, bytes_of_things, texts, tasks, contexts, types]
barrier = threading.Barrier(THREADS)
results = {}
order = USES[:]
random.Random(SEED).shuffle(order)


def work(number, _):
    try:
        for use in order:
            barrier.wait(100)
            results[use.__name__, number] = repr(use())
    except BaseException:
        barrier.abort()
        raise


run(work)
for use in USES:
    assert len({results[use.__name__, number] for number in range(THREADS)}) == 1, use
print("ok")
