import unicodedata
from unicodedata import ucd_3_2_0 as old

print(unicodedata.unidata_version, old.unidata_version, type(old))
for c in "aÀ5½²٣ \u3042\u0301\u221b\U0001f600\ud800\u0221":
    print(ascii(c))
    for db in unicodedata, old:
        print(" ", db.category(c), db.bidirectional(c), db.combining(c), db.east_asian_width(c), db.mirrored(c), end=" ")
        print(db.decimal(c, None), db.digit(c, None), db.numeric(c, None), repr(db.decomposition(c)), db.name(c, "-"))


def attempt(function, *arguments):
    try:
        print(ascii(function(*arguments)))
    except Exception as e:
        print(type(e).__name__, e)


for function in unicodedata.decimal, unicodedata.digit, unicodedata.numeric, unicodedata.name, old.name:
    attempt(function, "\x00")
    attempt(function, "\x00", 5)
    attempt(function, "ab")
    attempt(function, 1)
attempt(unicodedata.category, "")
attempt(unicodedata.category, 1.5)
attempt(unicodedata.category)
attempt(unicodedata.UCD)
