"""Writes tables.bin: what the East Asian codecs of CPython 3.14 map to what.

Run with CPython 3.14: python3.14 generate.py > tables.bin

Nothing but the behaviour of its codecs is asked: each sequence of bytes is decoded, each character encoded. The format (little
endian; read by src/tables.rs): number of tables; for each its name, 256 single bytes (as values), rows (lead, first and last second
byte, values), strings of two characters or of one outside the BMP, ranges of four-byte codes, and what the encoder does otherwise
than by going the other way (characters, code).
"""

import struct
import sys

NONE, LEAD, BAD_PAIR = 0xFFFF, 0xFFFE, 0xDFFF
STRINGS = 0xD800
NO_CODE = 0xFFFFFFFF
MARKS = ("\u0300", "\u0301", "\u0304", "\u030c", "\u02e5", "\u02e9", "\u309a")
DIRECT = ("gb2312 gbk gb18030 cp949 euc_kr johab big5 cp950 big5hkscs shift_jis cp932 euc_jp "
          "shift_jis_2004 shift_jisx0213 euc_jis_2004 euc_jisx0213").split()
# Sets of the ISO 2022 codecs: a codec that has it, and how it is called up there.
PLANES = {
    "jisx0208": ("iso2022_jp", b"\x1b$B"), "jisx0212": ("iso2022_jp_1", b"\x1b$(D"), "gb2312.94": ("iso2022_jp_2", b"\x1b$A"),
    "ksx1001": ("iso2022_jp_2", b"\x1b$(C"), "jisx0213.2000.1": ("iso2022_jp_3", b"\x1b$(O"),
    "jisx0213.2": ("iso2022_jp_3", b"\x1b$(P"), "jisx0213.2004.1": ("iso2022_jp_2004", b"\x1b$(Q"),
}
# The sets of the ISO 2022 codecs in the order in which the encoder tries them.
ORDERS = {
    "iso2022_jp": "jisx0208 roman", "iso2022_jp_1": "jisx0208 jisx0212 roman",
    "iso2022_jp_2": "jisx0208 jisx0212 ksx1001 gb2312.94 roman latin1 greek",
    "iso2022_jp_3": "jisx0208 jisx0213.2000.1 jisx0213.2", "iso2022_jp_2004": "jisx0208 jisx0213.2004.1 jisx0213.2",
    "iso2022_jp_ext": "jisx0208 jisx0212 roman katakana", "iso2022_kr": "ksx1001", "hz": "gb2312.94",
}


def decode(data, codec):
    """The text, or the error."""
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        return error


def encode(text, codec):
    try:
        return text.encode(codec)
    except UnicodeEncodeError:
        return None


class Table:
    def __init__(self, name):
        self.name, self.singles, self.rows, self.strings, self.ranges, self.otherwise = name, [NONE] * 256, {}, [], [], []
        self.codes = {}

    def value(self, text):
        if len(text) == 1 and ord(text) < 0x10000:
            return ord(text)
        if text not in self.strings:
            self.strings.append(text)
        return STRINGS + self.strings.index(text)

    def add(self, lead, second, text, code=None):
        self.rows.setdefault(lead, {})[second] = text if isinstance(text, int) else self.value(text)
        if not isinstance(text, int):
            self.codes.setdefault(text, code)

    def write(self, out):
        name = self.name.encode()
        out.write(struct.pack("<B", len(name)) + name + struct.pack("<256H", *self.singles))
        out.write(struct.pack("<H", len(self.rows)))
        for lead, row in sorted(self.rows.items()):
            first, last = min(row), max(row)
            values = [row.get(second, NONE) for second in range(first, last + 1)]
            out.write(struct.pack("<HBB", lead, first, last) + struct.pack(f"<{len(values)}H", *values))
        out.write(struct.pack("<H", len(self.strings)))
        for text in self.strings:
            out.write(struct.pack("<II", ord(text[0]), ord(text[1]) if len(text) > 1 else 0))
        out.write(struct.pack("<H", len(self.ranges)))
        for row in self.ranges:
            out.write(struct.pack("<III", *row))
        out.write(struct.pack("<I", len(self.otherwise)))
        for text, code in self.otherwise:
            out.write(struct.pack("<III", ord(text[0]), ord(text[1]) if len(text) > 1 else 0, code))


def all_texts(table):
    yield from (chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000)
    yield from (text for text in table.strings if len(text) > 1)


def direct_table(codec):
    table = Table(codec)
    for byte in range(256):
        text = decode(bytes([byte]), codec)
        if isinstance(text, str):
            table.singles[byte] = ord(text)
            table.codes.setdefault(text, byte)
        elif text.reason.startswith("incomplete"):
            table.singles[byte] = LEAD
    triples = []
    for lead in (byte for byte in range(256) if table.singles[byte] == LEAD):
        for second in range(256):
            text = decode(bytes([lead, second]), codec)
            if isinstance(text, str):
                table.add(lead, second, text, lead << 8 | second)
            elif text.reason.startswith("illegal") and text.end == 2:
                table.add(lead, second, BAD_PAIR)
            elif text.reason.startswith("incomplete") and codec.startswith("euc_j"):
                triples.append((lead, second))
    for lead, second in triples:
        for third in range(256):
            text = decode(bytes([lead, second, third]), codec)
            if isinstance(text, str) and (len(text) == 1 or text[1] in MARKS):
                table.add(lead << 8 | second, third, text, lead << 16 | second << 8 | third)
    if codec == "gb18030":
        add_ranges(table)
    for text in all_texts(table):
        code = encode(text, codec)
        code = NO_CODE if code is None else int.from_bytes(code)
        if code != expected(table, text):
            table.otherwise.append((text, code & 0xFFFFFFFF))
    return table


