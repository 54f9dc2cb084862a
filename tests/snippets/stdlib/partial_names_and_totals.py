"""partial with keywords and placeholders, running totals at the edge of short ints, floats of text."""
import functools
p = functools.partial(lambda *a, **k: (a, k), 1, b=2)
print(p(3), p(b=4), p(c=5), p(9, b=1, c=2), functools.partial(p, 7, d=1)(8, d=2, b=3))
q = functools.partial(lambda *a, **k: (a, k), functools.Placeholder, 2, functools.Placeholder, 4)
print(q(1, 3), q(1, 3, 5, k=1))
try: q(1)
except TypeError as e: print(e)
p.keywords['zz'] = 1; print(p())
from itertools import accumulate
print(list(accumulate([2**47, 2**47, 2**47, 2**62, -2**63])), list(accumulate([True, 2, 3.5])))
print(float('1.5'), float(' 2 '), float('١'))
for bad in ('x', '', '1 2'):
    try: float(bad)
    except ValueError as e: print(e)
class S(str):
    def __float__(self): return 9.0
print(float(S('3')))
