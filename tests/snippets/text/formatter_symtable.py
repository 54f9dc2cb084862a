# _string, _tokenize and symtable.
import _string
import io
import string
import symtable
import tokenize

for text in ("a{b!r:c}d{{x}}", "{", "}", "{a!}", "{!r}", "{a!rx}", "{0[a].b:{w}}", "a{", "{a[}"):
    try:
        print(text, list(_string.formatter_parser(text)))
    except ValueError as error:
        print(text, error)
for text in ("a.b[c][0].d", "0", "", "a.", "a[", "a[b]c", "a[]", "99999999999999999999999"):
    try:
        first, rest = _string.formatter_field_name_split(text)
        print(repr(text), repr(first), list(rest))
    except ValueError as error:
        print(repr(text), error)
print(string.Formatter().format("{0[x]:>5}|{a.real!r}", {"x": 1}, a=2))
for token in tokenize.generate_tokens(io.StringIO("if x: # c\n  y = f'{z!r:>{3}}'\n").readline):
    print(tuple(token))
try:
    list(tokenize.generate_tokens(io.StringIO("x = (\n").readline))
except tokenize.TokenError as error:
    print(error)
top = symtable.symtable("import os\ndef f(a, *b):\n    global g\n    c = [i + a for i in b]\n    def h(): nonlocal c; return c\nclass C[T]: x: T = 1\n", "f", "exec")


def show(table, depth=0):
    print(" " * depth, table.get_type(), table.get_name(), table.get_lineno(), sorted(map(repr, table.get_symbols())))
    for child in table.get_children():
        show(child, depth + 1)


show(top)
