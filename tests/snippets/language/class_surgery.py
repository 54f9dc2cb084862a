# Bases, `__dict__`, `__class__` and `mro()` changed by programs.
import warnings


class Hook:
    def __getattribute__(self, name):
        return 2 if name == "a" else super().__getattribute__(name)

    def meth(self):
        return 1


class Base:
    pass


class D(Base):
    pass


class E(D):
    pass


d, e = D(), E()
D.__bases__ = (Hook,)
print(d.meth(), e.meth(), d.a, e.a, Hook.__subclasses__() == [D])


class WorkOnce(type):
    def __new__(meta, name, bases, namespace):
        meta.flag = 0
        return super().__new__(WorkOnce, name, bases, namespace)

    def mro(cls):
        if cls.flag > 0:
            raise RuntimeError("bozo")
        cls.flag += 1
        return type.mro(cls)


class F(D, metaclass=WorkOnce):
    pass


before = D.__mro__, E.__mro__, F.__mro__
try:
    D.__bases__ = (Base,)
except RuntimeError as error:
    print(error, before == (D.__mro__, E.__mro__, F.__mro__), D.__bases__ == (Hook,))


class Asking(type):
    def mro(cls):
        print(cls.__name__, "has", cls.__mro__)
        return type.mro(cls)


class G(metaclass=Asking):
    pass


with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    type("MyClass", (), {1: 2})
    print([str(one.message) for one in caught])

del d.__dict__
print(d.__dict__)
d.x = 1
print(d.__dict__)


class J:
    __slots__ = ["b"]


class N(J):
    __slots__ = ["__weakref__"]


class H:
    __slots__ = ["b"]


class L(H):
    __slots__ = ["e"]


class M(J):
    __slots__ = ["e"]


for value, cls in [(J(), N), (J(), H), (L(), M)]:
    try:
        value.__class__ = cls
        print(type(value).__name__)
    except TypeError as error:
        print(error)


class Z:
    __slots__ = ["__classcell__"]

    def __init__(self):
        super().__init__()


print(type(Z.__dict__["__classcell__"]).__name__, hasattr(Z(), "__classcell__"))
x = None
for call in [lambda: C2().__init__(42), lambda: C2(42), lambda: setattr(C2, "__doc__", 1), lambda: delattr(C2, "__doc__")]:
    class C2:
        pass

    try:
        call()
        print("fine")
    except TypeError as error:
        print(error)
try:
    x **= 2
except TypeError as error:
    print(error)


class Broken:
    @property
    def __eq__(self):
        raise AttributeError("booh")


print(Broken() == Broken())
