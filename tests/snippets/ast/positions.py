# Positions where the parser's and CPython's differ, f-strings and t-strings, and texts with wide characters.
import ast

for text in ("@d\n@e(1)\n# c\nasync def f(a, /, b: int = 1, *c: str, d, **e): pass", "f(x for x in y)", "f(a)(b for b in c)", "if a: b;\nelif c: d ;\nelse: e",
             "é = 'ü' 'x'; ß.a", "f'a{x!r:>{w}}b{y=}' 'c'", "t'{ x !s:z}'", "class C[T: int = str](B, k=1): x: int = (1)", "match x:\n  case [1, *_, -1+2j] | {'a': b, **r} if c: pass",
             "lambda *, a=1: (yield)", "x[1:2, ::3]", "with (a as b, c): pass", "u'a'", "'\\ud800\\N{DIGIT ONE}'", "type X[*Ts, **P] = int", "try: pass\nexcept* E as e: pass"):
    print(ast.dump(ast.parse(text), include_attributes=True))
print(ast.dump(ast.parse("(int, *str) -> bool", mode="func_type")), ast.dump(ast.parse("1 + 0xffffffffffffffffffff", mode="eval")))
