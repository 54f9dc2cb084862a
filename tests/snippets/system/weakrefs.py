import weakref, gc

def t(f, *a, **k):
    try:
        r = f(*a, **k)
    except BaseException as e:
        print(type(e).__name__, e)
    else:
        print(repr(r))

class C:
    def __init__(self, v=0): self.v = v
    def __eq__(s, o): return s.v == o.v
    def __hash__(s): return hash(s.v)
    def __add__(s, o): return ('add', o)
    def __radd__(s, o): return ('radd', o)
    def __len__(s): return 3
    def __getitem__(s, i): return i
    def __call__(s, *a, **k): return a, k

c, d = C(1), C(1)
r = weakref.ref(c)
print(r is weakref.ref(c), r() is c, r == weakref.ref(d), hash(r) == hash(c), r.__callback__)
r3 = weakref.ref(c, print)
print(r3 is r, r3.__callback__ is print, weakref.getweakrefcount(c), weakref.getweakrefs(c) == [r, r3])
t(weakref.ref, 3)
t(lambda: r(3))
p = weakref.proxy(c)
print(p + 1, 1 + p, len(p), p[3], p(1, a=2), type(p), p == d, bool(p))
t(hash, p)
class D: pass
q = weakref.proxy(o := D())
print(type(q))
t(lambda: q())
t(lambda: q + 1)

def make():
    o = D()
    return weakref.ref(o), weakref.proxy(o)
def below(n, f):
    return f() if n == 0 else below(n - 1, f)
a, b = below(30, make)
below(60, int)
gc.collect()
print(a())
t(lambda: b.x)

log = []
class F:
    def __del__(self): log.append('del')
def make():
    o = F()
    return weakref.ref(o, lambda r: log.append('callback'))
w = below(30, make)
below(60, int)
gc.collect()
print(sorted(log), w())

class Sub(weakref.ref):
    def __new__(cls, o, k): 
        s = super().__new__(cls, o)
        s.k = k
        return s
    def __init__(self, o, k): super().__init__(o)
s = Sub(c, 4)
print(s.k, s() is c)

for made in ({1, 2}, frozenset((1, 2))):
    print(type(made).__name__, weakref.ref(made)() is made)
for made in ([], {}, bytearray()):
    try:
        weakref.ref(made)
    except TypeError as error:
        print(error)
