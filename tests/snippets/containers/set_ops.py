# Sets and frozensets.
s = {3, 1, 2}
print(s, len(s), 2 in s, 5 in s, set(), frozenset(), frozenset([1]), {1, 1.0, True}, set("a"))
s.add(4); s.discard(1); s.discard(99); s.remove(2); print(s)
print({1, 2} | {2, 3}, {1, 2} & {2, 3}, {1, 2} - {2, 3}, {1, 2} ^ {2, 3})
print({1, 2}.union([3], (4,)), {1, 2, 3}.intersection([1, 2], [2]), {1, 2, 3}.difference([1], [2]), {1, 2}.symmetric_difference([2, 3]))
a = {1, 2, 3}; a |= {4}; a &= {1, 2, 4}; a -= {1}; a ^= {9}; print(a)
a = {1, 2, 3}; a.update([5], "x"[:0], {6: 0}); a.intersection_update({1, 5, 6, 7}); a.difference_update([1], [5]); a.symmetric_difference_update([6, 8]); print(a)
print({1} < {1, 2}, {1} <= {1}, {1, 2} > {1}, {1, 2} >= {3}, {1} == frozenset([1]), {1} != {2}, {1}.issubset([1, 2]), {1, 2}.issuperset([1]), {1}.isdisjoint([2]), {1}.isdisjoint({1}))
print(type({1} | frozenset([2])).__name__, type(frozenset([2]) | {1}).__name__)
print(hash(frozenset([1, 2, 3])), hash(frozenset()), hash(frozenset(range(100))), hash(frozenset([frozenset([1])])))
f = frozenset([1, 2]); print(f.copy() is f, frozenset(f) is f, set(f) == f)
print({frozenset([1]): "v"}[frozenset([1])], {1} in {frozenset([1])}, frozenset([1]) in {frozenset([1])})
outer = {frozenset([1]), 2}; outer.discard({1}); print(outer)
print(sorted({1, 2, 3}.pop() for _ in range(1)))
t = set(range(10))
while t: t.pop()
print(t)
print({*range(5)}, {x % 3 for x in range(10)}, set(range(20)), {10, 20, 30, 5}, set(range(0, 100, 10)), {-1, -2, 5})
try:
    u = {1, 2}
    for x in u: u.add(x + 10)
except RuntimeError as e: print(e)
class S(set):
    def __init__(self, *args, extra=None):
        super().__init__(*args)
        self.extra = extra
x = S([1, 2], extra=5); print(x, x.extra, type(x | x).__name__, type(x.copy()).__name__)
class F(frozenset):
    pass
y = F([1, 2]); print(y, y == {1, 2}, hash(y) == hash(frozenset([1, 2])), type(y.union([3])).__name__, type(F()).__name__)
class Evil:
    def __hash__(self): return 1
    def __eq__(self, other):
        victim.clear()
        return False
victim = set(); victim |= {1, 17}; victim.add(2); print(Evil() in victim, victim)
big = set(range(100000)); big -= set(range(1, 100000)); print(big, len(big))
it = iter({1, 2, 3}); print(it.__length_hint__(), next(it), it.__length_hint__(), list(it), it.__length_hint__())
r = set(); print(repr(r), {()}, {(1, 2)}, {None}, {"a"})
print(S.__subclasses__(), {1}.__reduce__()[1], {1, 2}.__contains__(1), {1}.__sizeof__() > 0)
print(set([1, 2, 3]) - {}.keys(), {1, 2} & {1: 0}.keys())
n = float("nan"); print(len({n, n}), n in {n})
