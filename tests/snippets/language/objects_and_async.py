class Base:
    def __init__(self, x): self.x = x
    def hello(self): return "base %s" % self.x
    @property
    def px(self): return self.x * 2
    @px.setter
    def px(self, v): self.x = v
    @classmethod
    def make(cls, v): return cls(v)
    @staticmethod
    def st(a): return a + 1
    def __add__(self, o): return Base(self.x + o.x)
    def __repr__(self): return f"Base({self.x})"
    def __eq__(self, o): return self.x == o.x
    def __getitem__(self, i): return i * 2
    def __len__(self): return 3
    def __bool__(self): return self.x > 0
    def __iter__(self): return iter([1,2,3])
    def __contains__(self, k): return k == 7
    def __call__(self, *a, **k): return (a, k)
    def __lt__(self, o): return self.x < o.x
class Derived(Base):
    def __init__(self, x, y):
        super().__init__(x)
        self.y = y
    def hello(self): return "derived " + super().hello()
for i in range(3):
    d = Derived(1, 2)
    print(d.hello(), d.px, d.x, d.y, Derived.st(4), d.st(5))
    d.px = 10
    print(d.x, Base.make(3), d + d, d == d, d[4], len(d), bool(d), list(d), 7 in d, 8 in d, d(1, z=2), d < d)
class CM:
    def __enter__(self): print("enter"); return self
    def __exit__(self, t, v, tb): print("exit", t, v); return t is ValueError
with CM() as c:
    print("body")
with CM():
    raise ValueError("x")
try:
    with CM(): raise KeyError("y")
except KeyError as e: print("ke", e)
class Meta(type):
    def __new__(m, n, b, d, **k):
        print("meta", n, k)
        return super().__new__(m, n, b, d)
    def __call__(cls, *a):
        print("call", a)
        return super().__call__(*a)
class WithMeta(metaclass=Meta, opt=1):
    def __init__(self, a): self.a = a
print(WithMeta(4).a)
class Slots:
    __slots__ = ("a", "b")
    def __init__(self): self.a = 1
s = Slots()
print(s.a)
try: s.b
except AttributeError as e: print(e)
try: s.c = 1
except AttributeError as e: print(e)
class GA:
    def __getattr__(self, n): return "dyn " + n
print(GA().foo)
class NoInit: pass
n = NoInit()
n.q = 1
print(n.q, NoInit.__name__)
try: n.zz
except AttributeError as e: print(e)
try: NoInit(1)
except TypeError as e: print(e)
class BadInit:
    def __init__(self): return 1
try: BadInit()
except TypeError as e: print(e)
async def co(x):
    return x + 1
async def main():
    a = await co(1)
    print("await", a)
    async for v in agen():
        print("av", v)
    async with ACM() as q: print("in", q)
    return [x async for x in agen()]
async def agen():
    yield 1
    yield 2
class ACM:
    async def __aenter__(self): return "entered"
    async def __aexit__(self, *a): print("aexit")
m = main()
try: m.send(None)
except StopIteration as e: print(e.value)
try:
    raise ExceptionGroup("eg", [ValueError(1), TypeError(2), ExceptionGroup("in", [ValueError(3)])])
except* ValueError as eg: print("VE", eg.exceptions)
except* TypeError as eg: print("TE", eg.exceptions)
class P:
    __match_args__ = ("x", "y")
    def __init__(self, x, y): self.x = x; self.y = y
match P(1, 2):
    case P(1, y=3): print("no")
    case P(x, y): print("P", x, y)
match {"k": 1, "z": 2}:
    case {"k": v, **rest}: print(v, rest)
match 5:
    case int(n) | str(n): print("int", n)
def gen():
    try:
        while True:
            try:
                x = yield 1
            except ValueError as e:
                print("gen caught", e)
                yield "recovered"
    finally: print("cleanup")
g = gen(); next(g); print(g.throw(ValueError("q"))); g.close()
def gret(): 
    yield 1
    return 2
def outer():
    r = yield from gret()
    print("r", r)
for _ in outer(): pass
def stop():
    yield 1
    raise StopIteration(3)
try: list(stop())
except RuntimeError as e: print(e, repr(e.__cause__))
def f(*, a): pass
try: f()
except TypeError as e: print(e)
try: f(b=1)
except TypeError as e: print(e)
try: f(aa=1)
except TypeError as e: print(e)
x = [1,2,3]
x[1:2] = [7,8]
print(x, x[1:], x[-1], x[::2])
a, (b, *c) = 1, (2, 3, 4)
print(a,b,c)
print({**{"a":1}, "b":2}, [*range(3), 4], {1,2} | {3})
print((lambda *a, **k: (a, k))(1, *[2], **{"z": 3}))
def tb():
    1/0
try: tb()
except ZeroDivisionError as e:
    t = e.__traceback__
    while t: print(t.tb_lineno, t.tb_frame.f_code.co_name, t.tb_frame.f_lineno); t = t.tb_next
def locs(a, b=2):
    c = 3
    def inner(): return c
    return locals()
l = locs(1); print(l["a"], l["b"], l["c"])
def deep(n): return 0 if n == 0 else 1 + deep(n-1)
print(deep(900))
try: deep(100000)
except RecursionError as e: print(e)
print(deep(900))
import_error = None
print([x for x in (y for y in range(5))], sum(z for z in [1,2]))
def annotated(x: int, y: "str" = 3) -> float: pass
print(annotated.__annotations__)
i = 5
i += 2; i *= 3; i //= 2; i **= 2; i %= 7; i <<= 3; i |= 1; i ^= 3; i &= 0xff
print(i, 2**100, -(2**70), 10**20 // 3, 1 << 70)
print("%s-%d" % ("a", 3), "a" in "abc", "x" * 3)
assert i, "msg"
try: assert 0, "boo"
except AssertionError as e: print("AE", e)
for i in range(3):
    if i == 5: break
else: print("for else")
print([(i, j) for i in range(2) for j in range(2)], [[i for i in range(2)] for _ in range(2)])
global_x = 1
class Scope:
    global_x = 2
    y = global_x
    def m(self): return global_x
print(Scope.y, Scope().m())
del Scope
print(f"{3.14159:.2f} {'a':>5} {5!r} {i=}")
print(1 if [] else 2, [] or 3, 0 and 1, None is None)
def many(a,b,c,d,e=5,*args,f=6,**kw): return a,b,c,d,e,args,f,kw
print(many(1,2,3,4), many(*range(8), f=9, g=10))
