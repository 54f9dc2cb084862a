"""any, all, tuple, list and set of a generator expression: results, what is left of the generator, other meanings of the names."""
import builtins, sys, traceback


def show(error):
    print(type(error).__name__, error)
    for frame in traceback.extract_tb(error.__traceback__):
        print(" ", frame.name, frame.lineno, frame.end_lineno, frame.colno, frame.end_colno)
    if error.__cause__:
        show(error.__cause__)


def all_five(items):
    return (any(x > 2 for x in items), all(x > 2 for x in items), tuple(x * 2 for x in items), list(x * 2 for x in items),
            set(x % 3 for x in items))


for items in ([], [1], [3], [1, 2, 3, 4], range(7), (5, 6), iter([3, 4])):
    print(all_five(items))
print(any(x for x in [0, "", None, [1]]), all(x for x in [1, "a", [0]]), any(any(x == y for x in "abc") for y in "xyc"))


def log(seen, items):
    for item in items:
        seen.append(item)
        yield item


seen = []
print(any(x == 2 for x in log(seen, range(10))), seen)
seen = []
print(all(x < 2 for x in log(seen, range(10))), seen)


class Odd:
    def __init__(self, number):
        self.number = number

    def __bool__(self):
        if self.number == 3:
            raise ValueError("no truth")
        return self.number % 2 == 1


try:
    any(Odd(x) for x in (2, 4, 3))
except ValueError as error:
    show(error)


def failing(make):
    try:
        return make()
    except Exception as error:
        show(error)


failing(lambda: any(1 // x for x in (1 - 1, 0)))
failing(lambda: all(1 // x for x in (1, 0)))
failing(lambda: tuple(
    1 // x
    for x in (1, 0)
))
failing(lambda: list(1 // x for x in (1, 0)))
failing(lambda: set([x] for x in (1, 0)))
failing(lambda: any(next(iter(())) for x in (1, 0)))
failing(lambda: any(x for x in 5))


def shadowed():
    def any(items):
        return "mine", list(items)

    tuple = builtins.list
    return any(x for x in "ab"), tuple(x for x in "ab")


print(shadowed())
saved = builtins.any
builtins.any = lambda items: ("replaced", saved(items))
print(any(x for x in (0, 1)))
builtins.any = saved
print(any(x for x in (0, 1)))
list_ = list


class list(list_):
    pass


print(type(list(x for x in "ab")), list(x for x in "ab"))
del list
try:
    missing = any
    del missing
    missing(x for x in ())
except NameError as error:
    print(error)


class Body:
    values = [1, 2, 3]
    found = any(x == 2 for x in values)
    doubled = tuple(x * 2 for x in values)


print(Body.found, Body.doubled)
print([any(y > x for y in range(3)) for x in range(4)], any((last := x) > 1 for x in range(5)), last)
print({tuple(x for x in range(n)): set(x for x in range(n)) for n in range(3)})
print(any(x for x in ()) or "nothing", not all(x for x in (1, 0)), "yes" if any(x for x in (0, 3)) else "no")
if any(x for x in (0, 1)) and all(x for x in (1, 1)):
    print("both")
while any(x for x in seen):
    seen.pop()
print(seen)


async def items():
    yield 1


async def use():
    for make in (lambda: any(x async for x in items()), lambda: list(x async for x in items())):
        try:
            make()
        except TypeError as error:
            print(error)
    return tuple(x for x in [1, 2])


try:
    use().send(None)
except StopIteration as stop:
    print(stop.value)

events = []


def profile(frame, event, argument):
    events.append((event, frame.f_code.co_name, getattr(argument, "__name__", None) if event.startswith("c_") else None))


def profiled():
    any(x for x in (0, 0))
    tuple(x for x in (0, 1))


sys.setprofile(profile)
profiled()
sys.setprofile(None)
for event in events:
    print(event)


def traced():
    return any(
        x
        for x in (0, 0)
    )


lines = []


def trace(frame, event, argument):
    if frame.f_code.co_name == "traced":
        lines.append((event, frame.f_lineno - traced.__code__.co_firstlineno))
    return trace


sys.settrace(trace)
traced()
sys.settrace(None)
print(lines)
