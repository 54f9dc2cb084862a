"""The types of ctypes are fixed, those derived from them are not; abstract ones; parts of unnamed parts."""
from ctypes import POINTER, Array, Structure, Union, c_int, c_short
from _ctypes import CFuncPtr, _Pointer, _SimpleCData


def attempt(what, function):
    try:
        print(what, function())
    except Exception as error:
        print(what, type(error).__name__, error)


class Derived(POINTER(c_int)):
    pass


class Early(Structure):
    def __init_subclass__(cls):
        cls._fields_ = []


attempt("pointer", Derived)
attempt("pointer", lambda: Derived(c_int(3)))
attempt("parameter", lambda: _SimpleCData.from_param(42))
attempt("early", lambda: type(Structure)("Late", (Early,), {}))
attempt("abstract", Structure)
attempt("abstract", Union)
for part in (Structure, Union, Array, _Pointer, _SimpleCData, CFuncPtr):
    attempt("fixed", lambda: setattr(part, "x", 1))
    attempt("fixed", lambda: setattr(type(part), "x", 1))
    print(bool(part.__flags__ & 1 << 8), bool(type(part).__flags__ & 1 << 8))
Derived.x = 1


class U(Union):
    _fields_ = [("a", c_int), ("b", c_short)]


class S(Structure):
    _anonymous_ = ["_"]
    _fields_ = [("_", U), ("c", c_int)]


class T(Structure):
    _anonymous_ = ["_"]
    _fields_ = [("_", S), ("d", c_int)]


t = T()
t.a = 5
t.c, t.d = 6, 7
print(t.b, t.c, t.d, T._.type.__name__, T.d.offset, T.a.offset, T.c.offset)
