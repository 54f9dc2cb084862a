"""Calls whose keywords come from a dict, by short and by long ways."""
import functools


def forward(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


@forward
def plain(a, b=2, *rest, c=3, **more):
    return a, b, rest, c, more


@forward
def strict(a, b, /, c, *, d):
    return a, b, c, d


class Thing:
    @forward
    def method(self, x, y="y", **more):
        more["seen"] = True
        return type(self).__name__, x, y, more

    def __init__(self, *args, **kwargs):
        self.given = args, kwargs


class Sub(Thing):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)


def attempt(function, *args, **kwargs):
    try:
        return function(*args, **kwargs)
    except TypeError as error:
        return str(error)


for _ in range(3):
    print(plain(1), plain(1, c=4), plain(1, 2, 3, d=5), plain(b=1, a=2), plain(**{"a": 0, "z": 1}))
    print(strict(1, 2, 3, d=4), strict(1, 2, d=4, c=3))
    print(Thing().method(1), Thing().method(x=1, z=2), Sub(1, a=2).given)
    print(attempt(plain), attempt(plain, 1, a=2), attempt(strict, 1, 2, c=3), attempt(strict, 1, b=2, c=3, d=4))
    print(attempt(strict, 1, 2, 3, d=4, e=5), attempt(dict, a=1), attempt(max, [3, 1], key=lambda n: -n), attempt(len, x=1))

# The dict stays the caller's.
names = {"x": 1}
thing = Thing()
print(thing.method(**names), names, Thing(**names).given[1] is names)
print(attempt(lambda: plain(1, **{1: 2})), attempt(lambda: plain(1, **5)), attempt(lambda: plain(1, **[("a", 1)])))


class Mapping:
    def keys(self):
        return ["b", "c"]

    def __getitem__(self, key):
        return key * 2


class Special(dict):
    def __getitem__(self, key):
        return "never asked"


print(plain(1, **Mapping()), plain(1, **Special(b=5)))


class Name(str):
    pass


key = "".join(["lo", "ng"])
print(plain(1, **{Name("b"): 7, key: 8}), plain(1, **{Name("q"): 7}))
many = {f"k{n}": n for n in range(40)}
print(len(plain(1, **many)[4]), plain(*range(40))[2][-1], len(plain(*range(10), **{f"k{n}": n for n in range(10)})[4]))


class Meta(type):
    def __new__(meta, name, bases, namespace, **kwargs):
        cls = super().__new__(meta, name, bases, namespace)
        cls.options = kwargs
        return cls

    def __init__(cls, *args, **kwargs):
        super().__init__(*args)


options = {"a": 1}


class Made(metaclass=Meta, **options):
    pass


print(Made.options, Made.options is options)


def change(**kwargs):
    kwargs.clear()


change(**names)
print(names)


def later(*args, **kwargs):
    yield args, kwargs


print([*later(1, **names)], "{x} {y}".format(**{"x": 1, "y": 2}), str(*[b"x"], **{"encoding": "ascii"}))
