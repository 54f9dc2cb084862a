# Attributes that are read and stored by the same code while their class, its bases and the classes of what it holds change.
class Told:
    def __init__(self, name):
        self.name = name

    def __get__(self, instance, owner=None):
        return "told by " + self.name

    def __set__(self, instance, value):
        print("store", value, "told to", self.name)


def warm(use, *arguments):
    for _ in range(100):
        use(*arguments)


def get(instance):
    return instance.x


def put(instance, value):
    instance.x = value


class Parent:
    pass


class Other:
    x = Told("another base")


class Child(Parent):
    pass


child = Child()
child.x = 1
warm(get, child)
warm(put, child, 1)
Child.__bases__ = (Other,)
print(get(child))
put(child, 5)
print(child.__dict__)
Child.__bases__ = (Parent,)
print(get(child))

first, second = Parent(), Parent()
first.x = first.y = 2
warm(get, first)
Parent.y = Told("a class")
print(get(first), first.y)
Parent.x = Told("a class")
print(get(first))
del Parent.x
print(get(first))


class Meta(type):
    pass


class Made(metaclass=Meta):
    x = 3


warm(get, Made)
Meta.x = Told("a metaclass")
print(get(Made))


class Plain:
    pass


class Holder:
    x = Plain()


holder = Holder()
holder.x = 4
warm(get, holder)
Plain.__get__ = lambda *arguments: "a late descriptor"
Plain.__set__ = lambda *arguments: None
print(get(holder))


class Later:
    pass


class Below(Later):
    pass


class Shown:
    x = Below()


shown = Shown()
warm(get, shown)
warm(get, Shown)
Later.__get__ = lambda *arguments: "a descriptor of a base"
print(get(shown), get(Shown))


class Hidden:
    pass


class Set:
    pass


hidden = Hidden()
hidden.x = 8
warm(get, hidden)
warm(put, hidden, 8)
Hidden.x = Set()
print(get(hidden))
Set.__set__ = lambda self, instance, value: print("set", value)
print(type(get(hidden)).__name__)
put(hidden, 9)
del Set.__set__
put(hidden, 10)
print(get(hidden))


class Slotted:
    __slots__ = ("x",)


slotted = Slotted()
slotted.x = 6
warm(get, slotted)
member = Slotted.x
Slotted.x = property(lambda self: "a property")
print(get(slotted))
Slotted.x = member
print(get(slotted))

hooked = Parent()
hooked.x = 7
warm(get, hooked)
Parent.__getattribute__ = lambda self, name: "a hook"
print(get(hooked))
del Parent.__getattribute__
print(get(hooked))
