import ast, sys
src='''
import os as o
x = [i*2 for i in range(5) if i]
def f(a, /, b=1, *c, d=2, **e):
    """doc"""
    return (a, b, c, d, e, f"{a!r:>{b}}|{x=}")
class C:
    y: int = 1
    def m(self): return super().__repr__()[:3]
try:
    1/0
except ZeroDivisionError as e: print('zde', e.__traceback__.tb_lineno)
match x:
    case [2, *rest]: print(rest)
print(f(1), C().m(), -1, 1e3, 2j, b'q', 10**30, 123456789012345678901234567890, not x)

lam = lambda q, *r: (q, r)
print(lam(1,2), {**{'a':1}}, {1,2}, x[1:2], x[::2])
'''
t=ast.parse(src)
exec(compile(t,'f','exec'))
exec(compile(ast.fix_missing_locations(ast.Module([ast.Expr(ast.Call(ast.Name('print'),[ast.Constant('hi')]))],[])),'g','exec'))
print(eval(compile(ast.parse('1+2',mode='eval'),'f','eval')))