def four_bytes(linear):
    linear, fourth = divmod(linear, 10)
    linear, third = divmod(linear, 126)
    first, second = divmod(linear, 10)
    return bytes([first + 0x81, second + 0x30, third + 0x81, fourth + 0x30])


def add_ranges(table):
    for linear in range(4 * 12600):
        text = decode(four_bytes(linear), "gb18030")
        if not isinstance(text, str):
            continue
        if table.ranges and table.ranges[-1][0] + table.ranges[-1][2] == linear and table.ranges[-1][1] + table.ranges[-1][2] == ord(text):
            table.ranges[-1][2] += 1
        else:
            table.ranges.append([linear, ord(text), 1])


LEADING = (0xA1, 0xA2, 0xA4, 0xA7, 0xA8, 0xA9, 0xB1, 0xB2, 0xB3, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xBB, 0xBC, 0xBD, 0xBE)
TRAILING = (0xD4, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA9, 0xAA, 0xAB, 0xAC, 0xAD, 0xAE, 0xAF, 0xB0, 0xB1, 0xB2, 0xB4, 0xB5,
            0xB6, 0xB7, 0xB8, 0xBA, 0xBB, 0xBC, 0xBD, 0xBE)


def expected(table, text):
    """The code that src/stateless.rs gives without being told otherwise."""
    if text in table.codes:
        return table.codes[text]
    if table.name == "euc_kr" and "\uac00" <= text <= "\ud7a3":
        rest, last = divmod(ord(text) - 0xAC00, 28)
        first, middle = divmod(rest, 21)
        return int.from_bytes(bytes([0xA4, 0xD4, 0xA4, LEADING[first], 0xA4, 0xBF + middle, 0xA4, TRAILING[last]]))
    if table.name == "gb18030" and len(text) == 1:
        if ord(text) > 0xFFFF:
            return int.from_bytes(four_bytes(ord(text) - 0x10000 + 189000))
        for linear, first, count in table.ranges:
            if first <= ord(text) < first + count:
                return int.from_bytes(four_bytes(linear + ord(text) - first))
    return NO_CODE


def plane(name):
    codec, escape = PLANES[name]
    table = Table(name)
    for lead in range(0x21, 0x7F):
        for second in range(0x21, 0x7F):
            text = decode(escape + bytes([lead, second]), codec)
            if isinstance(text, str):
                table.add(lead, second, text, lead << 8 | second)
    return table


def split(codec, data):
    """Set and code of one encoded character."""
    if codec == "hz":
        return ("gb2312.94", data[2:4]) if data[:2] == b"~{" else ("ascii", data)
    if codec == "iso2022_kr":
        data = data.removeprefix(b"\x1b$)C")
        return ("ksx1001", data[1:3]) if data[:1] == b"\x0e" else ("ascii", data)
    calls = {b"\x1b(J": "roman", b"\x1b(I": "katakana", b"\x1b.A\x1bN": "latin1", b"\x1b.F\x1bN": "greek", b"\x1b$(A": "gb2312.94"}
    calls.update((escape, name) for name, (_, escape) in PLANES.items())
    for escape, name in calls.items():
        if data.startswith(escape):
            width = 2 if name in PLANES else 1
            return name, data[len(escape):len(escape) + width]
    return "ascii", data


def shifted_table(codec, planes):
    """Only what a codec with states encodes otherwise than by its sets: the number of the set in its order, and the code there."""
    table = Table(codec)
    order = ORDERS[codec].split()
    singles = {"roman": {"\xa5": 0x5C, "\u203e": 0x7E}, "katakana": {chr(0xFF61 + i): 0x21 + i for i in range(63)},
               "latin1": {chr(point): point - 0x80 for point in range(0xA0, 0x100)}, "greek": {}}
    for byte in range(0xA0, 0x100):
        text = decode(bytes([byte]), "iso8859_7")
        if isinstance(text, str):
            singles["greek"][text] = byte - 0x80
    for name in order:
        if name in planes:
            table.strings.extend(text for text in planes[name].strings if len(text) > 1 and text not in table.strings)
    for text in all_texts(table):
        data = encode(text, codec)
        if text < "\x80":
            continue
        model = NO_CODE
        for number, name in enumerate(order):
            codes = planes[name].codes if name in planes else singles[name]
            if text in codes:
                model = number << 16 | codes[text]
                break
        code = NO_CODE
        if data is not None:
            name, code = split(codec, data)
            code = order.index(name) << 16 | int.from_bytes(code)
        if code != model:
            table.otherwise.append((text, code))
    table.strings = []
    return table


def main():
    planes = {name: plane(name) for name in PLANES}
    tables = [direct_table(codec) for codec in DIRECT] + list(planes.values())
    tables += [shifted_table(codec, planes) for codec in ORDERS]
    greek = Table("iso8859_7")
    for byte in range(0xA0, 0x100):
        text = decode(bytes([byte]), "iso8859_7")
        greek.singles[byte] = ord(text) if isinstance(text, str) else NONE
    tables.append(greek)
    out = sys.stdout.buffer
    out.write(struct.pack("<H", len(tables)))
    for table in tables:
        table.write(out)
        print(table.name, len(table.rows), "rows", len(table.strings), "strings", len(table.ranges), "ranges",
              len(table.otherwise), "otherwise", file=sys.stderr)


main()
