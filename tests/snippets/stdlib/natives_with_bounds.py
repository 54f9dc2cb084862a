"""Natives at their bounds: files over files, long data in pieces, handlers of sqlite, waiting times, JSON that nests too deep."""
import hashlib
import io
import json
import os
import select
import sqlite3
import sys


def shown(work):
    try:
        print(repr(work()))
    except Exception as error:
        print(type(error).__name__, str(error)[:70])


# Files over files ask each other's methods, also those that one object has for itself.
inner = io.BufferedReader(io.BytesIO(b"abc\ndef"))
inner.readinto = lambda buffer: "bad"
shown(lambda: io.BufferedReader(inner).read(3))
shown(lambda: io.BufferedReader(io.BufferedReader(io.BytesIO(b"abc\ndef"))).readline())
shown(lambda: io.BufferedReader(io.BufferedRWPair(io.BytesIO(b"abc\ndef"), io.BytesIO())).read1(2))


class Closing(io.BytesIO):
    asked = 0

    @property
    def closed(self):
        Closing.asked += 1
        return super().closed


below = io.TextIOWrapper(Closing())
top = io.TextIOWrapper(io.TextIOWrapper(below))
below.flush = lambda: print("flush of the object itself")
top.flush()
print(top.closed, Closing.asked > 0)
del below.flush
top.flush()
pair = io.BufferedRWPair(io.BytesIO(b"a"), io.BytesIO())
over = io.BufferedReader(pair)
pair.close()
shown(lambda: over.closed)
shown(over.read)
text = io.TextIOWrapper(io.TextIOWrapper(io.BytesIO()))
text.buffer.buffer.close()
shown(lambda: text.closed)
shown(text.flush)

# Long data.
data = bytes(70 << 20) + b"end"
for name in "md5", "sha3_256", "blake2s":
    parts = hashlib.new(name)
    parts.update(data[: 1 << 26])
    parts.update(data[1 << 26 :])
    print(name, parts.digest() == hashlib.new(name, data).digest() == getattr(hashlib, name)(data).digest())
nested = {}
for _ in range(100000):
    nested = {"a": nested}
try:
    json.dumps(nested)
except RecursionError as error:
    print("RecursionError", set(error.__notes__))
del nested

# A program's handler is asked, and no more when it is taken away.
connection = sqlite3.connect(":memory:")
count = "with recursive a(n) as (select 1 union all select n + 1 from a where n < 100000) select count(*) from a"
asked = []
connection.set_progress_handler(lambda: asked.append(1), 1000)
shown(connection.execute(count).fetchall)
print(len(asked) > 10)
connection.set_progress_handler(None, 1)
asked.clear()
shown(connection.execute(count).fetchall)
print(asked)
connection.set_progress_handler(lambda: 1, 1)
shown(lambda: connection.execute(count).fetchall())

os.closerange(1000, 2**31 - 1)
os.closerange(5, 5)
os.closerange(5, -5)
for seconds in 2**63, 1e10, -1, float("nan"):
    shown(lambda: select.select([], [], [], seconds))
sys.stdin = None
shown(input)
