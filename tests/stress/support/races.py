"""Races: threads do random operations on one object for a while. Any exception is all right, a crash or a broken object is not.

A program gets the seed and, as a second argument, the seconds for each race.
"""
import subprocess
import sys
import time

from support import crew

SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 0.08
ONLY = sys.argv[3] if len(sys.argv) > 3 else ""
RACES = {}


def race(*operations, check=None, threads=crew.THREADS):
    """Registers a race: the function makes the object, operations take it and a random generator."""
    def register(make):
        RACES[make.__name__] = (make, operations, check, threads)
        return make
    return register


def run_one(make, operations, check, count, seconds):
    shared = [make()]
    # Checked when all is quiet: until then others may still be at it.
    used_up = []
    deadline = time.monotonic() + seconds

    def work(number, chance):
        while time.monotonic() < deadline:
            thing = shared[0]
            for _ in range(20):
                try:
                    chance.choice(operations)(thing, chance)
                except SystemError as error:
                    # What a panic in native code becomes.
                    assert "internal error" not in str(error), error
                except (AssertionError, subprocess.TimeoutExpired):
                    raise
                except Exception:
                    pass
            if chance.randrange(40) == 0:
                # Old ones are used up, closed or large.
                if check is not None and number == 0:
                    used_up.append(thing)
                shared[0] = make()

    crew.run(work, count)
    if check is not None:
        for thing in [*used_up, shared[0]]:
            check(thing)


def run_all():
    for name, entry in RACES.items():
        if ONLY in name:
            began = time.monotonic()
            print(name, end=" ", file=sys.stderr, flush=True)
            run_one(*entry, SECONDS)
            print(f"{time.monotonic() - began:.1f}", file=sys.stderr, flush=True)
    print("ok")
