"""Generates src/tables.bin and src/layout.rs of this crate.

Run with a CPython 3.14 (its unicodedata is Unicode 16.0.0):

    python3.14 gen/make_tables.py NameAliases.txt NamedSequences.txt src

The interpreter is asked for every property of every code point; only the two files that it does
not let one enumerate are read (from https://www.unicode.org/Public/16.0.0/ucd/), and each of their
entries is kept only if `unicodedata.lookup` agrees.

Every section is a run of little-endian numbers; layout.rs names where each one lies. Two-stage
tables: stage 1 (u16 per 128 code points) holds block numbers, stage 2 holds the blocks.
"""

import re
import struct
import sys
import unicodedata as ucd

import _sre

assert ucd.unidata_version == "16.0.0"
LIMIT = 0x110000
SHIFT = 7
OLD = ucd.ucd_3_2_0
CATEGORIES = "Cn Lu Ll Lt Mn Mc Me Nd Nl No Zs Zl Zp Cc Cf Cs Co Lm Lo Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So".split()
BIDI = [""] + "L LRE LRO R AL RLE RLO PDF EN ES ET AN CS NSM BN B S WS ON LRI RLI FSI PDI".split()
WIDTHS = "F H W Na A N".split()
FLAGS = """alpha lower upper title decimal digit numeric space line_break printable
xid_start xid_continue cased case_ignorable special""".split()

sections = []
constants = []


def section(name, data):
    sections.append((name, bytes(data)))


def constant(name, value, kind="usize"):
    constants.append((name, value, kind))


def u24(values):
    return b"".join(struct.pack("<I", v)[:3] for v in values)


def u16(values):
    return struct.pack("<%dH" % len(values), *values)


def two_stage(name, values, width):
    """Writes NAME_STAGE1 (u16) and NAME_STAGE2 (u8 or u16)."""
    size = 1 << SHIFT
    blocks, stage1, stage2 = {}, [], []
    for start in range(0, LIMIT, size):
        block = tuple(values[start : start + size])
        if block not in blocks:
            blocks[block] = len(blocks)
            stage2.extend(block)
        stage1.append(blocks[block])
    section(name + "_STAGE1", u16(stage1))
    section(name + "_STAGE2", bytes(stage2) if width == 1 else u16(stage2))


class Records:
    """Distinct values numbered in order of first sight."""

    def __init__(self, *first):
        self.index = {}
        for value in first:
            self(value)

    def __call__(self, value):
        return self.index.setdefault(value, len(self.index))

    def __iter__(self):
        return iter(self.index)

    def __len__(self):
        return len(self.index)


# --- types: predicates and case mappings ------------------------------------------------------


def simple_upper(c):
    for mapped in (c.upper(), c.title()):
        if len(mapped) == 1:
            return mapped
    return c


def is_final_sigma(text):
    return text.lower().endswith("\u03c2")


def flag_set(c):
    # The lower() of a capital sigma tells what the engine of the interpreter thinks of its context.
    ignorable_or_cased = is_final_sigma("A" + c + "\u03a3")
    cased_not_ignorable = is_final_sigma(c + "\u03a3")
    facts = {
        "alpha": c.isalpha(),
        "lower": c.islower(),
        "upper": c.isupper(),
        "title": ucd.category(c) == "Lt",
        "decimal": c.isdecimal(),
        "digit": c.isdigit(),
        "numeric": c.isnumeric(),
        "space": c.isspace(),
        "line_break": len(("a" + c + "b").splitlines()) == 2,
        "printable": c.isprintable(),
        "xid_start": c.isidentifier(),
        "xid_continue": ("a" + c).isidentifier(),
        "cased": c.islower() or c.isupper() or ucd.category(c) == "Lt",
        "case_ignorable": ignorable_or_cased and not cased_not_ignorable,
        "special": any(len(m) > 1 for m in (c.lower(), c.upper(), c.title(), c.casefold())),
    }
    return sum(1 << i for i, name in enumerate(FLAGS) if facts[name])


def make_types():
    records, indexes = Records(), []
    specials, pool = [], []
    for cp in range(LIMIT):
        c = chr(cp)
        lower, upper = chr(_sre.unicode_tolower(cp)), simple_upper(c)
        title = c.title() if len(c.title()) == 1 else c
        fold = c.casefold() if len(c.casefold()) == 1 else lower
        flags = flag_set(c)
        special = 0
        if flags >> FLAGS.index("special") & 1:
            entry = b""
            for mapped in (c.lower(), c.upper(), c.title(), c.casefold()):
                entry += struct.pack("<HBB", len(pool), len(mapped), 0)
                pool.extend(map(ord, mapped))
            specials.append(entry)
            special = len(specials)
        record = struct.pack(
            "<IiiiiHBB",
            flags,
            *(ord(m) - cp for m in (lower, upper, title, fold)),
            special,
            ucd.decimal(c, 255),
            ucd.digit(c, 255),
        )
        indexes.append(records(record))
    two_stage("TYPE", indexes, 2)
    section("TYPE_RECORDS", b"".join(records))
    constant("TYPE_RECORD_SIZE", 24)
    section("SPECIAL_CASES", b"".join(specials))
    section("SPECIAL_CASE_POOL", u24(pool))
    for i, name in enumerate(FLAGS):
        constant("FLAG_" + name.upper(), 1 << i, "u32")


