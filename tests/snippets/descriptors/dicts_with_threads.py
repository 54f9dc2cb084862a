# `__dict__` of instances while there is a second thread: the dict shows the attributes and changes them, whatever is done to it.
import copy
import gc
import threading
import weakref


class Plain:
    def __init__(self):
        self.a = 1
        self.b = 2
        self.c = 3


class Other(Plain):
    pass


def both(one, shown):
    assert one.__dict__ is shown and vars(one) is shown
    for name in shown:
        if isinstance(name, str):
            assert getattr(one, name) is shown[name], name
    return list(shown.items()), len(shown)


def reads():
    one = Plain()
    shown = one.__dict__
    print(both(one, shown), "a" in shown, "z" in shown, shown.get("b"), shown.get("z"))
    print(list(shown), list(reversed(shown)), list(shown.values()), shown == {"a": 1, "b": 2, "c": 3}, {**shown}, shown | {"d": 4})
    print((lambda **names: names)(**shown), shown.copy(), dict(shown), shown.keys() >= {"a"}, shown)
    one.a = "new"
    print(shown["a"], both(one, shown))


def writes():
    one = Plain()
    shown = one.__dict__
    shown["b"] = "through"
    shown["d"] = 4
    one.e = 5
    setattr(one, "f", 6)
    shown.update(a=0, g=7)
    shown |= {"h": 8, "b": 9}
    print(shown.setdefault("a", "no"), shown.setdefault("i", "yes"), one.i, both(one, shown))
    for number in range(60):
        setattr(one, "more%d" % number, number)
    print(both(one, shown)[1], shown["more59"])


def removals():
    for remove in (
        lambda one, shown: delattr(one, "a"),
        lambda one, shown: shown.pop("a"),
        lambda one, shown: shown.popitem(),
        lambda one, shown: shown.clear(),
        lambda one, shown: shown.__delitem__("b"),
    ):
        one = Plain()
        shown = vars(one)
        remove(one, shown)
        print(both(one, shown), end=" ")
        one.a = "again"
        one.z = "last"
        print(both(one, shown))
    one = Plain()
    shown = vars(one)
    for name in "a", "z":
        try:
            print(shown.pop(name))
            del one.a
        except (AttributeError, KeyError) as error:
            print(type(error).__name__, error)


def keys_of_all_kinds():
    one = Plain()
    shown = vars(one)
    shown[1] = "number"
    shown["".join(["not", " ", "interned"])] = "text"
    print(both(one, shown), getattr(one, "not interned"))


def other_dicts():
    one, shown = Plain(), None
    shown = one.__dict__
    one.__dict__ = {"z": 26}
    one.y = 25
    print(shown, one.__dict__, hasattr(one, "a"))
    one, two = Plain(), Plain()
    two.__dict__ = vars(one)
    two.shared = "yes"
    one.a = "both"
    print(one.shared, two.a, vars(one) is vars(two))
    one = Plain()
    shown = vars(one)
    one.__class__ = Other
    one.n = "new"
    print(type(one).__name__, both(one, shown))


def as_namespace():
    one = Plain()
    exec("a = 'set'\nd = a\ndef change():\n    global a, e\n    a = 'changed'\n    e = b\nchange()\ndel b", vars(one))
    print(one.a, one.d, one.e, hasattr(one, "b"), one.c)


def iteration():
    one = Plain()
    shown = vars(one)
    iterator = iter(shown)
    next(iterator)
    one.d = 4
    try:
        next(iterator)
    except RuntimeError as error:
        print(error)
    print([name for name in shown if setattr(one, name, name) is None], shown)


def lives():
    one = Plain()
    seen = weakref.ref(one)
    shown = vars(one)
    del one
    gc.collect()
    print(seen(), shown)
    one = Plain()
    shown = vars(one)
    gc.collect()
    one.a = "later"
    print(both(one, shown), copy.copy(one).__dict__)


def class_attributes():
    class Base:
        name = "of the class"

        def __init__(self):
            self.a = 1

    def read(one):
        return one.name

    one = Base()
    shown = vars(one)
    print([read(one) for _ in range(4)])
    shown["name"] = "of the instance"
    print([read(one) for _ in range(4)])
    del shown["name"]
    print([read(one) for _ in range(4)])


gate = threading.Event()
second = threading.Thread(target=gate.wait)
second.start()
for part in reads, writes, removals, keys_of_all_kinds, other_dicts, as_namespace, iteration, lives, class_attributes:
    print("--", part.__name__)
    part()
gate.set()
second.join()
