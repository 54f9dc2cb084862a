import types


def masked(text):
    head, *rest = text.split("0x")
    return head + "".join("0x?" + part.lstrip("0123456789abcdef") for part in rest)


def t(f):
    try:
        print(masked(repr(f())))
    except BaseException as e:
        print(type(e).__name__, "|", e)


# generators, coroutines, async gens, frames
class Aw:
    def __init__(s,v): s.v=v
    def __await__(s):
        r = yield s.v
        return r
def drive(c):
    res=[]
    try:
        v=c.send(None); res.append(v)
        while True:
            v=c.send('s%s'%v); res.append(v)
    except StopIteration as e: res.append(('ret',e.value))
    except BaseException as e: res.append(('exc',type(e).__name__,str(e)))
    return res
async def ag():
    try:
        x = yield 1
        print('got',x)
        y = await Aw('aw')
        print('awaited',y)
        yield 2
    finally:
        print('fin')
async def use():
    r=[]
    async for i in ag(): r.append(i)
    return r
t(lambda: drive(use()))
A=ag()
t(lambda: drive(A.__anext__()))
t(lambda: drive(A.asend('hello')))
t(lambda: drive(A.athrow(ValueError('v'))))
t(lambda: drive(A.__anext__()))
t(lambda: drive(A.aclose()))
A=ag(); t(lambda: drive(A.asend(5))); t(lambda: drive(A.aclose())); t(lambda: drive(A.aclose()))
A=ag(); t(lambda: drive(A.__anext__())); t(lambda: drive(A.aclose())); t(lambda: drive(A.__anext__())); t(lambda: A.ag_frame)
async def ign():
    while True:
        try: yield 1
        except GeneratorExit: pass
A=ign(); t(lambda: drive(A.__anext__())); t(lambda: drive(A.aclose()))
s=A.asend(None); t(lambda: drive(s)); t(lambda: s.send(None)); t(lambda: s.close()); t(lambda: s.throw(ValueError)); 
x=A.athrow(ValueError); t(lambda: x.close()); t(lambda: x.send(None)); x=A.aclose(); t(lambda: x.throw(KeyError('k')))
async def two():
    yield await Aw(1)
    yield await Aw(2)
B=two(); p=B.__anext__(); q=B.__anext__(); t(lambda: p.send(None)); t(lambda: q.send(None)); t(lambda: B.ag_running); t(lambda: type(B.ag_await)); t(lambda: B.ag_suspended); t(lambda: p.send(9)); t(lambda: B.ag_running)
c=B.aclose(); t(lambda: c.send(None)); 
def g():
    try:
        x=yield 1
        print('x',x)
        yield 2
        return 7
    except GeneratorExit:
        print('exit'); raise
G=g(); t(lambda: G.gi_frame.f_lineno-g.__code__.co_firstlineno); t(lambda: next(G)); t(lambda: G.gi_frame.f_lineno-g.__code__.co_firstlineno); t(lambda: G.gi_suspended); t(lambda: G.gi_running); t(lambda: G.send(4)); t(lambda: next(G)); t(lambda: G.gi_frame); t(lambda: next(G)); t(lambda: G.close())
G=g(); next(G); t(lambda: G.close()); t(lambda: next(G)); G=g(); t(lambda: G.close()); t(lambda: next(G)); G=g(); next(G); t(lambda: G.throw(ValueError('q')))
def dg():
    r=yield from g()
    print('r',r)
    yield r
D=dg(); t(lambda: next(D)); t(lambda: D.gi_yieldfrom.__name__); t(lambda: D.send(1)); t(lambda: next(D)); t(lambda: next(D))
D=dg(); next(D); t(lambda: D.throw(KeyError(1)))
D=dg(); next(D); t(lambda: D.close())
def reent():
    yield next(R)
R=reent(); t(lambda: next(R))
def stop(): 
    yield 1
    raise StopIteration(3)
S=stop(); next(S); t(lambda: next(S))
async def co(): return 5
C=co(); t(lambda: drive(C)); t(lambda: C.send(None)); t(lambda: C.close()); C=co(); t(lambda: C.close()); t(lambda: C.send(None)); C=co(); t(lambda: C.throw(ValueError('z'))); t(lambda: C.cr_frame)
async def aw(): 
    return await Aw(3)
C=aw(); t(lambda: C.send(None)); t(lambda: C.cr_await is not None); t(lambda: C.cr_suspended); t(lambda: C.send(10))
w=aw().__await__(); t(lambda: next(w)); t(lambda: w.send(3)); w=aw().__await__(); t(lambda: w.throw(ValueError(1))); t(lambda: iter(w) is w); t(lambda: w.close())
async def bad(): await 1
t(lambda: drive(bad()))
async def bad2():
    async for i in 1: pass
t(lambda: drive(bad2()))
async def bad3():
    async with 1: pass
t(lambda: drive(bad3()))
# frame things
class FR:
    try: 1/0
    except Exception as e: fr=e.__traceback__.tb_frame
def h(a,b=2,*c,d=4,**e):
    x=1
    def inner(): return x
    try: raise ValueError
    except ValueError as ex: f=ex.__traceback__.tb_frame
    return f, f.f_locals
f,l=h(1)
t(lambda: sorted(k for k in f.f_locals))
t(lambda: f.f_code.co_name)
t(lambda: f.f_globals is globals())
t(lambda: f.f_locals['x'])
t(lambda: f.f_lineno-h.__code__.co_firstlineno)
t(lambda: f.clear())
t(lambda: f.f_locals['zz'])
t(lambda: f.f_lasti>0)
t(lambda: f.f_trace)
t(lambda: f.f_trace_lines)
t(lambda: f.f_generator)
def wt():
    x=1
    try: raise ValueError
    except ValueError as ex: f=ex.__traceback__.tb_frame
    f.f_locals['x']=5; f.f_locals['new']=8
    return x, f.f_locals['new'], len(f.f_locals), 'x' in f.f_locals, f.f_locals.get('q',3), locals()['x']
t(wt)
def wt2():
    x=1
    def i(): return x
    try: raise ValueError
    except ValueError as ex: f=ex.__traceback__.tb_frame
    f.f_locals['x']=5
    try: del f.f_locals['x']
    except Exception as e: return i(), type(e).__name__, str(e), f.f_locals.pop('newx',1)
t(wt2)
co=h.__code__
t(lambda: (co.co_argcount, co.co_kwonlyargcount, co.co_varnames, co.co_cellvars, co.co_freevars, co.co_flags, co.co_name, co.co_qualname, co.co_nlocals))
t(lambda: co.replace(co_name='zz').co_name)
t(lambda: co.replace(foo=1))
t(lambda: co==co.replace())
t(lambda: hash(co)==hash(co.replace()))
t(lambda: co.co_names)
t(lambda: co.replace(co_flags=co.co_flags|0x100).co_flags-co.co_flags)
t(lambda: len(list(co.co_positions()))>0)
t(lambda: len(list(co.co_lines()))>0)
