# The % operator: what is put in place, what widens on the way, and what comes of errors in the middle.
class S(str):
    def __str__(self):
        return "S!"


class Loud:
    def __init__(self, text):
        self.text = text

    def __str__(self):
        print("str", ascii(self.text))
        return self.text

    def __repr__(self):
        print("repr", ascii(self.text))
        return self.text


class Number:
    def __int__(self):
        return 7

    def __index__(self):
        return 7

    def __float__(self):
        return 2.5


text = "plain"
print("%s" % text is text, "%s" % (text,) is text, type("%s" % S("x")), "%s" % S("x"), "%s" % [1, "a"], "%s" % {}, "%s" % ((1, 2),))
cases = [
    ("%s %r %a", ("\u00e9", "\u00e9", "\u00e9")), ("%s-%s", ("\u65e5", "\U0001f600")), ("\u65e5%s\u672c%d", ("a", 5)), ("\u00e9%s", "x"),
    ("%5s|%-5s|%.2s|%5.1s|", ("a", "b", "cde", "fgh")), ("%s" * 40, tuple(range(40))), ("%s", ("x" * 300,)), ("a" * 250 + "%s" + "b" * 20, "\u00fc" * 10),
    ("%d %i %u %x %o %X %#x", (1, 2, 3, 255, 8, 255, 255)), ("%d", 2**70), ("%d", True), ("%d", 2.9), ("%d", Number()), ("%x", Number()), ("%f %g %e", (1.5, Number(), 1e10)),
    ("%c%c%c", ("a", 98, "\u65e5")), ("%%", ()), ("%d%%", 5), ("100%", ()), ("%", ()), ("%s %", ("a",)), ("%y", 1), ("%s", ()), ("%s %s", ("a",)), ("", (1,)), ("", {}), ("", []),
    ("%(a)s %(b)5d|%(a)r", {"a": "x", "b": 3}), ("%(a)s", (1,)), ("%(a", {"a": 1}), ("%*d|%-*d|%.*f", (5, 1, 5, 2, 2, 3.14159)), ("%*d", ("a", 1)), ("%s %d", (Loud("x"), "y")),
    ("%r %s", (Loud("\u65e5"), Loud("b"))), ("%s%r", (None, ...)), ("%30s|", "a"), ("%-30s|", "\u65e5"), ("%s%s", (1.5, -0.0)), ("%r", 1e300), ("%5d|%-5d|%05d|%+d|% d", (1, 2, 3, 4, 5)), ("%d", "x"), ("%c", "ab"), ("%c", -1), ("%ld", 5),
]
for format, args in cases:
    try:
        print(ascii(format % args))
    except Exception as error:
        print(type(error).__name__, error)
for format, args in [
    (b"%s %b %d", (b"a", bytearray(b"b"), 5)), (b"%a %r", ("\u65e5", b"x")), (b"%s" * 100, (b"xyz",) * 100), (b"%c%c", (65, b"B")), (b"\xff%s\x80", b"\xfe"), (b"%5s|%-5s|%.1s", (b"a", b"b", b"cd")), (b"%s", "x"), (b"%x %f", (255, 1.5)),
    (b"%(a)s", {b"a": b"q"}), (b"%d", b"x"), (b"%s", memoryview(b"mv")), (b"%", ()), (b"%s", (b"a" * 400,)), (b"%c", 256),
]:
    try:
        print(format % args)
    except Exception as error:
        print(type(error).__name__, error)
for value in ([1, -5, 2**60, 1.5, 1e16, float("nan"), "a'b", "plain", "\u65e5", b"x", None, True], {"k": 1, 2: "v", (1, "t"): [0.1]}, {3, }, frozenset({"z"}), (1,), ("q", -0.0), ["a\n"]):
    print(repr(value), str(value), f"{value}", "%r" % (value,))
