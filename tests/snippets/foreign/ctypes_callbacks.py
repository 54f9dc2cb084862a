# Functions of Python that C calls, and structures by value.
import ctypes
import sys
import threading
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_double, c_float, c_int, c_long, c_longdouble, c_ulong, c_void_p

libc = ctypes.CDLL(None)


def ignored(args):
    text = args.err_msg.split(" <")[0]
    print("  ignored:", text, "-", type(args.exc_value).__name__, args.exc_value)


sys.unraisablehook = ignored

compare = CFUNCTYPE(c_int, POINTER(c_int), POINTER(c_int))
numbers = (c_int * 6)(5, 3, 9, 1, 7, 2)
libc.qsort.restype = None
libc.qsort(numbers, len(numbers), ctypes.sizeof(c_int), compare(lambda a, b: a[0] - b[0]))
print(list(numbers))

print(CFUNCTYPE(c_double, c_double, c_int)(lambda x, count: x * count)(2.5, 4))
print(CFUNCTYPE(c_float, c_float)(lambda x: x / 2)(5))
print(CFUNCTYPE(c_char_p)(lambda: b"text")())
print(CFUNCTYPE(None, c_char_p)(lambda text: print("  got", text))(b"bytes"))
many = CFUNCTYPE(c_long, *[c_long] * 9, *[c_double] * 10)(lambda *args: print("  got", args) or sum(args[:9]))
print(many(*range(9), *[number / 2 for number in range(10)]))

print("-- errors")
CFUNCTYPE(c_double, c_double)(lambda x: 1 / 0)(1)
CFUNCTYPE(c_int)(lambda: "text")()
CFUNCTYPE(c_int)(lambda: None)()
CFUNCTYPE(None)(lambda: None)()
for wrong in [lambda: CFUNCTYPE(POINTER(c_int))(print), lambda: CFUNCTYPE(c_int, int)(print)]:
    try:
        wrong()
    except TypeError as error:
        print(error)


def factorial(number):
    return 1 if number < 2 else number * again(number - 1)


again = CFUNCTYPE(c_long, c_long)(factorial)
print(again(15))

print("-- structures")


class Small(Structure):
    _fields_ = [("x", c_double), ("y", c_float), ("n", c_int)]


class Large(Structure):
    _fields_ = [("values", c_long * 5)]


class Parts(Structure):
    _fields_ = [("quotient", c_long), ("rest", c_long)]


class Ints(Structure):
    _fields_ = [("quotient", c_int), ("rest", c_int)]


def takes(small, large, number, other):
    print("  got", small.x, small.y, small.n, list(large.values), number, other.n)
    small.x = 99
    return other.x


given = Small(1.5, 2.5, 3)
callback = CFUNCTYPE(c_double, Small, Large, c_int, Small)(takes)
print(callback(given, Large((c_long * 5)(1, 2, 3, 4, 5)), 7, Small(8, 9, 10)), given.x)
libc.ldiv.restype, libc.ldiv.argtypes = Parts, [c_long, c_long]
libc.div.restype = Ints
print([(result.quotient, result.rest) for result in (libc.ldiv(17, 5), libc.ldiv(-17, 5), libc.div(17, 5))])
libm = ctypes.CDLL("libm.so.6")
libm.sqrtl.restype, libm.sqrtl.argtypes = c_longdouble, [c_longdouble]
print(libm.sqrtl(2.25))
buffer = ctypes.create_string_buffer(100)
libc.snprintf(buffer, 100, b"%d %g %s %g %g %g %g %g %g %g %g %d %d", 1, c_double(2.5), b"x", *map(c_double, range(8)), 8, 9)
print(buffer.value)


class Handlers(Structure):
    _fields_ = [("first", CFUNCTYPE(c_int, c_int)), ("second", CFUNCTYPE(c_int, c_int))]


handlers = Handlers(Handlers.first.type(lambda x: x + 1), Handlers.second.type(lambda x: x * 2))
print(handlers.first(4), handlers.second(4), bool(Handlers().first))

print("-- threads of C")
entry = CFUNCTYPE(c_void_p, c_void_p)
seen = []


def body(argument):
    seen.append(threading.current_thread() is not threading.main_thread())
    return argument * 2


run = entry(body)
identifiers = [c_ulong() for _ in range(4)]
for number, identifier in enumerate(identifiers):
    libc.pthread_create(ctypes.byref(identifier), None, run, c_void_p(number + 1))
results = []
for identifier in identifiers:
    result = c_void_p()
    libc.pthread_join(identifier, ctypes.byref(result))
    results.append(result.value)
print(results, seen)
