"""Threads that store attributes of the same instances while others ask for `__dict__`, write through it, add, delete and copy.

Each attribute belongs to one thread, so what that thread has stored last must be there, however it looks: no store may be lost, also
when the attributes move meanwhile.
"""
import copy
import gc

from support.crew import THREADS, run

OBJECTS = 1500
STEPS = 12

# Attribute names are literals, so that stores go through the caches of the loop.
PROGRAM = """
def step(one, value, way):
    if way < 6:
        one.{name} = value
    elif way < 7:
        one.__dict__["{name}"] = value
    elif way < 8:
        vars(one).update({name}=value)
    else:
        try:
            del one.{name}
        except AttributeError:
            pass
        one.{name} = value
    found = one.{name}
    assert found is value, (found, value)

def add(one, value):
    one.new_{name} = value
    assert one.new_{name} is value
    del one.new_{name}
    one.new_{name} = value
"""


def functions(number):
    space = {}
    exec(PROGRAM.format(name="own%d" % number), space)
    return space["step"], space["add"]


class Narrow:
    def __init__(self, value):
        self.first = value


class Wide:
    def __init__(self, value):
        for number in range(THREADS):
            setattr(self, "own%d" % number, value)
        self.first = value


class Broad:
    """More attributes than lie in an object."""

    def __init__(self, value):
        for number in range(40):
            setattr(self, "a%d" % number, value)
        self.first = value


class Failure(Exception):
    def __init__(self, value):
        self.first = value


class Function:
    """Makes functions: their attributes lie elsewhere."""

    def __new__(cls, value):
        def function():
            pass

        function.first = value
        return function


KINDS = Narrow, Wide, Broad, Failure, Function


def look(one, number, value, way):
    """What the dict shows is what the instance has."""
    name = "own%d" % number
    shown = one.__dict__
    assert shown[name] is value, (shown[name], value)
    assert shown is one.__dict__
    match way:
        case 0:
            assert dict(shown)[name] is value
        case 1:
            assert dict(list(shown.items()))[name] is value
        case 2:
            assert shown.copy().get(name) is value and name in shown
        case 3:
            try:
                assert name in {key: None for key in shown}
            except RuntimeError as error:
                assert "dictionary" in str(error)
        case 4:
            if isinstance(one, (Narrow, Wide, Broad)):
                assert copy.copy(one).__dict__[name] is value
        case 5:
            shown[number, name] = value
            assert shown.pop((number, name)) is value
        case 6:
            assert shown.setdefault(name, None) is value and (shown | {})[name] is value


def no_store_is_lost():
    objects = [KINDS[index % len(KINDS)]("first") for index in range(OBJECTS)]

    def work(number, chance):
        step, add = functions(number)
        for index, one in enumerate(objects):
            looks_at = chance.randrange(STEPS)
            for count in range(STEPS):
                value = (index, number, count)
                way = chance.randrange(9)
                step(one, value, way if way < 8 or chance.randrange(8) == 0 else 0)
                if count >= looks_at and chance.randrange(3) == 0:
                    look(one, number, value, chance.randrange(20))
            if chance.randrange(4) == 0:
                add(one, value)
            if chance.randrange(200) == 0:
                gc.collect()

    run(work)
    for index, one in enumerate(objects):
        for number in range(THREADS):
            value = (index, number, STEPS - 1)
            assert getattr(one, "own%d" % number) == vars(one)["own%d" % number] == value
        assert one.first == vars(one)["first"] == "first"
        assert all(getattr(one, name) is value for name, value in vars(one).items())


def first_looks_agree():
    """All ask for the dict of a fresh instance at once: there is one, and it stays."""
    objects = [KINDS[index % len(KINDS)](index) for index in range(OBJECTS)]
    seen = [[None] * OBJECTS for _ in range(THREADS)]

    def work(number, chance):
        for index, one in enumerate(objects):
            seen[number][index] = one.__dict__
            setattr(one, "own%d" % number, number)

    run(work)
    for index, one in enumerate(objects):
        assert all(row[index] is one.__dict__ for row in seen)
        assert one.__dict__["first"] == index
        assert [one.__dict__["own%d" % number] for number in range(THREADS)] == list(range(THREADS))


def dicts_outlive_instances():
    def work(number, chance):
        kept = []
        for index in range(OBJECTS):
            one = Wide((number, index))
            kept.append(vars(one))
            one.first = [number, index]
            if chance.randrange(3) == 0:
                one.__dict__ = {"other": index}
                assert one.other == index and not hasattr(one, "first")
            if chance.randrange(100) == 0:
                gc.collect()
        del one
        for index, shown in enumerate(kept):
            assert shown["own0"] == (number, index) and shown["first"] == [number, index], shown

    run(work)


no_store_is_lost()
first_looks_agree()
dicts_outlive_instances()
print("ok")
