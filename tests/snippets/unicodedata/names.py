import unicodedata
from unicodedata import lookup, name

for c in "a\x80é\uac00\ud4db\u4e00\u3400\uf900\U00017000\U0001b170\ue000\u0f0a\ufb01\U0001f1e6":
    print("%04X" % ord(c), name(c, None))
for wanted in (
    "latin small letter a", "HANGUL SYLLABLE PWILH", "cjk unified ideograph-4e00", "NULL", "LF", "bell",
    "KEYCAP DIGIT ONE", "TANGUT IDEOGRAPH-17000", b"DIGIT ONE", "", "HANGUL SYLLABLE G", "CJK UNIFIED IDEOGRAPH-04E00",
    "no such", "é", "DIGIT ONE\0", "x" * 257, 1, "\ud800",
):
    for db in unicodedata, unicodedata.ucd_3_2_0:
        try:
            print(ascii(db.lookup(wanted)))
        except Exception as e:
            print(type(e).__name__, ascii(str(e)))
wrong = [c for c in map(chr, range(0x3000)) if (n := name(c, None)) and lookup(n) != c]
print(wrong)
