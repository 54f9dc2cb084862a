# What the engine must undo, keep or never try again.
import re

cases = [
    (r"(?:ab|a)*b", "abab"), (r"(a*)*", "aaa"), (r"(?:(a)|b)*", "abab"), (r"(?:a?)*?b", "aab"), (r"(a|ab)(c|bcd)(d*)", "abcd"),
    (r"(?>a*)a", "aaa"), (r"a(?>bc|b)c", "abcc"), (r"a++a", "aa"), (r"(?:ab)++b", "ababb"), (r"(?:(?>a|ab))+c", "abc"),
    (r"(?=(a+))a*b\1", "baaabac"), (r"(?!ab)a.", "abac"), (r"(?<=a)b|(?<!a)c", "abc"), (r"(?<=(?:ab))c", "abc"),
    (r"(a)?(?(1)b|c)", "ac"), (r"(<)?\w+(?(1)>|$)", "<ab"), (r"(\w+)\s\1", "x ab ab"), (r"(?i)(STRASSE|straße) \1", "Straße STRAßE"),
    (r"(?s).*x", "a\nbx"), (r"^b$", "a\nb\n"), (r"(?m)^b$", "a\nb\nc"), (r"\Bb\B", "abc"), (r"\B", ""), (r"[^\W\d_]+", "1_äb2"),
    (r"(?i)[k-m]+", "K\u212aL"), ("[\u0430-\u044f\U0001f600-\U0001f64f]+", "xжю\U0001f602y"), (r"(?a)\w+", "éa"), (r"x{2,3}?y", "xxxy"),
    (r"(?:x(\d)?)+", "x1x"), (r"(?:(\w)(?=.*\1))+", "abba"), (r"(?P<q>['\"]).*?(?P=q)", "say 'it\"s'"), (r"(|a)+", "aaa"), (r"(?:|a)+?b", "aab"),
]
for pattern, text in cases:
    found = re.search(pattern, text)
    print(ascii(pattern), ascii(text), found and (found.regs, found.lastindex), bool(re.fullmatch(pattern, text)))
print(re.match("(a+)+b", "a" * 20), len(re.match("(?:a|b)*", "ab" * 50000)[0]), re.search("(.)(?:x(?!y)|.)*?z", "a" + "xy" * 5000))
