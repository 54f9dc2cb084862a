# list.sort and sorted: stability, key, reverse, errors, mutation.
import random
random.seed(5)
data = [(random.randrange(10), i) for i in range(300)]
print(sorted(data) == sorted(data, key=lambda p: p), sorted(data, key=lambda p: p[0]) == [p for k in range(10) for p in data if p[0] == k])
print(sorted(data, key=lambda p: p[0], reverse=True) == [p for k in range(9, -1, -1) for p in data if p[0] == k])
for n in (0, 1, 2, 10, 63, 64, 65, 1000):
    for shape in (lambda i: i, lambda i: -i, lambda i: random.random(), lambda i: i % 7, lambda i: str(i), lambda i: (i % 3, i), lambda i: [i % 5]):
        items = [shape(i) for i in range(n)]
        once = sorted(items)
        assert all(not once[i + 1] < once[i] for i in range(n - 1)), (n, once)
        assert sorted(items, reverse=True)[::-1] == sorted(items[::-1])[:], n
class K:
    def __init__(self, v): self.v = v
    def __lt__(self, other): return self.v < other.v
    def __repr__(self): return f"K{self.v}"
print(sorted([K(3), K(1), K(2)]), sorted([K(3), K(1), K(2)], reverse=True))
print(sorted([3, 1.5, True, 2 ** 70, -2 ** 70]), sorted([1.5, -0.0, 0.0, float("inf")]), sorted("bA a"), sorted(["é", "z", "a", "\U0001f600"]))
def bad(x):
    if x == 5: raise ValueError("five")
    return x
l = list(range(9, -1, -1))
try: l.sort(key=bad)
except ValueError as e: print(e, sorted(l) == list(range(10)))
class Boom:
    count = 0
    def __init__(self, v): self.v = v
    def __lt__(self, other):
        Boom.count += 1
        if Boom.count == 400: raise RuntimeError("boom")
        return self.v < other.v
b = [Boom(random.random()) for _ in range(200)]; ids = sorted(map(id, b))
try: b.sort()
except RuntimeError as e: print(e, sorted(map(id, b)) == ids)
l = [3, 1, 2]
def peek(x):
    print("during", l)
    return x
l.sort(key=peek); print(l)
def grow(x):
    l.append(99)
    return x
try: l.sort(key=grow)
except ValueError as e: print(e, l)
try: [1, "a"].sort()
except TypeError as e: print(e)
try: [3, None, 1].sort()
except TypeError as e: print(e)
class Liar:
    def __lt__(self, other): return random.random() < 0.5
liars = [Liar() for _ in range(500)]; ids = sorted(map(id, liars)); liars.sort(); print(sorted(map(id, liars)) == ids)
class R:
    def __init__(self, v): self.v = v
    def __gt__(self, other): return self.v > other.v
    def __repr__(self): return str(self.v)
print(sorted([R(2), R(1), R(3)]))
words = "the quick brown fox jumps over the lazy dog".split()
print(sorted(words, key=len), sorted(words, key=str.upper, reverse=True), max(words, key=len), min(words))
print(sorted([[2, "b"], [1, "z"], [2, "a"]]), sorted([(1, "b"), (1, "a")], key=lambda t: t[1]))
