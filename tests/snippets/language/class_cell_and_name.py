# `__class__` as a name of a class body, beside the cell of the same name.
class A: pass
class D:
    def f(self): return super().__repr__()
    __class__ = property(lambda self: A)
print(D().__class__, isinstance(D(), A), '__class__' in D.__dict__)
print(D.f(D())[:10])
class E:
    def f(self): return __class__
    __class__ = 5
    print(__class__)
print(E().f(), E.__dict__['__class__'])
class F:
    __class__ = 7
    def f(self): return __class__
    def g(self):
        def h(): return __class__
        return h()
    x = __class__
print(F().f(), F().g(), F.x)
try:
    class G:
        print(__class__)
        def f(self): return __class__
except NameError as e: print(e)
