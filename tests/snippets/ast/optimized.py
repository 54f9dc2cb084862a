"""Trees that are optimized: constants of patterns, formats, `__debug__`, docstrings; copies of trees."""
import ast
for s in ["'a%s b %-10.3r%%c' % (x, y)", "'%s' % (x,)","'%10a' % (x,)","'%d' % (x,)","'%s%s' % (x,)","'%%' % ()","'%-s' % (x,)","'%.2s' % (x,)","'%.s' % (x,)","'%0s' % (x,)","'%1234s' % (x,)","'%-10s' % ('%s' % (x,),)","'a' % ()","'%s' % (*x,)","'%s%%' % (x,)","f'{1}%s' % (x,)","'%+s'%(x,)","'%-5.s' % (__debug__,)", "'%5s%' % (x,)","b'%s'%(x,)","'%s' '%%d' % (x,)","u'%s' % (x,)",]:
    print(s, ast.dump(ast.parse(s,optimize=1).body[0].value,include_attributes=True).replace("lineno=1, ","").replace("end_",""))
for s in ["def f():\n '''a'''\n x\n","def f():\n 'a'","class A:\n 'a'; 'b'\n","'mod'\nx","'mod'","__debug__ = 1" if 0 else "x.__debug__","def f():\n 'a'\n 'b'\n","async def f():\n  'a'", "def f():\n  f'a'", "def f():\n  b'a'","lambda: __debug__","if __debug__: x","match x:\n case -1|{-2:y}|A(-3,x=-4)|[*_,-5]: pass\n case -1+2j if -1: -1+2j\n", "@__debug__\ndef f(x: __debug__=__debug__)->'%s'%(x,): return -1", "del x.y"]:
  for m in ("exec","single") if 0 else ("exec",):
    for o in (-1,0,1,2):
        try: r=ast.dump(ast.parse(s,optimize=o,mode=m),include_attributes=o==2)
        except Exception as e: r=repr(e)
        print(repr(s),o, r)
t=ast.parse("x=__debug__\n'a'")
u=ast.parse(t,optimize=1)
print(t is u, ast.dump(u), ast.dump(t))
u=ast.parse(t,optimize=0); print(t is u, ast.dump(u))
u=ast.parse(t); print(t is u, ast.dump(u))
u=compile(t,"a","exec",ast.PyCF_ONLY_AST,optimize=1); print(t is u, ast.dump(u))
u=compile("__debug__","a","exec",ast.PyCF_ONLY_AST,optimize=1); print(ast.dump(u))
u=compile("__debug__","a","exec",ast.PyCF_OPTIMIZED_AST,optimize=-1); print(ast.dump(u))
u=compile("match x:\n case -1:0","a","exec",ast.PyCF_OPTIMIZED_AST,optimize=-1); print(ast.dump(u))
u=compile("match x:\n case -1:0","a","exec",0x8000,optimize=-1); print(type(u).__name__)
print(ast.dump(ast.parse("'%s' % (x,)",mode="eval",optimize=1)))
print(ast.dump(compile("def f():\n 'a'\n\n","a","single",ast.PyCF_OPTIMIZED_AST,optimize=2)))
try: ast.parse("return",optimize=1);print("ok")
except SyntaxError as e: print(e)
try: ast.parse("def f(): \n try: pass\n finally: return",optimize=1);print("ok")
except SyntaxError as e: print(e)
class Sub(ast.Name): pass
t=ast.Expression(Sub("__debug__",ast.Load(),lineno=1,col_offset=0,end_lineno=1,end_col_offset=1))
print(ast.dump(ast.parse(t,mode="eval",optimize=1)))
print(ast.dump(compile(t,"a","eval",ast.PyCF_OPTIMIZED_AST,optimize=0)))

pattern = ast.MatchMapping(keys=[ast.Constant(1)], patterns=[ast.MatchAs()], rest="_")
match = ast.Match(ast.Name("x", ast.Load()), [ast.match_case(pattern, None, [ast.Pass()])])
named = ast.Expr(ast.NamedExpr(ast.Constant(1), ast.Constant(2)))
for statement in match, named:
    try:
        compile(ast.fix_missing_locations(ast.Module([statement], [])), "a", "exec")
    except (TypeError, ValueError) as error:
        print(type(error).__name__, error)
