"""What handlers of encoding errors may give to codecs of several bytes a unit; handlers that put other data in place."""
import codecs
import warnings

given = None
codecs.register_error("given", lambda error: (given, error.end))
for encoding in "utf-8", "utf-16le", "utf-16be", "utf-16", "utf-32le", "utf-32be", "utf-32", "ascii", "latin-1", "cp1252":
    for given in "abc", "", "é", "\U0001f40d", b"a", b"ab", b"abc", b"abcd", b"abcde", b"", bytes(8):
        try:
            print(encoding, repr(given), "[\udc80]".encode(encoding, "given"))
        except UnicodeEncodeError as error:
            print(encoding, repr(given), error)

replacements = {rb"\x0": (b"\\", 0), rb"\x3": (b"xxx\\", 3), rb"\x5": (b"x\\", 1), rb"\x7": (b"x" * 50 + rb"\z", 50)}


def replacing(error):
    data, position = replacements[error.object[:error.end]]
    error.object = data + error.object[error.end:]
    return "\u0404", position


codecs.register_error("replacing", replacing)
warnings.simplefilter("always")
for data in rb"\x0n\z", rb"\x0n\501", rb"\x0z", rb"\x3n\zr", rb"\x3z5", rb"\x5z", rb"\x7":
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        print(data, codecs.unicode_escape_decode(data, "replacing"), [str(warning.message) for warning in caught])
print(codecs.unicode_escape_decode(b"ab\\x0", None, False), codecs.unicode_escape_decode(b"ab\\n", None, False))

array = bytearray(b",")


def clearing():
    array.clear()
    yield b"a"
    yield b"b"


try:
    array.join(clearing())
except BufferError as error:
    print(error)
print(array.join([b"a", b"b"]), array.join((b"a", bytearray(b"b"))))
