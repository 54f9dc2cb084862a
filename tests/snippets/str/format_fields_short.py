# str.format: texts without fields, strings in fields, results that are short, long or wide.
class Text(str):
    pass


print("plain".format(), "".format(), type(Text("sub").format()), Text("sub").format(1, a=2))
print("{{}}".format(), "a}}b".format(), "\u20ac".format(), "\u20ac{}".format(1))
for spec in (">8", "<8", "^9", "*^9", "0>8", "08", "8", "8s", "3", ".2", "8.2", "0<4", "x=8", "=8", "+8", ",", "d", "\u20ac>8", "97", "300"):
    for value in ("abc", "h\xe9llo", "\u20ac", "", Text("sub")):
        try:
            print(ascii(("[{:" + spec + "}]").format(value)), ascii("[{0:{1}}]".format(value, spec)) == ascii("[" + format(value, spec) + "]"))
        except ValueError as error:
            print(ascii(spec), ascii(str(error)))
for width in (0, 1, 15, 16, 17, 95, 96, 97, 255, 256, 257, 1000):
    for text in ("", "ab", "\xe9", "\u20ac"):
        shown = "<{:>{}}|{:^{}}|{:<{}}>".format(text, width, text, width, 5, width)
        assert shown == "<" + text.rjust(width) + "|" + format(text, f"^{width}") + "|" + "5".ljust(width) + ">", (width, text)
        shown = "<%*s|%-*s|%*d>" % (width, text, width, text, width, 5)
        assert shown == "<" + text.rjust(width) + "|" + text.ljust(width) + "|" + "5".rjust(width) + ">", (width, text)
        assert b"<%*d|%-*s>" % (width, 5, width, b"x") == b"<" + b"5".rjust(width) + b"|" + b"x".ljust(width) + b">"
print("{:96b}|{:+096d}|{:^+96,.3f}".format(2**40, -5, 1234567.25))
for wrong in ("{", "}", "{0", "a}b", "{!}", "{:{:{}}}"):
    try:
        print(wrong.format(1, 2, 3))
    except ValueError as error:
        print(wrong, error)
