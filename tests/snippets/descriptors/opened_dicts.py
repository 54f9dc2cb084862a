"""Attributes of objects whose `__dict__` somebody asked for, read and written in loops that remember where things are."""


class Base:
    kind = "base"

    def __init__(self, n):
        self.n = n

    def double(self):
        return self.n * 2

    @property
    def half(self):
        return self.n // 2

    @classmethod
    def make(cls, n):
        return cls(n)

    @staticmethod
    def plain(n):
        return n + 1


def opened(thing):
    thing.__dict__
    return thing


def look(things):
    return [(thing.n, thing.kind, thing.double(), thing.half, thing.make(3).n, thing.plain(1)) for thing in things]


things = [opened(Base(n)) for n in range(4)] + [Base(9)]
print(look(things))
print(look(things))

# What an instance has goes before a method of its class, unless that is a data descriptor.
things[1].double = lambda: "own"
things[2].__dict__["kind"] = "mine"
things[3].__dict__["half"] = "hidden"
things[0].__dict__["plain"] = lambda n: n + 100
print(look(things))
del things[1].double, things[2].kind, things[0].plain
print(look(things))

# The class changes its mind.
Base.double = lambda self: ("new", self.n)
Base.kind = "changed"
print(look(things))
Base.plain = staticmethod(lambda n: n - 1)
print(look(things))


class Sub(Base):
    pass


def names(thing):
    try:
        return thing.late()
    except AttributeError as error:
        return str(error)


sub = opened(Sub(5))
print([names(sub) for _ in range(3)])
Sub.late = lambda self: "came"
print([names(sub) for _ in range(3)])
Base.late = property(lambda self: lambda: "property")
del Sub.late
print([names(sub) for _ in range(3)])
sub.__dict__["late"] = "not seen"
print(names(sub))
del Base.late
try:
    sub.late()
except TypeError as error:
    print(error)


# Stores.
class Checked:
    def __init__(self):
        self.__dict__["log"] = []

    def put(self, n):
        self.value = n
        return self.value


checked = [opened(Checked()) for _ in range(3)]
print([thing.put(n) for n, thing in enumerate(checked)], [vars(thing) for thing in checked])


def setter(self, value):
    self.log.append(value)


Checked.value = property(lambda self: "read", setter)
print([thing.put(n) for n, thing in enumerate(checked)], [vars(thing) for thing in checked])
Checked.__setattr__ = lambda self, name, value: self.log.append((name, value))
print([thing.put(n) for n, thing in enumerate(checked)], [vars(thing) for thing in checked])


# Another dict, a subclass of dict, and none.
class Loud(dict):
    def __getitem__(self, key):
        return "loud"

    def __setitem__(self, key, value):
        print("never")


class Box:
    def get(self):
        return self.a

    def set(self, value):
        self.a = value


boxes = [opened(Box()) for _ in range(4)]
boxes[1].__dict__ = {"a": "other"}
boxes[2].__dict__ = Loud(a="subclass")
for box in boxes:
    try:
        print(box.get(), end=" ")
    except AttributeError as error:
        print(error, end=" ")
print()
for n, box in enumerate(boxes * 2):
    box.set(n)
print([box.get() for box in boxes], [dict(vars(box)) for box in boxes])
del boxes[3].__dict__
try:
    boxes[3].get()
except AttributeError as error:
    print(error)
boxes[3].set(7)
print(boxes[3].get(), vars(boxes[3]))


class Hooked:
    def __getattr__(self, name):
        return "hook " + name


hooked = opened(Hooked())


def ask():
    return hooked.a, hooked.b


print(ask(), ask())
hooked.__dict__["a"] = 1
print(ask(), ask())


# Another class.
class One:
    def who(self):
        return "one", self.x


class Two:
    def who(self):
        return "two", self.x


def who(thing):
    return thing.who()


one = One()
one.x = 1
print(who(one))
one.__class__ = Two
print(who(one), who(one))
one.__class__ = One
print(who(one), who(one))
