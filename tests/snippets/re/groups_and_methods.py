# Patterns, matches and their methods.
import copy
import pickle
import re

m = re.match(r"(?P<first>a+)(b)?(?P<last>c)", "aaac!")
print(m, m.groups(), m.groups("-"), m.groupdict(), m.regs)
print(m.group(), m.group(1, "last"), m["first"], m[2], m.start("last"), m.end(2), m.span(0), m.lastindex, m.lastgroup)
print(m.expand(r"<\g<first>|\2|\3>"), m.pos, m.endpos, m.re.pattern, m.string)
for bad in (9, "nope", -1, 1.5):
    try:
        m.group(bad)
    except IndexError as error:
        print("IndexError", error)
p = re.compile("x+", re.I | re.M)
print(p, p.flags, p.groups, p.groupindex, re.compile(b"[a-z]", re.L), re.compile("é" * 3))
print(copy.copy(p) is p, copy.deepcopy(p) is p, pickle.loads(pickle.dumps(p)) == p, hash(p) == hash(re.compile("x+", re.I | re.M)))
print(p == re.compile("x+"), re.compile("a") == re.compile(b"a"), type(p)[str], type(m)[bytes])
print(re.sub(r"(\w)(\d)?", r"[\2\1]", "a1b"), re.subn("", "-", "ab"), re.sub("a", lambda m: None, "banana"))
print(re.split(r"(,)|;", "a,b;c"), re.split("x*", "axbc"), re.split(b",", bytearray(b"a,b"), maxsplit=1))
print(re.findall("(a)(b)?", "abaa"), re.findall(b"", b"ab"), [x.span() for x in re.finditer("a*?", "aa")])
s = re.compile("a|b").scanner("abx")
print(s.match().span(), s.search().span(), s.match(), s.pattern)
for call in ("p.match(1)", "p.match(b'x')", "p.sub(1, 'x')", "p.sub(lambda m: 1, 'x')", "type(p)()", "p < p", "p.match()", "p.split('x', 1, 2)"):
    try:
        print(call, eval(call))
    except TypeError as error:
        print(call, "TypeError", error)
