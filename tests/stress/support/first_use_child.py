"""A child of first_use.py: THREADS meet|spin inside|before NUMBER..., the numbers of lines of first_uses.py. It imports next to nothing itself."""
import _thread
import sys
import time

THREADS, MANNER, IMPORTS = int(sys.argv[1]), sys.argv[2], sys.argv[3]
HEAP_TYPE = 1 << 9

import first_uses

arrived = []
if MANNER == "meet":
    import threading

    meeting = threading.Barrier(THREADS)

    def gate(place):
        meeting.wait(50)
else:

    def gate(place):
        arrived.append(None)
        while len(arrived) < (place + 1) * THREADS:
            time.sleep(0)


def error_of(function):
    try:
        return function()
    except Exception as error:
        return type(error), str(error)


def imported(names, modules):
    for name in filter(None, map(str.strip, modules.split(","))):
        names[name.partition(".")[0]] = __import__(name)


def class_outline(value):
    """The class itself, unless it is one that a line makes."""
    is_made = value.__flags__ & HEAP_TYPE and value.__module__ in ("builtins", "__main__")
    return value.__name__ if is_made else value


def outline(value, depth=3):
    """What must be equal in all threads: classes themselves, and texts without addresses."""
    if depth and type(value) in (tuple, list):
        return type(value), [outline(item, depth - 1) for item in value]
    if isinstance(value, type):
        return class_outline(value)
    text = repr(value)
    return class_outline(type(value)), None if " at 0x" in text or len(text) > 5000 else text


class Failed:
    def __init__(self, error):
        self.what = type(error), str(error).partition(" at 0x")[0]

    def __eq__(self, other):
        return isinstance(other, Failed) and self.what == other.what

    def __repr__(self):
        return str(self.what)


def use(number, same, modules, code, names):
    names = {"n": number, "E": error_of, **names}
    try:
        imported(names, modules)
        value = eval(code, names)
    except Exception as error:
        return Failed(error)
    return value if same else outline(value)


def check(line, same, values):
    for value in values[1:]:
        if value is not values[0] if same and type(value) is not Failed else value != values[0]:
            print("NOT THE SAME", line, "\n  ", values[0], "\n  ", value)
            failed.append(line)
            break


def work(number):
    try:
        for place, (line, same, modules, code, names) in enumerate(todo):
            gate(place)
            results[place][number] = use(number, same, modules, code, names)
    except BaseException as error:
        failed.append(error)
        arrived.extend([None] * 10**6)
        raise


todo, results, failed = [], [], []
for number in map(int, sys.argv[4:]):
    same, modules, before, expression = first_uses.USES[number]
    names = {}
    try:
        exec(before, names)
        if IMPORTS == "before":
            imported(names, modules)
    except ImportError:
        # A part that this build lacks: all threads find that out.
        pass
    todo.append((first_uses.USES[number], same, modules, compile(expression, f"line {number}", "eval"), names))
    results.append([None] * THREADS)
handles = [_thread.start_joinable_thread(lambda number=number: work(number)) for number in range(THREADS)]
for handle in handles:
    handle.join()
if not failed:
    for (line, same, *_), values in zip(todo, results):
        check(line, same, values)
raise SystemExit(1 if failed else 0)
