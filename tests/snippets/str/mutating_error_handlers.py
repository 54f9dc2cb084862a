"""Error handlers of decoders that change the exception's object."""
import codecs


def replacing(exc):
    exc.object = 42
    return ("x", 0)


def deleting(exc):
    del exc.object
    return ("x", 1)


def shortening(exc):
    exc.object = b""
    return ("y", 0)


codecs.register_error("test.replacing", replacing)
codecs.register_error("test.deleting", deleting)
codecs.register_error("test.shortening", shortening)
DATA = [
    ("ascii", b"\xff"),
    ("utf-7", b"++"),
    ("utf-8", b"\xff"),
    ("utf-16", b"\xff"),
    ("utf-32", b"\xff"),
    ("unicode-escape", b"\\u123g"),
    ("raw-unicode-escape", b"\\u123g"),
]
for encoding, data in DATA:
    for handler in ("test.replacing", "test.deleting", "test.shortening"):
        try:
            print(encoding, handler, repr(data.decode(encoding, handler)))
        except Exception as error:
            print(encoding, handler, type(error).__name__, error)