# --- database: what the module unicodedata answers --------------------------------------------


def numbers_of(db, c):
    return db.decimal(c, 255), db.digit(c, 255), db.numeric(c, None)


def make_database():
    numerics = Records(None)
    now, now_records = [], Records()
    old, old_records = [], Records("now")
    for cp in range(LIMIT):
        c = chr(cp)

        def properties(db):
            decimal, digit, numeric = numbers_of(db, c)
            return struct.pack(
                "<8B",
                CATEGORIES.index(db.category(c)),
                BIDI.index(db.bidirectional(c)),
                db.combining(c),
                WIDTHS.index(db.east_asian_width(c)) | db.mirrored(c) << 7,
                decimal,
                digit,
                numerics(numeric),
                0,
            )

        quick = 0
        for i, form in enumerate(("NFC", "NFD", "NFKC", "NFKD")):
            if ucd.normalize(form, c) != c:
                quick |= 1 << 2 * i
            elif form in ("NFC", "NFKC") and cp in seconds:
                quick |= 2 << 2 * i
        present, past = properties(ucd)[:7], properties(OLD)[:7]
        now.append(now_records(present + bytes([quick])))
        old.append(0 if past == present else old_records(past + b"\0"))
    two_stage("DATABASE", now, 2)
    section("DATABASE_RECORDS", b"".join(now_records))
    two_stage("OLD", old, 1)
    section("OLD_RECORDS", bytes(8) + b"".join(list(old_records)[1:]))
    assert len(numerics) < 256 and len(old_records) < 256
    section("NUMERIC_VALUES", b"".join(struct.pack("<d", n or 0.0) for n in numerics))
    for name, values in (("CATEGORY", CATEGORIES), ("BIDIRECTIONAL", BIDI), ("EAST_ASIAN_WIDTH", WIDTHS)):
        constant(name + "_NAMES", values, "names")


# --- decomposition and composition ------------------------------------------------------------

HANGUL = range(0xAC00, 0xAC00 + 11172)
seconds = set(range(0x1161, 0x1176)) | set(range(0x11A8, 0x11C3))


def make_decompositions():
    prefixes, pool, starts, indexes = Records(""), [], Records(()), []
    pairs, offsets = [], [0]
    for cp in range(LIMIT):
        # Hangul syllables are computed.
        text = "" if cp in HANGUL else ucd.decomposition(chr(cp))
        parts = text.split()
        prefix = parts.pop(0) if parts and parts[0].startswith("<") else ""
        targets = [int(p, 16) for p in parts]
        assert text == " ".join(([prefix] if prefix else []) + ["%04X" % t for t in targets])
        entry = (prefixes(prefix), *targets) if targets else ()
        if entry and entry not in starts.index:
            offsets.append(len(pool) + 1)
            pool.extend([len(targets) << 8 | entry[0], *targets])
        indexes.append(offsets[starts(entry)])
        if len(targets) == 2 and not prefix and ucd.normalize("NFC", "".join(map(chr, targets))) == chr(cp):
            pairs.append((*targets, cp))
            seconds.add(targets[1])
    two_stage("DECOMPOSITION", indexes, 2)
    section("DECOMPOSITION_POOL", u24(pool))
    constant("DECOMPOSITION_PREFIXES", list(prefixes), "names")
    section("COMPOSITION_PAIRS", b"".join(u24(p) for p in sorted(pairs)))
    corrections = []
    for cp in range(LIMIT):
        c = chr(cp)
        if OLD.category(c) != "Cn" and cp not in HANGUL:
            then, now = OLD.normalize("NFD", c), ucd.normalize("NFD", c)
            if then != now:
                assert len(then) == 1
                corrections.append(u24([cp, ord(then)]))
    section("OLD_CORRECTIONS", b"".join(corrections))


# --- names ------------------------------------------------------------------------------------


def entries_of(path):
    for line in open(path, encoding="utf-8"):
        line = line.split("#")[0].strip()
        if line:
            yield [field.strip() for field in line.split(";")]


def looked_up(name):
    try:
        return ucd.lookup(name)
    except KeyError:
        return None


def algorithmic_ranges():
    """(first, last, prefix, name() answers) of the names that are a prefix and the hex number."""
    found = {}
    for cp in range(LIMIT):
        name = ucd.name(chr(cp), "")
        number = "%04X" % cp
        if name.endswith("-" + number):
            found[cp] = (name.removesuffix(number), 1)
        elif not name and looked_up("TANGUT IDEOGRAPH-" + number) == chr(cp):
            found[cp] = ("TANGUT IDEOGRAPH-", 0)
    ranges = []
    for cp, what in found.items():
        if ranges and ranges[-1][1] == cp - 1 and ranges[-1][2] == what:
            ranges[-1][1] = cp
        else:
            ranges.append([cp, cp, what])
    return [(first, last, *what) for first, last, what in ranges if last - first >= 7]


