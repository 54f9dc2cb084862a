# The codecs of East Asian text: samples, errors, states, coders that go on where they stopped.
import codecs
import io

NAMES = """gb2312 gbk gb18030 hz cp949 euc_kr johab big5 cp950 big5hkscs shift_jis cp932 euc_jp shift_jis_2004 shift_jisx0213
euc_jis_2004 euc_jisx0213 iso2022_jp iso2022_jp_1 iso2022_jp_2 iso2022_jp_3 iso2022_jp_2004 iso2022_jp_ext iso2022_kr""".split()
TEXT = "Aあア漢字中文한글~\\\n\xe9か゚æ̀ツ\0\U00020b9f\0"
BYTES = [b"\xa4\xa2\xb4\xc1A", b"\x81\x40\x80", b"\x1b$B$\"\x1b(Ba\x1b$X", b"~{0!~}~~\x80", b"\x8f\xa2\xaf\x8f\x20", b"\x81\x30\x81\x30\xff", b"\xa4"]
ERRORS = "strict ignore replace xmlcharrefreplace backslashreplace namereplace".split()


def attempt(function, *args):
    try:
        return ascii(function(*args))
    except (UnicodeError, LookupError, TypeError) as error:
        return f"{type(error).__name__}: {error}"


for name in NAMES:
    print("--", name, codecs.lookup(name).name)
    for errors in ERRORS:
        print(errors, attempt(TEXT.encode, name, errors))
    for data in BYTES:
        print(*(attempt(data.decode, name, errors) for errors in ("strict", "ignore", "replace", "backslashreplace")))
    encoder = codecs.getincrementalencoder(name)("replace")
    print(*((encoder.encode(char), hex(encoder.getstate())) for char in TEXT[:9]), encoder.encode("", True))
    decoder = codecs.getincrementaldecoder(name)("replace")
    data = "漢字한中".encode(name, "replace")
    print(ascii([(decoder.decode(data[i:i + 1]), decoder.getstate()) for i in range(len(data))]), ascii(decoder.decode(b"", True)))

print("-- streams")
for name in ("shift_jis", "iso2022_jp", "euc_jis_2004"):
    raw = io.BytesIO()
    writer = codecs.getwriter(name)(raw, "replace")
    writer.write("行\nか")
    writer.writelines(["゚", "æ"])
    writer.reset() if name != "shift_jis" else None
    print(name, raw.getvalue())
    raw.seek(0)
    reader = codecs.getreader(name)(raw)
    print(ascii([reader.read(1), reader.readline(), reader.readlines()]))
with io.TextIOWrapper(io.BytesIO("a\r\n漢字\n".encode("gbk")), encoding="gbk") as text:
    print(ascii(text.readlines()))

print("-- errors")
codecs.register_error("test.bytes", lambda error: (b"<%d>" % error.start, error.end))
codecs.register_error("test.text", lambda error: ("か", error.end))
codecs.register_error("test.back", lambda error: ("?", -1))
codecs.register_error("test.far", lambda error: ("?", 100))
for errors in ("test.bytes", "test.text", "test.far", "nothing"):
    print(errors, attempt("a\u0fffb".encode, "shift_jis", errors), attempt("a\u0fffb".encode, "iso2022_jp", errors),
          attempt(b"a\xfdb".decode, "shift_jis", errors))
import _codecs_jp
import _multibytecodec
for call in (lambda: _codecs_jp.getcodec("gbk"), lambda: _codecs_jp.getcodec(3), lambda: _multibytecodec.MultibyteIncrementalEncoder()):
    try:
        call()
    except (LookupError, TypeError, AttributeError) as error:
        print(type(error).__name__, error if not isinstance(error, AttributeError) else "")
