# zip, map and zip_longest of any number of iterables: what comes, what is missing, errors in the middle, the collector.
import gc, itertools
def gen(n, tag):
    for i in range(n):
        if i % 3 == 0:
            gc.collect(0)
        yield [tag, i]
for count in range(7):
    for lengths in {tuple(3 + (i * step) % 3 for i in range(count)) for step in range(3)}:
        print(list(zip(*(gen(n, i) for i, n in enumerate(lengths)))) == [tuple([i, k] for i in range(count)) for k in range(min(lengths, default=0))], end=" ")
        print([[x and x[1] for x in row] for row in itertools.zip_longest(*(gen(n, i) for i, n in enumerate(lengths)))])
        for make in (lambda *its: zip(*its, strict=True), lambda *its: map(lambda *a: len(a), *its, strict=True), lambda *its: map(lambda *a: sum(x[1] for x in a), *its)):
            try:
                print(len(list(make(*(gen(n, i) for i, n in enumerate(lengths))))), end=" ")
            except (ValueError, TypeError) as error:
                print(error, end=" ")
        print()
def fails():
    yield 1
    raise KeyError("x")
for make in (zip, itertools.zip_longest, lambda *its: zip(*its, strict=True)):
    it = make([1, 2, 3], fails(), [4, 5, 6])
    print(next(it))
    try:
        next(it)
    except KeyError as error:
        print(repr(error))
    try:
        print(list(it))
    except ValueError as error:
        print(error)
class Again:
    def __iter__(self): return self
    def __next__(self):
        return next(it2, "end")
it2 = itertools.zip_longest([1, 2], [3], fillvalue=0)
print(list(itertools.islice(zip(Again(), "abc"), 3)))
