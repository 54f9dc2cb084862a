# Lists: building, indexing, slicing, methods.
a = [1, 2, 3]
print(a, len(a), a[0], a[-1], a[1:], a[::-1], a[::2], a[5:], a[-100:100])
a.append(4); a.insert(0, 0); a.insert(100, 5); a.insert(-1, 4.5)
print(a)
print(a.pop(), a.pop(0), a.pop(-2), a)
a.extend((7, 8)); a.extend(range(3)); a.extend(x * x for x in range(3)); a += "ab"
print(a)
a.remove(7); print(a.index(8), a.count(1), a.count(99))
a.reverse(); print(a)
a.clear(); print(a)
b = list(range(10))
b[2:5] = [20, 30]; print(b)
b[2:4] = range(5); print(b)
b[::3] = [-1] * len(b[::3]); print(b)
b[1:1] = b; print(b)
b[:] = b[:4]; print(b)
del b[::2]; print(b)
del b[0]; print(b)
b = list(range(20)); del b[3:15:4]; print(b)
b = list(range(20)); del b[15:3:-4]; print(b)
b = list(range(6)); b[::-2] = "xyz"; print(b)
print([1, 2] * 3, 2 * ["a"], [1] * 0, [1] * -5, [] * 10)
c = [1, 2]; c *= 3; print(c); c *= 0; print(c)
print([1, 2] + [3], [1, 2] == [1, 2], [1, 2] != [1, 3], [1, 2] < [1, 3], [1] < [1, 0], [2] > [1, 5], [] <= [], [1, 2] >= [1, 2, 0])
r = [1]; r.append(r); print(r, repr(r))
print(3 in [1, 2, 3], 1.0 in [1], None in [0], [1] in [[1]])
n = float("nan"); print(n in [n], [n] == [n])
print([[]] * 3, list("héllo"), list({"k": 1}), list(()), [*range(3), *"ab"])
class L(list):
    def __init__(self, *args, tag=None):
        super().__init__(*args)
        self.tag = tag
x = L([3, 1, 2], tag="t"); x.sort(); print(x, x.tag, type(x[:]).__name__, type(x + [1]).__name__, type(x.copy()).__name__)
class Evil:
    def __init__(self, victim): self.victim = victim
    def __eq__(self, other):
        self.victim.clear()
        return False
v = []; v.extend([Evil(v), Evil(v), 3]); print(3 in v, v)
v = [1, 2, 3]
for i in v:
    if len(v) < 8: v.append(i * 10)
print(v)
print(list(reversed([1, 2, 3])), [1, 2, 3].__reversed__().__length_hint__())
it = iter([1, 2]); print(next(it), it.__length_hint__(), next(it), next(it, "end"), it.__length_hint__())
print([1, 2, 3].__sizeof__() > [].__sizeof__())
class I:
    def __index__(self): return 1
print([10, 20, 30][I()], [10, 20, 30][I():], [1] * I(), "ab" * I())
print(sorted([3, 1, 2]), sorted("hello"), sorted({3: 1, 1: 2}))
m = [[0] * 2 for _ in range(2)]; m[0][0] = 1; print(m)
print([1, 2, 3].index(3, -1), [1, 2, 3, 1].index(1, 1), [1, 2, 3].index(2, -100, 100))
first, *rest = [1, 2, 3]; print(first, rest)
match [1, 2, 3]:
    case [x, *y]: print(x, y)
