# Searching, counting, splitting and replacing in text of each width, against a plain search.
import random

rnd = random.Random(7)


def plain_positions(text, needle):
    found, at = [], 0
    while at + len(needle) <= len(text):
        if text[at:at + len(needle)] == needle:
            found.append(at)
            at += len(needle)
        else:
            at += 1
    return found


def check(text, needle):
    positions = plain_positions(text, needle)
    assert text.find(needle) == (positions[0] if positions else -1), (text, needle)
    assert text.count(needle) == len(positions), (text, needle)
    assert (needle in text) == bool(positions)
    pieces, start = [], 0
    for at in positions:
        pieces.append(text[start:at])
        start = at + len(needle)
    pieces.append(text[start:])
    assert text.split(needle) == pieces, (text, needle)
    new = needle[:1] * 2
    assert text.replace(needle, new) == new.join(pieces)
    assert text.replace(needle, new, 1) == new.join([pieces[0], text[len(pieces[0]) + len(needle):]] if positions else [text])
    assert text.partition(needle)[0] == (text[:positions[0]] if positions else text)
    last = max((at for at in range(len(text)) if text[at:at + len(needle)] == needle), default=-1)
    assert text.rfind(needle) == last


cases = 0
for alphabet in ("ab", "ab\u00e9", "a\u65e5\u672c", "a\U0001f600\u65e5", "\u0100\u0200"):
    for length in (0, 1, 2, 15, 16, 17, 18, 31, 32, 33, 47, 63, 64, 65, 100, 300, 1100):
        text = "".join(rnd.choice(alphabet) for _ in range(length))
        for size in (1, 2, 3, 5, 15, 16, 17, 40):
            needles = ["".join(rnd.choice(alphabet) for _ in range(size))]
            if length >= size:
                start = rnd.randrange(length - size + 1)
                needles.append(text[start:start + size])
                needles.append(text[length - size:])
            for needle in needles:
                check(text, needle)
                if all(c < "\u0100" for c in text + needle):
                    check(text.encode("latin-1"), needle.encode("latin-1"))
                cases += 1
print(cases)
print("aaaa".count("aa"), "abababa".replace("aba", "x"), ("ab" * 40).find("abc"), "\u65e5a\u65e5a".split("\u65e5a"))
table = str.maketrans({"a": "x", "b": None, "c": "long", "d": "\u65e5", "e": 0x1f600})
for text in ("aaa", "abab", "abcab", "abd" * 3, "abea", "ab\u00e9a", "\u65e5ab", "zz", ""):
    print(ascii(text.translate(table)))
for data in ("abc", "\u00e9\u00fc", "a\u0100b", "\u65e5\u672c" * 50, "\U0001f600a" * 50, "x\u00e9\u65e5\U0001f600" * 9):
    for encoding in ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"):
        encoded = data.encode(encoding)
        assert encoded.decode(encoding) == data
        assert memoryview(encoded).tobytes().decode(encoding) == data
for text in ("a\ud800b", "\udfff", "\ud83d\ude00", "\u65e5" * 200 + "\ud800" + "a" * 5):
    for encoding in ("utf-8", "utf-16", "utf-16-be", "utf-32"):
        for errors in ("strict", "replace", "ignore", "surrogatepass", "backslashreplace"):
            try:
                print(encoding, errors, text.encode(encoding, errors)[-12:])
            except UnicodeEncodeError as error:
                print(encoding, errors, error.start, error.end, error.reason)
for data in (b"a\0\0\xd8b\0", b"\0\xdc", b"a\0b", b"\xff\xfea\0", b"\xfe\xff\0a", b"=\xd8\0\xdea\0", b"a\0" * 200 + b"\0\xd8", b""):
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"):
        for errors in ("strict", "replace", "ignore"):
            try:
                print(encoding, errors, ascii(data.decode(encoding, errors))[-20:])
            except UnicodeDecodeError as error:
                print(encoding, errors, error.start, error.end, error.reason)
