# What gc.get_referrers and gc.get_referents show of an instance and its class.
import gc


class Plain:
    pass


class Slotted:
    __slots__ = ("first",)


class Text(str):
    pass


plain = Plain()
plain.first = []
slotted = Slotted()
slotted.first = ()
text = Text("text")

for owned in (plain, slotted, text):
    kind = type(owned)
    print(kind.__name__, any(found is owned for found in gc.get_referrers(kind)), kind in gc.get_referents(owned))
print(any(found is plain for found in gc.get_referrers(plain.first)))
print(sorted(gc.get_referents([1, "a"]), key=repr), list in gc.get_referents([1]), gc.get_referents(1, "a"))
print(any(found is Plain for found in gc.get_referrers(type)))
