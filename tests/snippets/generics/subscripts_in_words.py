# What cannot be iterated although it takes subscripts, substitutions in words, bounds of parameter specifications, old marshal data.
import marshal
import re
import types
from typing import Generic, ParamSpec, TypeVar, Union

T = TypeVar("T")
U = TypeVar("U")
D = TypeVar("D", default=str)


class Three(Generic[T, U, D]):
    pass


class Evil:
    __typing_is_unpacked_typevartuple__ = True

    def __typing_subst__(self, argument):
        return 42

    def __typing_prepare_subst__(self, alias, arguments):
        return arguments


class Parameter:
    def __repr__(self):
        return "parameter"


def late():
    first, second = Parameter(), Parameter()
    first.__typing_subst__ = lambda value: value
    alias = types.GenericAlias(dict, (first, second))
    alias.__parameters__
    second.__typing_subst__ = lambda value: value
    return alias[0]


for attempt in (
    lambda: Three[int], lambda: Three[()], lambda: Three[int, str], late, lambda: types.GenericAlias(tuple, (Evil(),))[int],
    lambda: iter(int | str), lambda: list(int | T), lambda: list(Union[int, str]), lambda: list(re.match("a", "a")),
    lambda: iter(types.SimpleNamespace()), lambda: iter(3), lambda: [number for number in re.match("a", "a")],
):
    try:
        print(attempt())
    except TypeError as error:
        print(error)
for bound in (None, int, "x", [int], (int, str), 3):
    print(repr(ParamSpec("P", bound=bound).__bound__))
for number in (0, 1, -1, 2**63 - 1, -(2**63)):
    assert marshal.loads(b"I" + number.to_bytes(8, "little", signed=True)) == number
