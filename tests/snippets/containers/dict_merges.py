# Dicts merged into each other: order, growth, and keys that need Python code.
for n in (0, 1, 5, 8, 11, 100, 1000):
    a = {i: i for i in range(n)}
    b = {i: -i for i in range(n)}
    c = {i: "c" for i in range(n // 2, n + n // 2)}
    d = {i: "d" for i in reversed(range(n))}
    assert a | a == a and list((a | b).items()) == list(b.items())
    assert list(a | c) == list(range(n + n // 2)) and list((a | d).items()) == [(i, "d") for i in range(n)]
    e = dict(c)
    e.update(a)
    assert list(e) == list(range(n // 2, n + n // 2)) + list(range(n // 2))
    f = {0: 0}
    f |= {0: 1, **{str(i): i for i in range(n)}}
    assert f[0] == 1 and len(f) == n + 1
class Key:
    def __init__(self, n): self.n = n
    def __hash__(self): return self.n % 3
    def __eq__(self, other): return isinstance(other, Key) and self.n == other.n
x = {Key(i): i for i in range(30)}
y = {Key(i): -i for i in range(20, 60)}
print([v for v in (x | y).values()], len(x | x), len(y | x))
class Growing:
    def __init__(self, target): self.target = target
    def __hash__(self): return 1
    def __eq__(self, other):
        self.target.update({i: i for i in range(100, 120)})
        return False
target = {Key(1): 1}
target.update({1.0: "a", Growing(target): "b", "z": 1})
print(len(target), target["z"])
