"""Methods, slots and attributes of native classes refuse objects that are none of theirs, however they are asked."""
import builtins, collections, itertools, functools, io, array, re, datetime, threading, types, weakref, contextvars, struct
import enum, operator, random, queue, mmap, select, socket, json, zlib, asyncio, sqlite3, ssl, pickle, csv, os, time, ctypes, lzma, bz2
import hashlib, decimal, sys, _thread, _io, _collections, _functools, _operator
import xml.etree.ElementTree


class Other:
    pass


def classes(modules):
    seen = set()
    for module in modules:
        for name in sorted(dir(module)):
            found = getattr(module, name)
            if isinstance(found, type) and found not in seen:
                seen.add(found)
                yield found
    for value in (sys.flags, sys.version_info, sys.implementation, iter([]), iter({}), iter(set()), iter(""), iter(b""), reversed([]), {}.items(), {}.keys(),
                  {}.values(), (x for x in ()), compile("0", "", "eval"), sys._getframe(), classes, print, [].append, int.__add__, int.from_bytes,
                  type.__dict__["__name__"], re.compile(""), re.match("", ""), memoryview(b""), slice(1), ..., None, NotImplemented):
        if type(value) not in seen:
            seen.add(type(value))
            yield type(value)


modules = [module for name, module in sorted(globals().items()) if isinstance(module, types.ModuleType)]
asked = 0
odd = []
harmless = (TypeError, AttributeError)
for cls in classes(modules):
    if isinstance(cls, enum.EnumType):
        continue
    for name, found in sorted(cls.__dict__.items()):
        kind = type(found).__name__
        for wrong in (Other(), 5, "text", None, (), Other):
            if isinstance(wrong, cls):
                continue
            if kind in ("method_descriptor", "wrapper_descriptor"):
                for args in ((), (1,), (wrong, 2), (1, 2, 3)):
                    asked += 1
                    try:
                        found(wrong, *args)
                        odd.append((cls.__name__, name, args))
                    except TypeError:
                        pass
                    except Exception as error:
                        odd.append((cls.__name__, name, type(error)))
            elif kind in ("getset_descriptor", "member_descriptor"):
                asked += 1
                for act in (lambda: found.__get__(wrong), lambda: found.__set__(wrong, 1), lambda: found.__delete__(wrong)):
                    try:
                        act()
                        odd.append((cls.__name__, name, "get"))
                    except harmless:
                        pass
print(asked > 10000, odd)
