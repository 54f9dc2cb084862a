import unicodedata
from unicodedata import is_normalized, normalize

texts = ["", "abc", "é\u0323", "e\u0301\u0323", "\uac01", "\u1100\u1161\u11a8", "\ufb01\xb2", "\u1e9b\u0323", "\u2126", "\ud800\u0301", "\U0002f868"]
for text in texts:
    for form in "NFC", "NFD", "NFKC", "NFKD":
        old = unicodedata.ucd_3_2_0
        print(form, ascii(normalize(form, text)), is_normalized(form, text), ascii(old.normalize(form, text)), old.is_normalized(form, text))


class Text(str):
    pass


for text in "abc", "é", Text("abc"), Text("e\u0301"), Text(""):
    result = normalize("NFC", text)
    print(result is text, type(result))


def attempt(function, *arguments):
    try:
        print(ascii(function(*arguments)))
    except Exception as e:
        print(type(e).__name__, e)


for function in normalize, is_normalized:
    attempt(function, "nfc", "é")
    attempt(function, "X", "")
    attempt(function, "NFC", b"")
    attempt(function, 1, "")
    attempt(function, "NFC")
