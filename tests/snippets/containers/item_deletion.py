# What `del o[key]` says of objects that cannot.
import array
import collections
import types


class Plain:
    pass


class Getter:
    def __getitem__(self, key):
        return key


for value in (
    (1, 2), "ab", b"ab", range(3), types.MappingProxyType({}), object(), Plain(), Getter(), int, 5, None, frozenset(), memoryview(b"ab"),
    memoryview(bytearray(b"ab")), {}.keys(), {}.items(), iter([]), Plain, 1.5, slice(1), types.SimpleNamespace(), property(), len, lambda: 0,
    1j, ..., (x for x in ()), types.GenericAlias(list, int), collections, Exception(), set(),
):
    for key in (0, "x", 1.5):
        try:
            del value[key]
        except Exception as error:
            print(type(value).__name__, repr(key), type(error).__name__, error)
