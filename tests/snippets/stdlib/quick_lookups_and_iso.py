"""Characters to strip, wrappers of slots called for each item, ISO texts of any characters."""
print('abcÿ\xe9x'.strip('x\xe9ÿ'), 'žaž'.strip('ž'), b'\xff\x00a\xff'.strip(b'\xff\x00'), 'aXa'.strip('a\u0100'), 'xyz'.lstrip(''), '\u0100ab'.strip('ab\u0100'))
class Q(dict):
    def __missing__(self, k): self[k] = r = k * 2; return r
q = Q(); print(list(map(q.__getitem__, [1, 2, 1, 'a'])), sorted([3, 1], key=[9, 8, 7, 6].__getitem__), list(map((5).__add__, [1, 2.0, 3])))
try: list(map([1].__getitem__, [5]))
except IndexError as e: print(e)
try: list(map(q.__len__, [5]))
except TypeError as e: print(e)
from datetime import *
for t in ('2020-01-02', '2020-01-02T03:04:05.123456+01:00', '2020-01-02é03:04', '2020-01-0²', '２０２０-01-02', '2020-01-02\u010003:04', ''):
    for c in (datetime, date):
        try: print(c.fromisoformat(t))
        except ValueError as e: print(e)
for t in ('03:04', '0²:04', 'T03:04'):
    try: print(time.fromisoformat(t))
    except ValueError as e: print(e)
