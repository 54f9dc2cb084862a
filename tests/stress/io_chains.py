"""Files over files over files: whatever is asked of them takes seconds, or is a RecursionError, however many there are."""
import io
import time

DEPTH = 700
PATIENCE = 100
KINDS = {
    "text": (io.TextIOWrapper, "a"), "reader": (io.BufferedReader, b"a"), "writer": (io.BufferedWriter, b"a"), "random": (io.BufferedRandom, b"a"),
    "pair": (lambda below: io.BufferedRWPair(below, below), b"a"),
}
QUESTIONS = {
    "read": lambda file, _: file.read(), "readline": lambda file, _: file.readline(), "write": lambda file, data: file.write(data),
    "flush": lambda file, _: file.flush(), "repr": lambda file, _: repr(file), "closed": lambda file, _: file.closed, "name": lambda file, _: file.name,
    "tell": lambda file, _: file.tell(), "seek": lambda file, _: file.seek(0), "readable": lambda file, _: file.readable(),
    "fileno": lambda file, _: file.fileno(), "detach": lambda file, _: file.detach(), "close": lambda file, _: file.close(),
}


def chain(make):
    below = io.BytesIO(b"ab\ncd")
    for _ in range(DEPTH):
        below = make(below)
    return below


began = time.monotonic()
found = {}
kept = []
for kind, (make, data) in KINDS.items():
    for name, ask in QUESTIONS.items():
        file = chain(make)
        try:
            answer = ask(file, data)
        except (TypeError, AttributeError, RecursionError, OSError, ValueError) as error:
            answer = type(error).__name__
        found[kind, name] = answer
        kept.append(file)
assert found["reader", "read"] in (b"ab\ncd", "RecursionError"), found["reader", "read"]
assert found["pair", "readline"] in (b"ab\n", "RecursionError"), found["pair", "readline"]
assert found["writer", "write"] == 1 and found["text", "closed"] is False and found["random", "closed"] is False, found
for file in kept:
    try:
        file.close()
    except (TypeError, ValueError):
        # Text over text is written as bytes; detached files cannot be closed.
        pass
assert time.monotonic() - began < PATIENCE, time.monotonic() - began
print("ok")
