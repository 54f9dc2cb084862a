# Annotations kept as text, in code compiled from `ast` trees as from source.
import ast

SOURCE = '''
from __future__ import annotations
def f(a: Literal["x", u"y", U"z", b"w"], b: f"{x!r:>{w}} {y=}", c: t"{q + 1!s:>3}{{" = 1, *d: "a" "b") -> {u"k": 1.5e10}: pass
class C:
    x: "it's"
    y: lambda q="d": u"r"
    z: "\\ud800\\ufffd"
'''

for source in (SOURCE, ast.parse(SOURCE)):
    namespace = {}
    exec(compile(source, "module", "exec"), namespace)
    print(namespace["f"].__annotations__)
    print(namespace["C"].__annotations__)


def annotation(node):
    tree = ast.parse("from __future__ import annotations\nx: y = 1")
    tree.body[1].annotation = node
    namespace = {}
    exec(compile(ast.fix_missing_locations(tree), "module", "exec"), namespace)
    print(ascii(namespace["__annotations__"]["x"]))


name = ast.Name("z", ast.Load())
annotation(ast.Constant(value="\ud800é\ufffd\U000f0001", kind="u"))
annotation(ast.Constant(value=b"it's \xff"))
print(ast.parse("U'z'").body[0].value.kind)
annotation(ast.JoinedStr(values=[ast.Constant("a{\udfff"), ast.FormattedValue(name, conversion=114, format_spec=None)]))
annotation(ast.TemplateStr(values=[ast.Interpolation(name, "z  + 1", -1, None), ast.Constant("}")]))
