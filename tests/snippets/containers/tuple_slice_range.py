# Tuples, slices, ranges.
t = (1, "a", 2.5)
print(t, (), (1,), t[0], t[-1], t[1:], t[::-1], t + (4,), t * 2, 2 * (1,), len(t), "a" in t)
print(t.index("a"), t.count(1), t == (1, "a", 2.5), (1, 2) < (1, 3), (1,) < (1, 0), () <= (), hash((1, 2, 3)), hash(()), hash((1, (2, 3))), hash((-1, 0)))
print(tuple([1, 2]), tuple("ab"), tuple(), tuple(t) is t, t[:] is t, tuple() is tuple([]), t * 1 is t, t + () is t)
class T(tuple):
    def __new__(cls, *args): return super().__new__(cls, args)
x = T(1, 2, 3); x.name = "n"; print(x, x.name, type(x[:]).__name__, x[1:], type(x + ()).__name__, x == (1, 2, 3), hash(x) == hash((1, 2, 3)))
a, (b, *c), d = 1, (2, 3, 4), 5; print(a, b, c, d)
l = []; u = (l,); l.append(u); print(u)
s = slice(1, 10, 2); print(s, s.start, s.stop, s.step, slice(5), slice(None, None, -1), s == slice(1, 10, 2), s != slice(1, 10), slice(1, 2) < slice(1, 3), hash(s) == hash(slice(1, 10, 2)), hash(slice(1, 2, 3)))
print(slice(None, None, -1).indices(5), slice(-3, None).indices(10), slice(100, -100, -7).indices(30), slice(1, 5).indices(0), slice(2 ** 100, None, -1).indices(2 ** 99), slice(-2 ** 100, 2 ** 100, 2 ** 50).indices(10))
class I:
    def __init__(self, v): self.v = v
    def __index__(self): return self.v
print([1, 2, 3, 4][I(1):I(3)], slice(I(1), I(3)).indices(10))
print([0, 1, 2, 3][2 ** 100:], [0, 1, 2, 3][-2 ** 100:2 ** 100:2 ** 100], "abc"[::-2 ** 70])
r = range(10); print(r, list(r), len(r), r[3], r[-1], r[2:8:3], r[::-1], 5 in r, 10 in r, 5.0 in r, "a" in r)
print(range(0, 10, 3), list(range(10, 0, -3)), list(range(5, 5)), range(0) == range(5, 5), range(0, 3, 2) == range(0, 4, 2), range(1) != range(2), hash(range(0, 3, 2)) == hash(range(0, 4, 2)), bool(range(0)), bool(range(1)))
print(r.index(4), r.count(4), r.count(11), r.start, r.stop, r.step, list(reversed(range(0, 10, 3))), list(reversed(range(3))), list(reversed(range(0))))
big = range(2 ** 70, 2 ** 70 + 10, 3); print(big, list(big), len(big), big[-1], 2 ** 70 + 3 in big, big.index(2 ** 70 + 6), list(reversed(big)), big[1:], hash(big) == hash(range(2 ** 70, 2 ** 70 + 11, 3)))
huge = range(0, 10 ** 30, 7); print(huge[10 ** 20], huge[-1], huge[::10 ** 25], (10 ** 30 - 10 ** 30 % 7) in huge)
print(list(range(-2 ** 63, -2 ** 63 + 3)), list(range(2 ** 63 - 2, 2 ** 63 + 1)), list(range(2 ** 63 - 1, 2 ** 63 - 4, -1)))
it = iter(range(5)); next(it); print(it.__length_hint__(), it.__reduce__()[1:], list(it), it.__length_hint__())
it = iter(range(2 ** 70, 2 ** 70 + 3)); next(it); print(it.__length_hint__(), list(it))
it = iter(range(10)); it.__setstate__(4); print(list(it))
class E:
    def __eq__(self, other): return other == 3
print(E() in range(5), range(5).index(E()), range(5).count(E()))
for args in ((1.0,), ("a",), (0, 1, 0), (), (1, 2, 3, 4)):
    try: range(*args)
    except (TypeError, ValueError) as e: print(type(e).__name__, e)
for name in ("start", "stop", "step"):
    try: setattr(range(3), name, 1)
    except AttributeError as e: print("readonly")
print(sum(range(1000)), [i for i in range(0, -10, -4)], max(range(5)), list(zip(range(3), range(3, 6))))
