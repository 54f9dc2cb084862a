# Sorting a few strings and tuples: order, stability, keys, reverse.
import itertools

WORDS = ["b", "a", "", "ab", "a\0", "\xe9", "\u20ac", "abcdefgh", "abcdefghi", "abcdefg\xff", "B"]
for count in range(5):
    for chosen in itertools.permutations(WORDS[:5], count):
        assert sorted(chosen) == sorted(chosen, key=lambda text: [ord(c) for c in text]), chosen
print(sorted(WORDS))
print(sorted(WORDS * 2, reverse=True))


class Same(str):
    pass


words = [Same("x"), "x", Same("x")]
assert [id(word) for word in sorted(words)] == [id(word) for word in words]
for length in range(30):
    rows = [(f"k{number * 7 % 5}", number) for number in range(length)]
    assert sorted(rows) == sorted(rows, key=lambda row: [row[0], row[1]])
    names = [row[0] + "" for row in rows]
    by_name = sorted(rows, key=lambda row: row[0])
    assert [row[1] for row in by_name] == [at for name in sorted(set(names)) for at in range(length) if names[at] == name]
    backwards = sorted(rows, key=lambda row: row[0], reverse=True)
    assert [row[0] for row in backwards] == sorted(names, reverse=True)
print(sorted([(2, "b"), (1, "z"), (1.5, "a"), (1, "a")]), sorted([("a", 1), ("a",), ("", 5)]))
pairs = [(1, "a"), (True, "a"), (1.0, "a")]
print(sorted(pairs), sorted(pairs, reverse=True))
