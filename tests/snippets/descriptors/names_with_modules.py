"""Messages about native classes outside builtins say the module, too."""

import collections


class Derived(collections.deque):
    pass


class WithNew(collections.deque):
    def __new__(cls):
        return super().__new__(cls)


for attempt in (
    lambda: collections.deque.__add__(),
    lambda: collections.deque.__add__(1, 2),
    lambda: collections.deque.append(1),
    lambda: collections.deque.__new__(int),
    lambda: object.__new__(collections.deque),
    lambda: object.__new__(Derived),
    lambda: object.__new__(WithNew),
    lambda: collections.deque.__new__(),
    lambda: collections.deque.__new__(1),
    lambda: Derived.__add__(1, 2),
    lambda: Derived() < 1,
    lambda: list.__add__(Derived(), 1),
):
    try:
        print(attempt())
    except TypeError as error:
        print(error)
