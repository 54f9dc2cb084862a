# Class attributes that change between kinds of descriptors while instances are in use by cached code.


class Data:
    def __init__(self, name):
        self.name = name

    def __get__(self, instance, owner=None):
        return self if instance is None else f"{self.name} of {instance!r}"

    def __set__(self, instance, value):
        print("set", self.name, value)


class NonData:
    def __get__(self, instance, owner=None):
        return "non-data"


class Base:
    def __repr__(self):
        return type(self).__name__


class Plain(Base):
    pass


class Derived(Plain):
    pass


class Slotted(Base):
    __slots__ = ("value", "other")


class Inherits(Slotted):
    pass


def read(thing):
    try:
        return thing.value
    except AttributeError as error:
        return f"AttributeError: {error}"


def write(thing, value):
    try:
        thing.value = value
    except AttributeError as error:
        print(f"AttributeError: {error}")


def use(*things):
    for _ in range(3):
        for thing in things:
            write(thing, 1)
            read(thing)
    print([read(thing) for thing in things])


def change(owner, new, *things):
    if new is None:
        del owner.value
    else:
        owner.value = new
    print(f"--- {owner.__name__}.value = {new if isinstance(new, (int, str)) else type(new).__name__}")
    use(*things)


plain, derived, slotted, inherits = Plain(), Derived(), Slotted(), Inherits()
use(plain, derived)
kinds = [
    Data("a"),
    Data("b"),
    property(lambda self: "property"),
    property(lambda self: "other", lambda self, value: None),
    7,
    NonData(),
    Data("c"),
    NonData(),
    "text",
    property(lambda self: "again"),
    None,
]
for new in kinds:
    change(Plain, new, plain, derived)
change(Derived, Data("derived"), plain, derived)
change(Plain, Data("plain"), plain, derived)
change(Plain, None, plain, derived)
change(Derived, None, plain, derived)

member, other = Slotted.value, Slotted.other
use(slotted, inherits)
for new in [other, member, Data("d"), member, property(lambda self: "p"), other, 3, member, NonData(), member, None]:
    change(Slotted, new, slotted, inherits)
change(Slotted, member, slotted, inherits)
change(Inherits, property(lambda self: "own"), slotted, inherits)
change(Inherits, member, slotted, inherits)
change(Slotted, other, slotted, inherits)
change(Inherits, None, slotted, inherits)

# The descriptor's class gains and loses `__set__`.
Plain.value = NonData()
use(plain, derived)
NonData.__set__ = lambda self, instance, value: print("now data", value)
use(plain, derived)
Plain.value = NonData()
use(plain, derived)
del NonData.__set__
use(plain, derived)
