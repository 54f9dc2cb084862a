"""Iterators of iterators of iterators: an error or a result, but never the end of the stack."""
import itertools

makers = {
    "zip": lambda x: zip(x), "zip two": lambda x: zip(x, x), "strict": lambda x: zip(x, strict=True), "enumerate": enumerate, "filter": lambda x: filter(None, x),
    "map": lambda x: map(id, x), "chain": itertools.chain, "islice": lambda x: itertools.islice(x, 5), "starmap": lambda x: itertools.starmap(max, x),
    "compress": lambda x: itertools.compress(x, [1, 1]), "takewhile": lambda x: itertools.takewhile(bool, x), "dropwhile": lambda x: itertools.dropwhile(id, x),
    "filterfalse": lambda x: itertools.filterfalse(None, x), "pairwise": itertools.pairwise, "batched": lambda x: itertools.batched(x, 1), "longest": itertools.zip_longest,
    "cycle": itertools.cycle, "groupby": itertools.groupby, "accumulate": itertools.accumulate,
}
for name, make in makers.items():
    found = iter([1, 2])
    for _ in range(30000):
        found = make(found)
    try:
        next(found, None)
    except (RecursionError, TypeError):
        pass
    print(name, "is alive")
