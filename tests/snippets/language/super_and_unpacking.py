"""Methods found through `super()` in code that remembers them; lists made by comprehensions; calls with unpacked arguments."""


class A:
    def __init__(self, n):
        self.n = n

    def who(self):
        return ["A", self.n]


class B(A):
    def __init__(self, n):
        super().__init__(n + 1)

    def who(self):
        return ["B", *super().who()]


class C(A):
    def who(self):
        return ["C", *super().who()]


class D(B, C):
    pass


class E(C, B):
    pass


def all_of(classes):
    return [cls(10).who() for cls in classes]


print(all_of([A, B, C, D, E]))
print(all_of([A, B, C, D, E]))
A.who = lambda self: ["changed", self.n]
print(all_of([A, B, C, D, E]))
D.__bases__ = (C, B)
print(all_of([A, B, C, D, E]))


class Meta(type):
    def make(cls, n):
        return ("Meta.make", cls.__name__, n)

    def __call__(cls, *args):
        made = super().__call__(*args)
        made.by = cls.__name__
        return made


class Sub(Meta):
    def make(cls, n):
        return ("Sub", super().make(n))


class One(metaclass=Sub):
    pass


class Two(One):
    @classmethod
    def build(cls):
        return cls.make(2), super().__new__(cls).__class__ is cls


for _ in range(3):
    print(One.make(1), Two.make(2), One().by, Two().by, Two.build()[1])


class Odd:
    def who(self):
        return "odd"


try:
    print(B.who(Odd()))
except TypeError as error:
    print(error)
b = B(1)
b.__class__ = C
print(b.who(), C.who(b))

saved = super


def super(*args):
    class Mine:
        def who(self):
            return ["mine"]

        def __init__(self, *args):
            pass

    return Mine()


print(all_of([B, C]))
super = saved
print(all_of([B, C]))


# Comprehensions that know how many items come.
def lists(source):
    return [
        [x for x in source],
        [(n, x) for n, x in enumerate(source)],
        [x for x in zip(source, range(2))],
        [x for x in zip(range(10 ** 12), source)],
        [[y for y in range(x)] for x in range(4)],
    ]


print(lists([1, 2, 3]), lists((1, 2)), lists({"a": 1, "b": 2}), lists(iter("xyz")), lists(set()))
growing = [1, 2, 3]
print([growing.append(x) or len(growing) for x in growing if len(growing) < 8 or growing.clear()])
growing = [1, 2, 3]
print([growing.pop() for x in growing], growing)
try:
    [1 // (3 - x) for x in range(10 ** 15)]
except ZeroDivisionError as error:
    print(error)


# Unpacked arguments.
def show(*args, **names):
    return args, names


def order(n, log):
    log.append(n)
    return n


log = []
more = [7, 8]
print(show(order(1, log), order(2, log), *[order(3, log)], order(4, log), *more, a=1, **{"b": 2}), log)
print([1, 2, *more, 3, *more], (1, *more), (*more, 1), {1, 2, *more}, [*more])
print(show(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, *more)[0][-3:])
try:
    show(1, *5)
except TypeError as error:
    print(error)
try:
    [1, *5]
except TypeError as error:
    print(error)
