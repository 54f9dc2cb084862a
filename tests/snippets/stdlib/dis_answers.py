# What programs ask the disassembler that is the same for any code: names, imports, closures, lines.
import dis
import inspect
import io
import modulefinder

G = 1


def outer():
    cell = 2

    def inner(a):
        return len(a), G, cell, unknown.attribute.method()

    return inner


found = inspect.getclosurevars(outer())
print(found.nonlocals, found.globals, sorted(found.builtins), sorted(found.unbound))


def imports():
    import os.path
    from sys import argv, path as p
    from . import sibling


print(list(dis._find_imports(imports.__code__)))
print(sorted(set(dis._find_store_names(compile("a = 1\nclass B: pass\ndef c(): global d; d = 1", "x", "exec")))))
print({i.opname for i in dis.get_instructions(imports) if i.opname.startswith("IMPORT")} == {"IMPORT_NAME", "IMPORT_FROM"})
print([i.argval for i in dis.get_instructions(lambda: one.two) if i.opname in ("LOAD_GLOBAL", "LOAD_ATTR")])
print(sorted({i.line_number - outer.__code__.co_firstlineno for i in dis.get_instructions(outer) if i.line_number is not None}))
print("VARARGS" in dis.pretty_flags((lambda *a: 0).__code__.co_flags), dis.Bytecode("x").codeobj.co_names)
stream = io.StringIO()
dis.dis("x + 1", file=stream)
print("LOAD_NAME" in stream.getvalue())
