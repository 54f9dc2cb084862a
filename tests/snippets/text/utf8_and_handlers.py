# UTF-8 of every kind of text and of what is none, the error handlers of encoders, escapes, title case and searches.
import io, json, pickle

good = ["", "a", "é", "日", "😀", "abc", "café", "日本語", "a😀b", "\x7f\x80", "\u07ff\u0800", "\ud7ff\ue000\uffff", "\U00010000\U0010ffff",
        "é" * 200, "日" * 200, "x" * 500 + "é", "x" * 500 + "日", "日" * 100 + "😀"]
for text in good:
    data = text.encode()
    assert data.decode() == text and str(data, "utf-8") == text, text
    assert bytearray(data).decode("utf-8", "replace") == text
    assert pickle.loads(pickle.dumps(text)) == text and json.loads(json.dumps(text, ensure_ascii=False)) == text
    assert io.TextIOWrapper(io.BytesIO(data), "utf-8", newline="").read() == text
    assert [data.decode().encode("utf-16-le"), len(data.decode())] == [text.encode("utf-16-le"), len(text)]

bad = [b"\x80", b"\xbf\xbf", b"\xc0\x80", b"\xc1\xbf", b"\xc3", b"a\xc3", b"\xc3\x28", b"\xe0\x80\x80", b"\xe0\x9f\xbf", b"\xe6\x97", b"\xe6\x28\xa5",
       b"\xe6\x97\x28", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf0\x80\x80\x80", b"\xf0\x8f\xbf\xbf", b"\xf0\x9f\x98", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80",
       b"\xff", b"\xfe\xff", b"ok \xe6\x97\xa5 \xff end", "日本".encode() + b"\xe6"]
for data in bad:
    for errors in ("strict", "ignore", "replace", "backslashreplace", "surrogateescape", "surrogatepass"):
        try:
            print(data, errors, ascii(data.decode("utf-8", errors)))
        except UnicodeDecodeError as error:
            print(data, errors, error)

texts = ["日本", "aéb", "é", "x😀y\ud800z", "\udc80\udcff", "日" * 3 + "a" + "é" * 2 + "\x00"]
for text in texts:
    for codec in ("ascii", "latin-1", "utf-8", "cp1252", "cp037"):
        for errors in ("strict", "ignore", "replace", "backslashreplace", "xmlcharrefreplace", "namereplace", "surrogateescape"):
            try:
                print(codec, errors, text.encode(codec, errors))
            except UnicodeEncodeError as error:
                print(codec, errors, error)

for text in texts + ["tab\t\x07\x7f\x80\xa0\xad'\"", "\u200b\ue000\U000e0001"]:
    print(ascii(text), ascii([text]), text.encode("unicode_escape"), text.encode("raw_unicode_escape"))
    print(json.dumps(text), ascii(json.dumps(text, ensure_ascii=False)))

for text in ["hello wORLD", "éCOLE ÉTÉ", "ǆ ǅx ŉa", "ΑΣ ΣΑΣ aΣ Σ", "日本a bC日d", "ﬁx ﬀ", "o'neil 3rd x-ray", "ß ẞ", "a\u0301b", "\U00010400\U00010428"]:
    print(*(ascii(word) for word in (text.title(), text.capitalize(), text.swapcase(), text.lower())))
crc = 0
for code in (*range(0x2200), *range(0xa640, 0xac00), *range(0x10400, 0x10500), *range(0x1e900, 0x1e950)):
    one = "a" + chr(code) + "b"
    crc = (crc * 31 + sum(map(ord, one.title())) * 7 + len(one.title())) & 0xffffffff
print(crc)

table = str.maketrans({"a": "1", "b": None, "c": "long", "é": "e", "d": "日", "e": "", "f": 0x1f600})
for text in ["abc", "xyz", "aébcdef" * 3, "日abc", "cccc", "", "ab" * 100 + "c" + "ab" * 100]:
    print(ascii(text.translate(table)))
class Counting(dict):
    def __missing__(self, key):
        if key == ord("z"):
            raise LookupError
        return "<%c>" % key
print("hello zoo é".translate(Counting()))

for size in (10, 1000, 1023, 1024, 1025, 1030, 3000):
    for place in (0, size // 2, max(size - 3, 0)):
        text = "." * place + "abc" + "." * (size - place)
        assert text.find("abc") == place and text.index("bc.") == place + 1 and "abd" not in text and text.count("abc") == 1
        assert text.encode().find(b"abc") == place and b"cba" not in text.encode()
for text in ("日" * 100 + "x", "a" * 100 + "日", "😀" + "a" * 100, "é" * 70 + "😀", "日" + "a" * 60):
    print(*(len(text[cut:].encode("utf-16-le")) + len(text[:-cut].encode("utf-32-le")) for cut in (1, 2, 31, 32, 33, 64)))
