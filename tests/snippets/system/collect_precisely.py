# What calls that are over left on the stack keeps nothing alive over a collection that the program itself asks for.
import gc
import weakref


class Thing:
    def __init__(self, *parts):
        self.parts = parts
        self.me = self

    def __len__(self):
        return 3


def through_natives(thing):
    return sorted([thing, thing], key=lambda item: id(item)), list(map(len, (thing, thing))), max(thing, thing, key=len)


def use(number):
    thing = Thing(number)
    watch = weakref.ref(thing)
    through_natives(thing)
    repr(thing), str([thing]), isinstance(thing, Thing), getattr(thing, "parts", None), len(thing)
    return watch


def held_by_frames():
    """What native functions on the way still need survives, whoever asks."""
    def key(number):
        gc.collect()
        return -number[0]

    return sorted(([number, [number] * 3] for number in range(20)), key=key)


def failing():
    thing = Thing()
    watch = weakref.ref(thing)
    try:
        raise ValueError(thing)
    except ValueError as error:
        error.thing = thing
    return watch


alive = 0
for number in range(50):
    watch = use(number)
    gc.collect()
    alive += watch() is not None
print("alive after use:", alive)

alive = 0
for number in range(50):
    watch = failing()
    gc.collect()
    alive += watch() is not None
print("alive after an error:", alive)

print(held_by_frames()[-1], sum(len(row[1]) for row in held_by_frames()))
print(list(map(lambda collect: collect() >= 0, [gc.collect] * 3)))
