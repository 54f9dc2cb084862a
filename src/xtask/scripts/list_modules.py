"""Prints what this interpreter's native modules and built-in types hold, as JSON: {"modules": {name: [names]}, "types": {...}}.

Runs under CPython (the standard) and under protopy. Modules written in Python are asked for under the names that the
standard has natively, so that a module that moved from C to Python or back is seen as there.
"""
import builtins
import sys

# Not part of the language or the library: modules for CPython's own tests.
SKIPPED = ("_test", "_xx", "xx", "_ctypes_test")
# Native modules that distributions of the standard pack by themselves; this one may lack them.
PACKED_APART = ("_gdbm", "_tkinter")


def native_names():
    names = set(sys.builtin_module_names)
    if len(sys.argv) > 1:
        names |= set(sys.argv[1].split(","))
    else:
        import importlib.machinery
        import os
        for folder in sys.path:
            if os.path.isdir(folder):
                for entry in os.listdir(folder):
                    for suffix in importlib.machinery.EXTENSION_SUFFIXES:
                        if entry.endswith(suffix):
                            names.add(entry[:-len(suffix)].partition(".")[0])
        names.update(PACKED_APART)
    return sorted(name for name in names if not name.startswith(SKIPPED) and name.isidentifier())


def public(owner):
    skip = {"__doc__", "__file__", "__loader__", "__name__", "__package__", "__spec__", "__cached__", "__builtins__"}
    return sorted(name for name in dir(owner) if name not in skip)


def quoted(names):
    return "[" + ", ".join('"%s"' % name for name in names) + "]"


def main():
    rows = []
    for name in native_names():
        try:
            __import__(name)
        except BaseException:
            if name in PACKED_APART and len(sys.argv) == 1:
                rows.append('  "%s": []' % name)
            continue
        rows.append('  "%s": %s' % (name, quoted(public(sys.modules[name]))))
    types = []
    for name in sorted(vars(builtins)):
        value = getattr(builtins, name)
        if isinstance(value, type):
            types.append('  "%s": %s' % (name, quoted(sorted(vars(value)))))
    print('{"modules": {\n' + ",\n".join(rows) + '\n}, "types": {\n' + ",\n".join(types) + "\n}}")


main()
