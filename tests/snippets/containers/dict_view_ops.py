# Views as sets, reprs, mapping, membership.
d = {"a": 1, "b": 2, "c": 3}
k, v, i = d.keys(), d.values(), d.items()
print(k, v, i, len(k), len(v), len(i))
print("a" in k, 1 in v, ("a", 1) in i, ("a", 2) in i, ("a", 1, 2) in i, "a" in i)
print(sorted(k & {"a", "z"}), sorted(k | {"z"}), sorted(k - {"a"}), sorted(k ^ {"a", "z"}), sorted({"a", "q"} & k), sorted({"a", "q"} - k), sorted({"q"} | k), sorted({"a", "q"} ^ k))
print(sorted(["a", "q"] & k), sorted(k & ["a"]), sorted(i & {("a", 1)}), sorted(i | [("z", 0)]), sorted(i - {("a", 1)}), sorted(i ^ {("a", 1)}))
print(type(k & k).__name__, type(i | i).__name__)
print(k == {"a", "b", "c"}, k != {"a"}, k >= {"a"}, k > {"a"}, k <= {"a", "b", "c", "d"}, k < {"a", "b", "c"}, k == ["a", "b", "c"], i == set(d.items()))
print(k.isdisjoint(["x"]), k.isdisjoint("abc"), i.isdisjoint({("a", 1)}), k.isdisjoint(k), {}.keys().isdisjoint({}.keys()))
d["d"] = 4; print(k, list(reversed(v)))
print(k.mapping, type(k.mapping).__name__, k.mapping["a"])
try: k.mapping["a"] = 2
except TypeError as e: print(e)
r = {}; r[1] = r.values(); print(r)
r = {}; r[1] = r.items(); print(r)
try: k < 1
except TypeError as e: print(e)
try: hash(k)
except TypeError as e: print(e)
print(hash(v) == hash(v), v == d.values(), v == v, {"x": []}.items() == {"x": []}.items())
print({1: [1]}.items() & {1: 2}.keys())