def words_of(name):
    """Words; one that ends in '-' or ' ' joins the next without a space."""
    words = [w for w in re.findall(r"[^ -]*- (?=.)|[^ -]*-|[^ -]+", name)]
    if len(words) > 15:
        words[14:] = [joined(words[14:])]
    assert joined(words) == name, (name, words)
    return words


def joined(words):
    text = ""
    for word in words:
        if text and text[-1] not in "- ":
            text += " "
        text += word
    return text


NAMES_PER_BLOCK = 16


def make_names(aliases_path, sequences_path):
    ranges = algorithmic_ranges()
    covered = {cp for first, last, *_ in ranges for cp in range(first, last + 1)} | set(HANGUL)
    prefixes = Records()
    section(
        "NAME_RANGES",
        b"".join(u24([a, b]) + bytes([prefixes(p), has]) for a, b, p, has in ranges),
    )
    constant("NAME_PREFIXES", list(prefixes), "names")

    names, runs = [], []
    for cp in range(LIMIT):
        name = "" if cp in covered else ucd.name(chr(cp), "")
        if name:
            if not runs or runs[-1][0] + len(names) - runs[-1][1] != cp:
                runs.append((cp, len(names)))
            names.append(name)
    section("NAME_RUNS", b"".join(u24(r) for r in runs))
    constant("CHARACTER_NAMES", len(names))

    aliases = []
    for number, alias, _kind in entries_of(aliases_path):
        if looked_up(alias) == chr(int(number, 16)):
            aliases.append(int(number, 16))
            names.append(alias)
    section("ALIAS_TARGETS", u24(aliases))
    constant("ALIASES", len(aliases))

    targets = []
    for name, numbers in entries_of(sequences_path):
        sequence = [int(n, 16) for n in numbers.split()]
        if looked_up(name) == "".join(map(chr, sequence)):
            assert len(sequence) <= 4
            targets.extend(sequence + [0] * (4 - len(sequence)))
            names.append(name)
    section("SEQUENCE_TARGETS", u24(targets))
    constant("SEQUENCES", len(targets) // 4)
    assert len(set(names)) == len(names) < 65536

    counts = {}
    split = [words_of(name) for name in names]
    for words in split:
        for word in words:
            counts[word] = counts.get(word, 0) + 1
    lexicon = sorted(counts, key=lambda w: (-counts[w], w))
    one_byte = 256 - (len(lexicon) + 255) // 256
    numbers = {word: i for i, word in enumerate(lexicon)}
    constant("ONE_BYTE_WORDS", one_byte)
    text, ends = b"", []
    for word in lexicon:
        text += word.encode("ascii")
        ends.append(len(text))
    section("LEXICON_TEXT", text)
    section("LEXICON_ENDS", u24(ends))

    coded, blocks, previous = bytearray(), [], []
    for i, words in enumerate(split):
        if i % NAMES_PER_BLOCK == 0:
            blocks.append(len(coded))
            previous = []
        shared = 0
        while shared < min(len(previous), len(words)) and previous[shared] == words[shared]:
            shared += 1
        coded.append(shared << 4 | (len(words) - shared))
        for word in words[shared:]:
            number = numbers[word]
            if number < one_byte:
                coded.append(number)
            else:
                coded.append(one_byte + (number - one_byte) // 256)
                coded.append((number - one_byte) % 256)
        previous = words
    section("NAME_WORDS", coded)
    section("NAME_BLOCKS", u24(blocks))
    constant("NAMES_PER_BLOCK", NAMES_PER_BLOCK)
    section("NAME_ORDER", u16(sorted(range(len(names)), key=names.__getitem__)))
    constant("LONGEST_NAME", max(map(len, names)))


# --- output -----------------------------------------------------------------------------------


def write(directory):
    blob, lines = bytearray(), []
    for name, data in sections:
        while len(blob) % 8:
            blob.append(0)
        lines.append("pub const %s: (usize, usize) = (%d, %d);" % (name, len(blob), len(data)))
        blob += data
    for name, value, kind in constants:
        if kind == "names":
            lines.append("#[rustfmt::skip]")
            items = ", ".join('"%s"' % v for v in value)
            lines.append("pub const %s: [&str; %d] = [%s];" % (name, len(value), items))
        else:
            lines.append("pub const %s: %s = %d;" % (name, kind, value))
    with open(directory + "/tables.bin", "wb") as out:
        out.write(blob)
    with open(directory + "/layout.rs", "w") as out:
        out.write(
            "//! Where each section of tables.bin lies: (offset, length in bytes), and numbers that go with them.\n"
            "//! Written by gen/make_tables.py; do not edit.\n\n"
        )
        out.write("\n".join(lines) + "\n")
    for name, data in sections:
        print("%-24s %7d" % (name, len(data)))
    print("total", len(blob))


if __name__ == "__main__":
    aliases_path, sequences_path, directory = sys.argv[1:]
    make_types()
    make_decompositions()
    make_database()
    make_names(aliases_path, sequences_path)
    write(directory)
