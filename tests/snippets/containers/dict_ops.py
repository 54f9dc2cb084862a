# Dicts: order, methods, merging, hooks, views, mutation during iteration.
d = {"a": 1, "b": 2}
d["c"] = 3; d["a"] = 10; del d["b"]; d["b"] = 20
print(d, len(d), list(d), list(d.values()), list(d.items()), "a" in d, "z" in d)
print(d.get("a"), d.get("z"), d.get("z", 5), d.setdefault("a", 7), d.setdefault("n"), d.setdefault("m", []), d)
print(d.pop("a"), d.pop("zz", None), d.popitem(), d)
d.update({"x": 1}, y=2); d.update([("p", 1), ["q", 2], "rs"]); print(d)
print(dict(), dict(a=1), dict({"k": 1}, k=2), dict([(1, 2)]), dict(zip("ab", (1, 2))), dict.fromkeys("ab"), dict.fromkeys([1], 0))
print({1: "int", 1.0: "float", True: "bool"}, {0: 1, -0.0: 2, False: 3})
print({"a": 1} | {"b": 2, "a": 3}, {"a": 1} == {"a": 1.0}, {"a": 1} != {}, {1: 2} == {2: 1})
e = {"a": 1}; e |= {"b": 2}; e |= [("c", 3)]; print(e)
print(list(reversed(e)), list(reversed(e.values())), list(reversed(e.items())))
e.clear(); print(e, bool(e))
r = {}; r["self"] = r; print(r)
big = {i: str(i) for i in range(1000)}
for i in range(0, 1000, 2): del big[i]
print(len(big), list(big)[:5], big[999], 4 in big)
for i in range(1000): big[i] = i
print(len(big), list(big)[:3], list(big)[-3:])
big = {f"k{i}": i for i in range(70000)}; print(len(big), big["k69999"], sum(big.values())); del big
class M(dict):
    def __missing__(self, key): return f"no {key}"
m = M(a=1); print(m["a"], m["b"], m.get("b"), m, type(m.copy()).__name__, type(m | {}).__name__, len(m))
class Bad:
    def __init__(self, h, log): self.h, self.log = h, log
    def __hash__(self): return self.h
    def __eq__(self, other): self.log.append("eq"); return self is other or isinstance(other, int)
log = []; k = Bad(5, log); x = {k: "v"}; print(x[5], log, x[k], log)
class Mutator:
    def __hash__(self): return 1
    def __eq__(self, other):
        target.clear()
        return False
target = {Mutator(): 1, 2: 2}
print(target.get(Mutator()), target)
class X:
    def __hash__(self): return 0
    def __eq__(self, o):
        other.clear()
        return False
other = dict((i, 0) for i in range(1, 1337)); other[X()] = 0
try: {X(): 0, 1: 1}.update(other)
except RuntimeError as err: print(err)
for change in (lambda d: d.update(z=1), lambda d: d.pop(1)):
    d = {1: 1, 2: 2, 3: 3}
    try:
        for k in d: change(d)
    except RuntimeError as err: print(err)
d = {1: 1}
try:
    for i in d:
        del d[i]; d[i + 1] = 1
except RuntimeError as err: print(err)
d = {i: i for i in range(8)}
for k in d: d[k] += 1
print(d)
it = iter({1: 2, 3: 4}.items()); print(it.__length_hint__(), next(it), it.__length_hint__(), list(it), it.__length_hint__())
print({(1, 2): 3}[(1, 2)], {frozenset([1]): 2}[frozenset([1])], {None: 1, ...: 2})
print({**{"a": 1}, "b": 2, **{"a": 3}})
def f(**kw): return kw
print(f(**{"x": 1}, y=2), list(f(b=1, a=2)))
d = {}
for i in range(100): d[i] = i
while d: d.popitem()
print(d, d.setdefault(1, 2))
print({1: "a"}.__contains__(1), {}.__len__(), {1: 2}.__getitem__(1))
class D(dict):
    def __init__(self, *a, **k): super().__init__(*a, **k); self.extra = 1
y = D(a=1); y.z = 5; print(y, y.__dict__)
class Keys:
    def keys(self): return ["a", "b"]
    def __getitem__(self, k): return k * 2
print(dict(Keys()), {**Keys()})
match {"k": 1, "o": 2}:
    case {"k": v, **rest}: print(v, rest)
print({1: 2} | {}, {}.keys() == set(), {1: {2: {3: {}}}})
