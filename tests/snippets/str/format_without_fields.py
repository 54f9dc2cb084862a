# Texts without fields or conversions come back as they are.


class Own(str):
    pass


def shown(make):
    try:
        result = make()
    except TypeError as error:
        return f"TypeError: {error}"
    return f"{type(result).__name__} {result!a}"


for text in ("", "abc", "h\xe9", "\u20ac", "\U0001f600", "a"):
    own, plain = Own(text), text * 2
    print(shown(own.format), shown(lambda: own.format_map({})), shown(lambda: own % ()), shown(lambda: own % {}), shown(lambda: text % []))
    print(plain.format() is plain, plain.format(1, a=2) is plain, plain % () is plain, (plain % {}) is plain, shown(lambda: own % 5))
for make in (
    lambda: Own("a{}").format(1),
    lambda: Own("{}").format(Own("q")),
    lambda: "%s" % Own("q"),
    lambda: Own("%%") % (),
    lambda: Own("{{").format(),
    lambda: Own("}}\u20ac").format(),
    lambda: f"{Own('q')}",
):
    print(shown(make))
