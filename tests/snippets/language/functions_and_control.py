def gen(n):
    for i in range(n):
        yield i*i
print(list(gen(5)))
for x in gen(3): print(x)
try:
    1/0
except ZeroDivisionError as e:
    print("caught", e.args)
def f(a, b): pass
for args in ((1,), (1,2,3)):
    try: f(*args)
    except TypeError as e: print(e.args[0])
def outer(x):
    def inner(y):
        nonlocal x
        x = x + y
        return x
    return inner
c = outer(10)
print(c(1), c(2))
print([i*2 for i in range(5) if i != 2], {i: i+1 for i in range(3)})
a, *b, d = [1,2,3,4,5]
print(a, b, d)
def g():
    try:
        yield 1
        yield 2
    finally:
        print("finally")
it = g()
print(next(it))
it.close()
def h():
    r = yield from gen(3)
    return 5
def k():
    v = yield from h()
    print("v", v)
print(list(k()))
def kw(a, b=2, *c, d, e=5, **f): return (a,b,c,d,e,f)
print(kw(1, d=4), kw(1,2,3,4,d=1,e=2,z=3))
try: kw()
except TypeError as e: print(e.args[0])
try: kw(1)
except TypeError as e: print(e.args[0])
try: f(1, 2, 3)
except TypeError as e: print(e.args[0])
try: f(1, c=3)
except TypeError as e: print(e.args[0])
try: f(1, a=3)
except TypeError as e: print(e.args[0])
def rec(n): return rec(n+1)
try: rec(0)
except RecursionError as e: print(e.args[0])
def fin():
    try:
        return 1
    finally:
        print("in finally")
print(fin())
def loop():
    s = 0
    i = 0
    while i < 1000:
        if i % 2: 
            i += 1
            continue
        s += i
        i += 1
        if i > 500: break
    else:
        print("else")
    return s
print(loop())
try:
    try:
        raise ValueError("a")
    except ValueError as e:
        raise KeyError("b") from e
except KeyError as e2:
    print(e2.args, e2.__cause__.args, e2.__context__.args)
try:
    print(undefined_name)
except NameError as e: print(e.args[0])
def loc():
    if False: q = 1
    return q
try: loc()
except UnboundLocalError as e: print(e.args[0])
def send():
    x = yield 1
    print("got", x)
    y = yield 2
    print("got", y)
s = send()
next(s); s.send("a")
try: s.throw(ValueError("thrown"))
except ValueError as e: print(e.args)
match [1, 2, {"a": 3}]:
    case [x, y, {"a": z}] if z == 3: print("matched", x, y, z)
print(1 < 2 < 3, 3 > 2 > 5, not 0, 5 // 2, -5 // 2, -5 % 3, 2 ** 3 if False else 7 / 2)
def deco(fn):
    def w(*a, **k): return fn(*a, **k)
    return w
@deco
def add(a, b): return a + b
print(add(1, b=2))
lam = lambda x, y=3: x + y
print(lam(1))
x = 10
def glob():
    global x
    x += 1
    return x
print(glob(), x)
del x
try: x
except NameError as e: print(e.args[0])
print("abc" + "def", f"{'x'}y{1 if True else 2}z")
