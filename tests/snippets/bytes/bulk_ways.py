# bytes, memoryviews and texts by the short ways: splitting, escapes, hexadecimal digits, translation, items of views.
for data in (b"", b",", b"a", b"a,b", b",a,,b,", b"a, b", b"ab" * 20 + b"," + b"c" * 40):
    for sep in (b",", b", ", b"ab", b"\0"):
        for limit in (-1, 0, 1, 2):
            print(data.split(sep, limit), bytearray(data).split(sep, limit), data.split(bytearray(sep), limit) == data.split(sep, limit))
data = b"plain"
print(data.split(b",")[0] is data, type(bytearray(data).split(b",")[0]))
for sep in (b"", "x", None, 5):
    try:
        print(b"a b".split(sep))
    except (TypeError, ValueError) as error:
        print(type(error).__name__, error)
table = bytes.maketrans(b"abc", b"xyz")
print(b"aabbcc d".translate(table), b"aabb".translate(None, b"a"), b"aabbcc".translate(table, b"b"), b"".translate(table), bytearray(b"abc").translate(table), b"\xff\0a".translate(table))
for data in (b"", b"\0", b"\xde\xad\xbe\xef", bytes(range(256))):
    print(data.hex(), data.hex(":"), data.hex("-", 2), data.hex(" ", -3), memoryview(data).hex(), bytearray(data).hex())
for encoding in ("ascii", "latin-1", "cp1252"):
    for errors in ("backslashreplace", "xmlcharrefreplace", "replace", "ignore", "namereplace"):
        print("a\u00e9\u0100\u65e5\U0001f600\ud800z".encode(encoding, errors))
print(ascii("a\x07\u00e9\u65e5\U0001f600\ud800'\""), "\u00e9\u65e5\U0001f600\n".encode("unicode_escape"), "\u00e9\u65e5".encode("raw_unicode_escape"))
import array
for code in "bBhHiIlLqQfd":
    view = memoryview(array.array(code, [0, 1, 2, 127]))
    print(code, view.tolist(), list(view), view[1], view[-1], view[1:3].tolist(), view[::-2].tolist(), view == array.array(code, [0, 1, 2, 127]))
view = memoryview(bytes(range(24)))
print(view.cast("B", (2, 3, 4)).tolist(), view.cast("i").tolist(), view.cast("c")[3], view.cast("?")[0], view.cast("e").tolist()[:3], view.cast("P")[1])
print(str(b"abc", "utf-8"), str(b"\xe9", "latin-1"), str(b"a", "ASCII"), str(bytearray(b"x"), "utf-8"), str(b"\xff", "utf-8", "replace"), str(object="x"))
for args in ((b"\xff", "utf-8"), (b"a", "nope"), (b"a", "ut\0f"), ("a", "utf-8"), (5, "utf-8"), (b"a", None), (b"a", b"utf-8"), (b"a", "\u00e9")):
    try:
        print(str(*args))
    except Exception as error:
        print(type(error).__name__, error)
for text in ("", "a", "\u00e9", "\u65e5\u672c", "\U0001f600", "a\u00e9\u65e5\U0001f600" * 40, "abc" * 100 + "\u65e5", "\u07ff\u0800\uffff\U00010000\U0010ffff"):
    assert text.encode().decode() == text and str(text.encode(), "utf-8") == text
    print(len(text), hash(text) == hash(text.encode().decode()), ascii(text)[:30], ascii(text.upper())[:30], ascii(text.lower())[:30])
print("\u3042\u3044\u4e00\ua000\u2e80\ua640\ua63f\u24d0".upper() == "\u3042\u3044\u4e00\ua000\u2e80\ua640\ua63f\u24b6", ascii("\ua641\u2c30".upper()), ascii("\ua640\u2c00".lower()))
for value in (0.0, -0.0, 1.0, 123456.0, 1234567.0, 0.0001, 0.00001, 1e10, 1e100, 1.5, 2.675, float("nan"), float("inf"), 999999.5, 5e-324):
    print("%g %G %.3g %.10g %#g %10g|%-10g|%+g %.0g" % ((value,) * 9), f"{value:g} {value:.2g} {value:10.4g} {value:G} {value:,g}")
for number in (0, 1, -1, 255, 2**64, -2**64 + 1, 3**100, 8**50, 8**50 - 1, 2**189, 2**192):
    print(hex(number), oct(number), bin(number), f"{number:#x} {number:_b}"[-30:], "%x %o %X" % (number, number, number))
from itertools import count, islice
print(list(islice(count(5), 3)), list(islice(count(2.5, -1), 3)), list(islice(count(2**48 - 2), 4)), next(count(2**70)))
