# The registry, error handlers, and codecs that are not native.
import codecs


def attempt(function):
    try:
        return function()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


codecs.register_error("stars", lambda error: ("*" * (error.end - error.start), error.end))
print("aäö€".encode("ascii", "stars"), b"a\xff\xfeb".decode("utf-8", "stars"))
print("€ä".encode("cp1252"), b"\x80\xe4".decode("cp1252"), attempt(lambda: b"\x81".decode("cp1252")))
print("a€".encode("latin-1", "namereplace"), "a€".encode("ascii", "xmlcharrefreplace"), "\udcff".encode("utf-8", "surrogateescape"))
print(codecs.encode(b"hello", "hex"), attempt(lambda: "x".encode("hex")), attempt(lambda: "x".encode("nosuch")))
print(attempt(lambda: b"\xff".decode("utf-16")), codecs.utf_16_ex_decode(b"\xfe\xff\0a"))
print("é\t".encode("unicode_escape"), b"\\xe9\\N{EURO SIGN}".decode("unicode_escape"), "+ä-".encode("utf-7"))
print(codecs.charmap_encode("ab", "strict", {97: 65, 98: b"xyz"}), codecs.charmap_decode(b"ab", "strict", {97: "long", 98: 0x20AC}))
print(attempt(lambda: codecs.charmap_encode("ab", "strict", {97: 300})), attempt(lambda: codecs.lookup_error("nosuch")))


def search(name):
    if name == "doubling":
        return codecs.CodecInfo(lambda text, errors="strict": (text.encode() * 2, len(text)), lambda data, errors="strict": (bytes(data).decode(), len(data)), name="doubling")


codecs.register(search)
print("ab".encode("doubling"), b"cd".decode("doubling"))
codecs.unregister(search)
print(attempt(lambda: "ab".encode("doubling")))
decoder = codecs.getincrementaldecoder("utf-8")()
print([decoder.decode(bytes([byte])) for byte in "€".encode()], decoder.getstate())
