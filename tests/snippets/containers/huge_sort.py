# Inputs beyond some size are sorted in parts that are merged.
import random
random.seed(7)
many = [random.randrange(1 << 40) for _ in range(4_300_000)]
many.sort()
print(all(map(int.__le__, many, many[1:])))
del many
for make in (lambda n: [random.randrange(n) for _ in range(n)], lambda n: [random.random() for _ in range(n)],
             lambda n: [str(random.randrange(n)) for _ in range(n)]):
    items = make(1_200_000)
    items.sort()
    print(all(a <= b for a, b in zip(items, items[1:])), len(items))
pairs = [(i * 7919 % 1000, i) for i in range(1_100_000)]
pairs.sort(key=lambda pair: pair[0], reverse=True)
print(all(a[0] > b[0] or (a[0] == b[0] and a[1] < b[1]) for a, b in zip(pairs, pairs[1:])))
print(pairs == list(pairs), tuple(pairs) == tuple(list(pairs)), pairs < pairs + [1], (1, 2) in pairs, pairs.index((500, 500)) if (500, 500) in pairs else None)
