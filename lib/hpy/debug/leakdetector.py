# Why: finds the handles that extensions opened and did not close between two points of a program.

from hpy.universal import _debug


class HPyDebugError(Exception):
    """What the debug mode has to complain of."""


class HPyLeakError(HPyDebugError):
    """Handles were not closed; `leaks` has them."""

    def __init__(self, leaks):
        super().__init__()
        self.leaks = leaks

    def __str__(self):
        count = len(self.leaks)
        head = f"{count} unclosed handle{'' if count == 1 else 's'}:"
        return "\n".join([head, *(f"    {handle!r}" for handle in self.leaks)])


class LeakDetector:
    """Raises HPyLeakError at `stop()` (or at the end of a `with` block) if a handle opened since `start()` is still open."""

    def __init__(self):
        self.generation = None

    def start(self):
        if self.generation is not None:
            raise ValueError("LeakDetector already started")
        self.generation = _debug.new_generation()

    def stop(self):
        if self.generation is None:
            raise ValueError("LeakDetector not started yet")
        leaks = _debug.get_open_handles(self.generation)
        if leaks:
            raise HPyLeakError(leaks)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, error, traceback):
        self.stop()
