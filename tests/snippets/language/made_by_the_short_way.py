"""Instances that natives make without the general call: exceptions of programs, classes called with keywords."""
import functools
# calls
class E(Exception): pass
class F(ValueError):
    def __init__(self, *a): super().__init__(*a); self.n = len(a)
class G(KeyError):
    def __new__(cls, *a): return super().__new__(cls, *a)
class H(Exception): __init__ = functools.partialmethod(Exception.__init__)
for c in (ValueError, E, F, G, KeyError, BaseException, H):
    e = c('a', 1); print(c.__name__, e.args, repr(e), str(e), type(e).__mro__[0].__name__)
for c in (ValueError, E):
    try: c(a=1)
    except TypeError as e: print(e)
print(dict(a=1), dict({'b': 2}, a=1), tuple([1,2]), list('ab'), set([1]), frozenset([2]))
try: tuple(x=1)
except TypeError as e: print(e)
try: int('1', bases=3)
except TypeError as e: print(e)
print(int('7', base=8), str(b'a', encoding='ascii'), bytes('a', encoding='ascii'))
