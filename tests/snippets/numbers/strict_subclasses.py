# What conversions say when __int__ and the like give an instance of a strict subclass, or something else.
import cmath
import math
import operator
import sys
import warnings


def giving(name, value):
    return type("A", (), {name: lambda self: value})()


Float = type("Float", (float,), {})
Complex = type("Complex", (complex,), {})
for call in (
    lambda: operator.index(giving("__index__", True)),
    lambda: operator.index(giving("__index__", 1.5)),
    lambda: [1, 2][giving("__index__", True)],
    lambda: int(giving("__int__", True)),
    lambda: int(giving("__int__", 1.5)),
    lambda: float(giving("__float__", Float(1))),
    lambda: float(giving("__float__", 1)),
    lambda: math.sqrt(giving("__float__", Float(4))),
    lambda: complex(giving("__complex__", Complex(1))),
    lambda: complex(giving("__complex__", 1)),
    lambda: complex(giving("__float__", Float(1))),
    lambda: cmath.sqrt(giving("__complex__", Complex(4))),
    lambda: cmath.sqrt(giving("__complex__", 4)),
    lambda: sys._clear_type_cache(),
):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            print(call())
        except TypeError as error:
            print(error)
        for warning in caught:
            print(" ", warning.category.__name__, warning.message)
