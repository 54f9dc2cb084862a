import types


def masked(text):
    head, *rest = text.split("0x")
    return head + "".join("0x?" + part.lstrip("0123456789abcdef") for part in rest)


def t(f):
    try:
        print(masked(repr(f())))
    except BaseException as e:
        print(type(e).__name__, "|", e)


tb=None
try: 1/0
except Exception as e: tb=e.__traceback__
t(lambda: dir(tb))
t(lambda: setattr(tb,'tb_next',tb))
t(lambda: setattr(tb,'tb_next',1))
t(lambda: delattr(tb,'tb_next'))
t(lambda: setattr(tb,'tb_lineno',1))
t(lambda: setattr(tb,'tb_frame',1))
t(lambda: types.TracebackType())
t(lambda: types.TracebackType(1,2,3,4))
t(lambda: types.TracebackType(None,tb.tb_frame,1,2))
t(lambda:types.TracebackType(None,1,1,2))
t(lambda: types.TracebackType(None,tb.tb_frame,'a',2))
def g(): 
    yield 1
G=g()
async def co(): pass
async def ag(): yield 1
C=co(); A=ag()
t(lambda: setattr(G,'__name__',1))
t(lambda: delattr(G,'__name__'))
t(lambda: setattr(G,'__qualname__',1))
t(lambda: setattr(G,'gi_running',1))
t(lambda: setattr(G,'gi_code',1))
t(lambda: G.throw(1))
t(lambda: G.throw(ValueError, ValueError(1)))
t(lambda: g().throw(ValueError(1),2))
t(lambda: g().throw(ValueError,2,3))
t(lambda: g().throw())
t(lambda: g().send(1))
t(lambda: g().throw(ValueError,1))
t(lambda: g().throw(1,2,3,4))
t(lambda: g().throw(int))
t(lambda: C.send(1))
t(lambda: next(C))
t(lambda: iter(C))
t(lambda: type(G)())
t(lambda: type(C.__await__()))
t(lambda: type(A.asend(1)))
t(lambda: type(A.athrow(ValueError)))
t(lambda: type(G).__doc__)
t(lambda: G)
t(lambda: type(G).__class_getitem__(int))
t(lambda: C.cr_await)
t(lambda: A.ag_running)
