# Names of keyword arguments are not mangled; parameters are.
def g(*a, **k): return k
class C:
    def f(self, *a, **kw): return g(__x=1, **kw), g(__x=1), g(*a, __x=1), g(*a, __x=1, **kw), dict(__y=1)
print(C().f(a=2))
class M(type):
    def __new__(c, n, b, ns, **k): print(k); return type.__new__(c, n, b, ns)
    def __init__(c, *a, **k): pass
class P:
    class Q(metaclass=M, __z=1): pass
    def f(self, __a=1): return __a
print(P().f(), P.f.__code__.co_varnames)
