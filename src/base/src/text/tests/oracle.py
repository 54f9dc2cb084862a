# Lines `operation|argument|...|result` for tests/oracle.rs. Strings are numbers in hex with commas between.
import random
import sys

random.seed(int(sys.argv[1]))
ALPHABETS = [
    "ab", "abc \t\n\r", "aB1 -+\t'\"\\", "a\xe9\xc9\xdf\xb5\xff\xa0\x85\x1c\x7f\n\r", "a\u03b1\u03a3\u03a3\u0301 \u2028",
    "aB\U0001f600\U00010428\u01c5\ufb01\u0345'\u0130\u0149", "\u03a3a.\xad", "1\u0661\u00b2\u00bd\u4e00 ", "_a1\u00aa\u2118\u00b7",
]  # fmt: skip


def text(longest=12):
    return "".join(random.choices(random.choice(ALPHABETS), k=random.randint(0, longest)))


def some(s, longest=3):
    """Often a part of s."""
    if random.random() < 0.3:
        return text(longest)
    start = random.randint(0, len(s))
    return s[start : start + random.randint(0, longest)]


def shown(x):
    if isinstance(x, str):
        return ",".join("%x" % ord(c) for c in x)
    if isinstance(x, (bytes, bytearray)):
        return ",".join("%x" % c for c in x)
    if isinstance(x, (list, tuple)):
        return ";".join(map(shown, x))
    return str(int(x))


def emit(name, *args):
    print("|".join([name, *map(shown, args)]))


def common(prefix, s, part, fill):
    limit = random.randint(-1, 3)
    emit(prefix + "find", s, part, s.find(part))
    emit(prefix + "rfind", s, part, s.rfind(part))
    emit(prefix + "count", s, part, s.count(part))
    emit(prefix + "starts", s, part, s.startswith(part))
    emit(prefix + "ends", s, part, s.endswith(part))
    other = some(s)
    other = other if prefix == "s" else other.encode("latin-1", "ignore") if isinstance(other, str) else other
    emit(prefix + "replace", s, part, other, limit, s.replace(part, other, limit))
    emit(prefix + "wsplit", s, limit, s.split(None, limit))
    emit(prefix + "wrsplit", s, limit, s.rsplit(None, limit))
    emit(prefix + "lines", s, 0, s.splitlines())
    emit(prefix + "lines", s, 1, s.splitlines(True))
    if part:
        emit(prefix + "split", s, part, limit, s.split(part, limit))
        emit(prefix + "rsplit", s, part, limit, s.rsplit(part, limit))
        emit(prefix + "partition", s, part, s.partition(part))
        emit(prefix + "rpartition", s, part, s.rpartition(part))
    emit(prefix + "strip", s, s.strip())
    emit(prefix + "lstrip", s, s.lstrip())
    emit(prefix + "rstrip", s, s.rstrip())
    emit(prefix + "strips", s, part, s.strip(part))
    width = random.randint(-2, 16)
    emit(prefix + "tabs", s, width, s.expandtabs(width))
    emit(prefix + "zfill", s, width, s.zfill(width))
    emit(prefix + "center", s, width, fill, s.center(width, fill))
    emit(prefix + "upper", s, s.upper())
    emit(prefix + "lower", s, s.lower())
    emit(prefix + "title", s, s.title())
    emit(prefix + "capitalize", s, s.capitalize())
    emit(prefix + "swapcase", s, s.swapcase())
    emit(prefix + "is", s, [s.isalpha(), s.isalnum(), s.isdigit(), s.isspace(), s.islower(), s.isupper(), s.istitle()])
    emit(prefix + "repr", s, repr(s))
    parts = [some(s) for _ in range(random.randint(1, 4))]
    parts = parts if prefix == "s" else [bytes(p) for p in parts if not isinstance(p, str)] or [b""]
    emit(prefix + "join", part, parts, part.join(parts))
    emit(prefix + "repeat", s, abs(width), s * abs(width))
    if s:
        start, stop, step = random.randint(0, len(s)), random.randint(0, len(s)), random.choice([-3, -2, -1, 1, 2])
        r = range(len(s))[start:stop:step]
        if r:
            emit(prefix + "step", s, r[0], step, len(r), s[start:stop:step])


for _ in range(int(sys.argv[2])):
    s = text(random.choice((3, 8, 30, 90)))
    part = some(s)
    common("s", s, part, random.choice("- \u03b1\U0001f600"))
    emit("sfold", s, s.casefold())
    emit("sis2", s, [s.isdecimal(), s.isnumeric(), s.isprintable(), s.isidentifier(), s.isascii()])
    emit("sascii", s, ascii(s))
    other = some(s, 9)
    emit("scompare", s, other, (s > other) - (s < other))
    bytes_ = s.encode("latin-1", "ignore")
    start = random.randint(0, len(bytes_))
    common("b", bytes_, bytes_[start : start + random.randint(0, 3)], b"*")
