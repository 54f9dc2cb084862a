# Type comments and feature versions of ast.parse().
import ast

tree = ast.parse('''\
def foo(
    a,  # type: A
    *v,  # type: V
    **k  # type: K
):
    # type: (...) -> int
    x = 1  # type: int
    pass  # type: ignore[excuse]

def bar():  # type: () -> àçč
    for a in []:  # type: int
        pass
    with (a as b):  # type: int
        pass  # type: ignore
''', type_comments=True)
for node in ast.walk(tree):
    if getattr(node, "type_comment", None) is not None:
        print(type(node).__name__, node.lineno, ascii(node.type_comment))
print([(one.lineno, one.tag) for one in tree.type_ignores])


def refused(source, **options):
    try:
        ast.parse(source, **options)
        print("fine", repr(source))
    except SyntaxError as error:
        print(error.msg, error.lineno)


for source in ["pass  # type: int\n", "x += 1  # type: int\n", "while True:  # type: int\n  continue\n",
               "pass  # type: ignorewhatever\n", "def f(\n  *, # type: int\n  a, # type: int\n): pass\n",
               "def foo():  # type: () -> int\n    # type: () -> str\n    return ''\n"]:
    refused(source, type_comments=True)
    refused(source)
for source in ["async def f(): pass", "a @ b", "1_000", "[x async for x in y]", "def f(a, /): pass", "(a := 1)", "x: int",
               "match a:\n case 1: pass", "try: pass\nexcept* E: pass", "type A = int", "def f[T](): pass", "class C[T=int]: pass",
               "t'{a}'", "try: pass\nexcept A, B: pass"]:
    for minor in range(4, 15):
        try:
            ast.parse(source, feature_version=(3, minor))
            print(minor, repr(source))
            break
        except SyntaxError as error:
            last = error.msg
    else:
        print(last)

import sys

sys.set_int_max_str_digits(700)
try:
    compile("a = 1\nb = " + "3" * 701, "<string>", "exec")
except SyntaxError as error:
    print(error.msg, error.lineno)
compile("b = " + "3" * 700, "<string>", "exec")
