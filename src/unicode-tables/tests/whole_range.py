# One line of facts for every code point, then lines for random strings; tests/whole_range.rs writes the same.
import random
import sys
import unicodedata as now

import _sre

old = now.ucd_3_2_0
FORMS = ("NFC", "NFD", "NFKC", "NFKD")


def hexes(text):
    return ",".join("%x" % ord(c) for c in text)


def number(value):
    return "-" if value is None else str(value)


def database(db, c):
    return [
        db.category(c),
        db.bidirectional(c),
        str(db.combining(c)),
        db.east_asian_width(c),
        str(db.mirrored(c)),
        number(db.decimal(c, None)),
        number(db.digit(c, None)),
        "-" if (n := db.numeric(c, None)) is None else "%.6f" % n,
        db.decomposition(c),
        db.name(c, "-"),
        *("=" if (n := db.normalize(f, c)) == c else hexes(n) for f in FORMS),
    ]


def predicates(c):
    answers = (
        c.isalpha(), c.isalnum(), c.isdecimal(), c.isdigit(), c.isnumeric(), c.isspace(), c.isprintable(),
        c.islower(), c.isupper(), c.isidentifier(), ("a" + c).isidentifier(), len((c + "b").splitlines()) == 2,
    )  # fmt: skip
    return "".join("01"[a] for a in answers)


def found(db, name):
    try:
        return hexes(db.lookup(name))
    except KeyError:
        return "-"


write = sys.stdout.write
for cp in range(0x110000):
    c = chr(cp)
    cased = [predicates(c), "%x" % _sre.unicode_tolower(cp)]
    cased += ["=" if m == c else hexes(m) for m in (c.lower(), c.upper(), c.title(), c.casefold())]
    cased.append(found(now, now.name(c, "").lower()))
    write("|".join(["%x" % cp, *database(now, c), *database(old, c), *cased]) + "\n")

random.seed(3)
interesting = [c for c in map(chr, range(0x110000)) if now.decomposition(c) or now.combining(c) or c.lower() != c]
interesting = [c for c in interesting if not "\uac00" <= c <= "\ud7a3"] + list("\u03a3" * 50 + "'.- aZ\u0345")
small = [c for c in interesting if ord(c) < 0x600] + [chr(c) for c in range(0x1100, 0x1200)] + ["\uac00", "\uac01"]
for i in range(60000):
    text = "".join(random.choices((interesting, small)[i % 2], k=random.randint(2, 7)))
    if i % 3 == 0:
        text = now.normalize(FORMS[i % 4], text)
    facts = [hexes(db.normalize(f, text)) for db in (now, old) for f in FORMS]
    facts += [str(int(db.is_normalized(f, text))) for db in (now, old) for f in FORMS]
    write("|".join([hexes(text), *facts, hexes(text.lower())]) + "\n")

for name in sys.argv[1].split("\n"):
    write("|".join([name, found(now, name), found(old, name)]) + "\n")
