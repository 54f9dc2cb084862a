import types


def masked(text):
    head, *rest = text.split("0x")
    return head + "".join("0x?" + part.lstrip("0123456789abcdef") for part in rest)


def t(f):
    try:
        print(masked(repr(f())))
    except BaseException as e:
        print(type(e).__name__, "|", e)


def f():pass
def s2(o,n,v): setattr(o,n,v)
for n in ['__code__','__defaults__','__kwdefaults__','__annotations__','__annotate__','__dict__','__name__','__qualname__','__type_params__','__closure__','__globals__','__doc__','__module__','__builtins__']:
    print(n); t(lambda: s2(f,n,1)); t(lambda: delattr(f,n))
t(lambda: types.FunctionType())
t(lambda: types.FunctionType(1,{}))
t(lambda: types.FunctionType(f.__code__,1))
t(lambda: types.FunctionType(f.__code__,{},1))
t(lambda: types.FunctionType(f.__code__,{},'a',1))
t(lambda: types.FunctionType(f.__code__,{},'a',None,1))
t(lambda: types.FunctionType(f.__code__,{},'a',None,None,1))
t(lambda: types.FunctionType(f.__code__,{},'a',None,(1,)))
def g():
    x=1
    def h(): return x
    return h
h=g()
t(lambda: types.FunctionType(h.__code__,{}))
t(lambda: types.FunctionType(h.__code__,{},None,None,()))
t(lambda: types.FunctionType(h.__code__,{},None,None,(1,)))
def k(): f.__code__=h.__code__
t(k)
f.__annotate__=lambda x:1
t(lambda:f.__annotations__)
t(lambda: types.MethodType())
t(lambda: types.MethodType(1,2))
t(lambda: types.MethodType(f,None))
t(lambda: types.MethodType(f))
t(lambda: types.MethodType(f,1,2))
t(lambda: types.MethodType(f,a=1))
t(lambda: types.MethodType(f,1))
t(lambda: types.MethodType(f,1).foo)
class C:
  @property
  def x(self): 'doc'; return 1
  def m(self): 'mdoc'
c=C()
t(lambda: c.m.__doc__)
t(lambda: c.m.__func__)
t(lambda: c.m==c.m)
t(lambda: hash(c.m)==hash(c.m))
t(lambda: C.x.__doc__)
t(lambda: c.m.__name__)
t(lambda: s2(c,'x',1))
t(lambda: delattr(c,'x')); p=property()
t(lambda: p.__get__(1))
t(lambda:p.__set__(1,2))
t(lambda:p.__delete__(1))
class D: y=property()
t(lambda: D().y)
t(lambda: s2(D(),'y',1))
t(lambda: delattr(D(),'y'))
t(lambda: property(1,2,3,4,5))
t(lambda: property(a=1))
t(lambda:p.__name__)
t(lambda: D.__dict__['y'].__name__)
t(lambda: p.__set_name__())
t(lambda: p.__set_name__(1))
t(lambda:p.__get__())
t(lambda: s2(p,'fget',1))
t(lambda: C.x.getter(f))
t(lambda: C.x.setter(f).fset is f)
t(lambda: C.x.setter(f).__doc__)
class PS(property): pass
t(lambda: PS(f).__doc__)
t(lambda: PS(C.m).__doc__)
t(lambda: PS(f,doc='x').__doc__)
t(lambda: staticmethod())
t(lambda: staticmethod(1))
t(lambda: classmethod(1))
t(lambda: staticmethod(f))
t(lambda: classmethod(f).__get__(None))
t(lambda: staticmethod(1)())
t(lambda: classmethod(1,2))
t(lambda:classmethod(a=1))
print(vars(staticmethod(f))); print(vars(classmethod(len)) | {"__doc__": bool(len.__doc__)}); print(vars(classmethod(len))["__doc__"] == len.__doc__)
t(lambda: super())
t(lambda: super(1))
t(lambda: super(C,1))
t(lambda: super(C))
t(lambda: super(C,c))
t(lambda: super(C,c).zz)
t(lambda: super(C,1,2))
t(lambda:super(a=1))
t(lambda: super(C,C))
t(lambda: super(C,c).__class__)
t(lambda: super(int,bool))
def a1(): super()
t(a1)
def a2(x): super()
t(lambda: a2(1))
def a3(*a): super()
t(a3)
class E:
    def a4(x):
        del x
        super()
    def a5(x): super()
    def a6(x):
        y=lambda: x
        return super().__init__
t(lambda: E().a4())
t(lambda: E.a5(1))
t(lambda: E().a6())
t(lambda: types.CellType())
t(lambda: types.CellType(1,2))
t(lambda: types.CellType().cell_contents)
t(lambda: types.CellType(1)<1)
t(lambda:type(None)(1))
t(lambda: type(...)(1))
t(lambda: type(NotImplemented)(1))
t(lambda: bool(NotImplemented))
t(lambda: type(None)())
t(lambda: hash(None))
t(lambda: (...).__reduce__())
t(lambda: NotImplemented.__reduce__())
t(lambda: hash(types.CellType(1)))
t(lambda: types.ModuleType())
t(lambda: types.ModuleType(1))
t(lambda: types.ModuleType('a'))
t(lambda: types.ModuleType('a','b').__dict__)
t(lambda: types.ModuleType('a').x)
t(lambda: types.ModuleType.__new__(types.ModuleType))
t(lambda: types.ModuleType.__new__(types.ModuleType).x)
t(lambda: types.ModuleType('a',b=1))
t(lambda: types.ModuleType.__new__(types.ModuleType).__dict__)
t(lambda: dir(types.ModuleType.__new__(types.ModuleType)))
class MM(types.ModuleType): pass
mm=MM('q'); mm.x=1; t(lambda: mm.x); t(lambda: mm.__dict__); t(lambda: mm); t(lambda: mm.y); t(lambda: delattr(mm,'y')); mm.__getattr__=lambda n: n*2; t(lambda: mm.y); del mm.x; t(lambda: mm.x); t(lambda: s2(mm,'__dict__',{}))
mo=types.ModuleType('z'); mo.__class__=MM; t(lambda: mo); mo.a=2; t(lambda:mo.a); t(lambda: mo.__annotations__); t(lambda: mo.__annotate__)
