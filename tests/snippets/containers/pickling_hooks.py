# __reduce__, __setstate__, copy and pickle of containers and their iterators.
import copy, pickle
def show(it):
    f, *rest = it.__reduce__()
    print(getattr(f, "__name__", f), rest)
for it in (iter([1, 2, 3]), iter((1, 2)), reversed([1, 2]), iter({1: 2}), iter({1: 2}.items()), iter({1: 2}.values()), reversed({1: 2}), iter(range(3)), iter({5})):
    show(it)
for source in ([1, 2, 3], (1, 2, 3), {1: 2, 3: 4}, {1}, range(5)):
    it = iter(source); next(it); show(it); print(list(it)); show(it)
it = iter([1, 2, 3]); it.__setstate__(2); print(list(it))
it = reversed([1, 2, 3]); it.__setstate__(0); print(list(it))
it = iter((1, 2, 3)); it.__setstate__(-5); print(list(it))
for value in ([1, [2]], (1, (2,)), {1: {2: 3}}, {1, 2}, frozenset([1]), range(3), slice(1, 2)):
    assert copy.deepcopy(value) == value and copy.copy(value) == value, value
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(value, protocol))
        assert again == value and type(again) is type(value), value
class L(list): pass
x = L([1, 2]); x.attr = 5
y = pickle.loads(pickle.dumps(x)); print(y, y.attr, type(y).__name__)
print(list[int], dict[str, int], tuple[int, ...], set[int], frozenset[str], (1, 2).__getnewargs__())
print(type({1: 2}.keys()).__name__, type(iter({}.items())).__name__, type(reversed({}.values())).__name__)
