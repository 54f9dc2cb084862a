# cProfile with a timer of one's own, and functions that end by exceptions.
import cProfile
import pstats
import sys


class Ticks:
    def __init__(self):
        self.now = 0

    def __call__(self):
        self.now += 1
        return self.now


def fails(depth):
    if depth == 0:
        raise ValueError("deep")
    fails(depth - 1)


def catches():
    try:
        fails(3)
    except ValueError as error:
        return str(error)


for timer, unit in [(Ticks(), 1.0), (Ticks(), 0.0)]:
    profile = cProfile.Profile(timer, unit)
    print(profile.runcall(catches), sys.exception())
    stats = pstats.Stats(profile).stats
    print(sorted((name, calls, total) for (file, line, name), (calls, total, *_) in stats.items() if name in ("fails", "catches")))


def broken():
    raise RuntimeError("no time")


told = []
sys.unraisablehook = lambda args: told.append(repr(args.exc_value))
profile = cProfile.Profile(broken)
print(profile.runcall(catches), set(told))
