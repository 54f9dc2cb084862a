# Containers filled, compared and searched in bulk: plain contents, what is not plain among them, and what Python code does in the middle.
import array
import collections
import operator


class Odd:
    def __init__(self, value):
        self.value = value

    def __index__(self):
        return self.value

    __int__ = __index__

    def __float__(self):
        return float(self.value)

    def __eq__(self, other):
        return self.value == other

    def __hash__(self):
        return hash(self.value)

    def __repr__(self):
        return f"Odd({self.value})"


# arrays
for code in "bBhHiIlLqQfd":
    a = array.array(code, [0, 1, 2, 100])
    print(code, a, a.tolist(), a.tobytes() == bytes(memoryview(a).cast("B")), a.index(100), a.count(2), 2 in a, 3 in a, 2.0 in a, None in a, a == array.array(code, a), a[1:3], a[::2], a[::-1], a + a[:1])
    for bad in (-1, 300, 70000, 2**33, 2**63, 2**64, 1.5, "x", None, True, Odd(3)):
        try:
            print(array.array(code, [1, bad, 2]))
        except (TypeError, OverflowError) as error:
            print(type(error).__name__, error)
    b = array.array(code)
    try:
        b.extend((1, 2, "x", 3))
    except TypeError as error:
        print(b, error)
nan = float("nan")
print(array.array("d", [nan]) == array.array("d", [nan]), array.array("d", [0.0]) == array.array("d", [-0.0]), array.array("f", [1.5]) == array.array("d", [1.5]),
      array.array("i", [1]) != array.array("i", [1]), array.array("i", [1, 2]) < array.array("i", [1, 3]), array.array("w", "ab") == array.array("w", "ab"), array.array("i", [1]) == array.array("b", [1]))
a = array.array("i", range(10))
print(a.index(5, 2), a.index(9, -1), a.count(Odd(3)), Odd(4) in a, a.index(Odd(4)), a.index(4.0), [v for v in a], list(reversed(a)), sum(a), max(a))
try:
    a.index(5, 6)
except ValueError as error:
    print(error)
w = array.array("w", "h\u00e9\U0001f600")
print(w, w.index("\u00e9"), "h" in w, 1 in w, w.tolist(), w.count("h"))
m = memoryview(a)
try:
    a.extend([1])
except BufferError as error:
    print(error)
m.release()
a.extend([1])
print(len(a))

# deques
for limit in (None, 0, 1, 3, 10):
    d = collections.deque([1, 2], limit)
    d.extend([3, 4, 5])
    d.extend((6,))
    d.extend(x for x in "ab")
    d.extendleft([7, 8])
    print(d, d.copy(), d == d.copy(), list(d), list(reversed(d)))
    d.extend(d)
    print(d)
    d += [9]
    print(d + collections.deque([1]), collections.deque("abc", limit))

# sets
print(sorted(set("hello world")), set(""), sorted(set("\u00e9\u65e5\u00e9")), len(set("a" * 1000)), sorted(frozenset("abca")))
for size in (0, 1, 4, 5, 6, 20, 100, 1000):
    s = set(range(size))
    for extra in range(0, size, 3):
        s.discard(extra)
    t = s.copy()
    t.add(-5)
    print(size, len(s), s == s.copy(), list(s.copy()) == list(s) or sorted(s.copy()) == sorted(s), s | s == s, s & s == s, s - s, s ^ s, s <= s, s < t, t - s, (s | t) == t, s.isdisjoint({-5}), frozenset(s) == s, hash(frozenset(s)) == hash(frozenset(t - {-5})))
mixed = {1, "a", (1, 2), Odd(7), 2.5, None}
print(len(mixed.copy()), mixed - {7} == {1, "a", (1, 2), 2.5, None}, 7 in mixed, mixed.difference({1: 0, "a": 0}) == {(1, 2), Odd(7), 2.5, None})

# dicts
for size in (0, 1, 5, 6, 100):
    d = {i: str(i) for i in range(size)}
    e = {i: -i for i in range(size // 2, size + 3)}
    print(list((d | e).items())[-4:], len(d | d), (d | d) == d, list((e | d).items())[:3], {**d, **e} == d | e)
d = {1: "a", "k": 2}
d |= {True: "b", 1.0: "c", "k": 3, Odd(1): "d"}
print(d)
d.update([(2, 3)], k=4)
print(d)


class Nasty:
    def __hash__(self):
        return 1

    def __eq__(self, other):
        target.clear()
        return False


target = {1: 0, 2: 0}
target.update({Nasty(): 5, 3: 4})
print(len(target))

# tuples that keep their hash
t = tuple(range(20))
print(hash(t) == hash(t) == hash(tuple(range(20))) == hash(t[:] + ()), {t: 1}[tuple(range(20))], hash(t[:8]) == hash(tuple(range(8))))
for make in (lambda: (1,) * 8 + ([],), lambda: tuple([[]] * 9)):
    value = make()
    for _ in range(2):
        try:
            hash(value)
        except TypeError as error:
            print(error)


class T(tuple):
    __slots__ = ()


class U(tuple):
    pass


u = U(range(12))
u.note = "n"
Point = collections.namedtuple("Point", "a b c d e f g h i j")
print(hash(T(range(12))) == hash(tuple(range(12))) == hash(u), u.note, hash(Point(*range(10))) == hash(tuple(range(10))), hash(tuple("abcdefghij")) == hash(tuple("abcdefghij")))

# calls from natives
print(list(map(operator.add, [1, 2], [3, 4, 5])), list(map(str, [1, None, "a"])), list(map(str.upper, ["a", "b"])), list(map("x-{}".format, [1, 2])), list(map({1: 2}.get, [1, 3])), list(map([5, 6].__getitem__, [0, 1])), list(map(abs, [-1, -2**60, -1.5, True])))
for function in (str.upper, "a".join, len, {}.get):
    try:
        print(list(map(function, [5])))
    except TypeError as error:
        print(error)
print(min([3, 1.5, 2]), max([1, 1.0, True]), max([True, 1]), min("b", "a"), max([(1, 2), (1, 3)]), max([nan, 1]) is nan, max([1, nan]), min([0.0, -0.0]), max("abc", key=ord), min([[2], [1]]), max([Odd(3)], default=1))
try:
    max([1, "a"])
except TypeError as error:
    print(error)
