# Attributes that str.format finds have names made at run time.
class Holder:
    def __init__(self, first, second):
        self.first = first
        self.second = second

    @property
    def __doc__(self):
        return "{me.first} {me.second.first} {me.__class__.__name__}".format(me=self)


for number in range(4):
    holder = Holder(number, Holder("inner", None))
    print(holder.__doc__, "{0.first:>4} {0.second.second!r}".format(holder))
    name = "".join(["fi", "rst"])
    print(getattr(holder, name), hasattr(holder, name + "x"), name in vars(holder))
    setattr(holder, "".join(["th", "ird", str(number % 2)]), number)
    print("{0.third%d}" % (number % 2), ("{0.third%d}" % (number % 2)).format(holder))
