"""Methods of str on ASCII and other text, where each has a short way for ASCII."""

SPECIMENS = ["", "a", "Abc", "a<b<c", "<<<", "x" * 40 + "<" + "y" * 40, "tab\there", "it's", 'say "no"', "back\\slash", "nul\0", "é<é", "Ω<日本"]


def shown(function):
    try:
        return repr(function())
    except Exception as error:
        return f"{type(error).__name__}: {error}"


for text in SPECIMENS:
    print(repr(text), ascii(text))
    for old, new, count in [("<", "&lt;", -1), ("<", "", -1), ("<", "<", -1), ("<", "é", -1), ("<", "[", 1), ("<", "", 0), ("<<", "-", -1), ("", "-", 2), ("b<", "B", 1)]:
        print("  replace", old, new, count, shown(lambda: text.replace(old, new, count)))
    for width in (-1, 0, 3, 5, 9):
        print("  zfill", width, shown(lambda: text.zfill(width)), shown(lambda: ("-" + text).zfill(width)))
    print("  stepped", text[::-1], text[::2], text[1::-1], text[-1:0:-2], text[5:2:-1])
    for affix in ["a", "", "Abc", "c", "é", ("x", "a"), ("x", "c"), (), ("é", "Ω"), ("a", 1), (1, "a"), 1, None]:
        print("  affix", affix, shown(lambda: text.startswith(affix)), shown(lambda: text.endswith(affix)))
    print("  affix in part", text.startswith("b", 1), text.endswith("b", 0, 2), text.startswith("", 99))
    print("  split", text.split("<"), text.split("<", 1), text.split("<<"), text.split(), text.splitlines())
    print("  case", text.upper(), text.lower(), text.casefold(), text.title(), text.capitalize(), text.swapcase())
    print("  encode", text.encode(), text.encode("utf-8"), shown(lambda: text.encode("ascii")))


class Text(str):
    pass


print(type(Text("ab").replace("x", "y")), type(Text("ab").zfill(1)), type(Text("ab")[::1]), Text("ab").startswith(Text("a")))
for text in ["ΑΣ", "ΣΑ", "Σ", "ΑΣ.", "aΣb", "ß", "ŉ", "İ", "\U00010400x", "ǅ", "ﬃ", "À la carte"]:
    print(text, ascii(text.lower()), ascii(text.upper()), ascii(text.casefold()), ascii(text.title()))
for text in ["\ud800", "a\udfff", "\U0001f600\ud83d"]:
    print(shown(lambda: text.encode()), shown(lambda: text.encode("utf-8", "replace")), shown(lambda: text.encode("utf-8", "surrogatepass")))
print("\x7f\x80\u07ff\u0800\uffff\U00010000\U0010ffff".encode(), "\xff".encode(), "é".encode().decode(), b"plain".decode(), b"".decode(), b"x".decode())
print(", ".join(["a", "é", "日", "\U0001f40d", ""]), "".join("abc"), "é".join("abc"), "-".join(["one"]), shown(lambda: "".join(["a", 1])))
print(ascii([chr(code) for code in (65, 233, 0x416, 0x1F40D)]), [text for text in "aé日"])

words = ["pear", "pea", "pears", "", "\0", "a\0", "a", "zebra crossing", "zebra cross", "zebra crossings", "é", "ÿ", "éa"]
print(sorted(words), sorted(words, reverse=True))
print(sorted(words + ["日", "\U0001f40d"]), sorted(words, key=lambda word: word[::-1]))
pairs = list(zip("abcdef", [3, 1, 2, 3, 1, 2]))
print(sorted(pairs, key=lambda pair: str(pair[1])), sorted(pairs, key=lambda pair: str(pair[1]), reverse=True))
rows = [("b", 1.5), ("a", 2), ("b", 1), ("a", float("inf")), ("a",), ("b", True), ("a", (1, "x")[:1])[:1]]
print(sorted(rows), shown(lambda: sorted(rows + [("a", "x")])), sorted([(1, (2, 3)), (1, (2,)), (0, ())]))

for format in ["%s", "%d", "%s-%s", "%5d|", "%-5d|", "%05d", "%+d", "% d", "%x", "%#X", "%o", "%i", "%u", "%.2f", "%8.3f|", "%g", "%e", "%r", "%c", "%5s|", "%.1s", "%%", "%", "%b", "%a", "no", "%(a)s", "é%s", "%s" * 3, "%ld", "%.3d", "%*d", "a%sb%%c%d", "%s" + "x" * 300]:
    for args in [1, -255, 10**20, 1.5, -0.0, float("nan"), float("inf"), "ab", "é", b"ab", True, None, (), (1,), ("ab", 2), (1.25, "x"), (3, "a", 2.5), [1], {"a": 1}, (5, 42)]:
        print(repr(format[:12]), args, shown(lambda: format % args))
for format in [b"%s", b"%b", b"%d", b"%s-%d", b"%x", b"%5.1f|", b"%%", b"%c", b"%a", b"%r", b"no", b"%s" + b"x" * 300]:
    for args in [1, 2.5, b"ab", "ab", bytearray(b"c"), (), (b"a",), (b"a", 5), (7,), None]:
        print(format[:12], args, shown(lambda: format % args), shown(lambda: bytearray(format) % args))
for number in [0, 1, 7, 8, 255, -255, 2**47, -(2**48), 2**63, -(2**70), True]:
    print(hex(number), oct(number), bin(number), str(number), repr(number), f"{number}")
print(shown(lambda: hex(1.5)), shown(lambda: bin("a")), "日本".ljust(5) + "|", "日本".center(7, "*"), "é".rjust(4, "日"), "\U0001f40d".center(4), "é".ljust(3, "-"), "ab".rjust(4, "é"))
print(list(zip([1, 2], "ab", (3.0, 4.0, 5.0))), list(zip([1], [2], [])), shown(lambda: list(zip([1], [2], [], strict=True))), b"a" + b"b", b"" + b"b", b"a" + b"", b"a" + bytearray(b"b"), shown(lambda: b"a" + "b"))
