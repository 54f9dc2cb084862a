# Trees hold strings with lone surrogates and replacement characters, and compile.
import ast

SOURCE = r'''
"""doc \ufffd"""
a = "\udcff"
b = "\ufffd", "\ufffd\ud800\ufffd", "\U0000fffd \N{REPLACEMENT CHARACTER}", "plain"
c = f"{1}\udc80\ufffd{2!r:\udc81}"
d = "\udc00" "\ufffd"
e = {"\ud800": 1}["\ud800"]
def f():
    "inner \ufffd"
match "\ud800":
    case "\ud800":
        g = "matched"
'''


def show(code):
    names = {}
    try:
        exec(code, names)
    except ValueError as error:
        print("error:", ascii(error))
    print(ascii({name: names[name] for name in "abcdeg" if name in names}), ascii(names.get("__doc__")), ascii(names["f"].__doc__ if "f" in names else None))


source = SOURCE.replace(r":\udc81", "")
show(compile(source, "<text>", "exec"))
tree = ast.parse(source)
show(compile(tree, "<tree>", "exec"))
print(ascii(ast.dump(tree)))
show(compile(ast.parse(ast.unparse(tree)), "<again>", "exec"))
for text in ("\udcff", "\ufffd", "\ufffd\ufffd", "\ufffd\U000f0001", "\U000f0001", "a\ud800\ufffdb"):
    made = ast.fix_missing_locations(ast.Expression(ast.Constant(text)))
    print(ascii(eval(compile(made, "<made>", "eval"))), end=" ")
    made = ast.fix_missing_locations(ast.Expression(ast.JoinedStr([ast.Constant(text), ast.FormattedValue(ast.Constant(1), -1)])))
    print(ascii(eval(compile(made, "<made>", "eval"))))
