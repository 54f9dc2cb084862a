import gc
import importlib
import sys

import sample

print(sample.answer(), sample.same([1]), sample.total(1, 2, 3), sample.names(), sample.names(1, a=2, b=3))
for call in (
    lambda: sample.answer(1),
    lambda: sample.same(),
    lambda: sample.total(x=1),
    lambda: sample.total("1"),
    sample.silent,
    sample.both,
    sample.null_argument,
    lambda: sample.text_of(1),
    lambda: sample.text_of("\ud800"),
):
    try:
        call()
    except Exception as error:
        print(type(error).__name__, error, "/", repr(error.__cause__))
for text in ("ascii", "", "l\u00e4tin", "\u20ac" * 50, "\U0001f40d", "x" * 300 + str(gc)[:0] + "y" * 10):
    assert sample.text_of(text) == text.encode(), text
print(sample.hoard(lambda: [gc.collect(), [[] for _ in range(1000)]]))

pair = sample.Pair([7], 8)
print(type(pair).__module__, pair.number, len(pair), pair.first, pair[5], pair[-1], pair + 1, 1 + pair, pair(1, 2))
pair.number = 11
pair.weight = 0.5
pair.first = {}
print(pair.number, pair.weight, pair.first, sample.Pair().first, gc.get_referents(pair))


class Sub(sample.Pair):
    def __init__(self, *args):
        self.args = args


sub = Sub(1, 2, 3)
print(sub.args, sub.first, sub.number, sub.weight, isinstance(sub, sample.Pair))


def cycles():
    for _ in range(1000):
        one = sample.Pair([])
        one.first.append(one)


cycles()
gc.collect()
gc.collect()
print(sample.deaths() > 900)

sample.remember([1, 2])
gc.collect()
print(sample.recall())
again = importlib.reload(sample)
print(again is sample, sample.recall())
del sys.modules["sample"]
import sample as second

print(second is not sample, second.Pair is not sample.Pair, second.Pair(3).first, second.recall())
