"""Pieces of syntax as functions, for the call fuzzer: what the interpreter's loop does itself, with objects nobody expects there."""
import copy
import json
import pickle
import sys
import types

BINARY = ["+", "-", "*", "/", "//", "%", "@", "**", "<<", ">>", "&", "|", "^", "<", "<=", "==", "!=", ">", ">=", "is", "in", "not in"]
AUGMENTED = ["+", "-", "*", "/", "//", "%", "@", "**", "<<", ">>", "&", "|", "^"]

EXPRESSIONS = [
    "-a", "~a", "not a", "a if b else c", "a[b]", "a[b:c]", "a[::b]", "a[:, b]", "a(b)", "a(b, c)", "a(*b)", "a(**b)", "a(*b, **c)",
    "a(x=b)", "a(b, x=c)", "[*a]", "(*a, *b)", "{*a}", "{**a}", "{a: b}", "{a, b, c}", "f'{a}'", "f'{a!r:>{b}}'", "f'{a:x}'", "t'{a!s:{b}}'",
    "a.x", "a.__class__", "a.__dict__", "a.__doc__", "a.append(b)", "a.get(b)", "a.send(b)", "a.close()", "a.throw(b)", "a.keys()",
    "len(a)", "iter(a)", "next(a)", "next(a, b)", "hash(a)", "repr(a)", "str(a)", "bytes(a)", "int(a)", "float(a)", "complex(a)", "bool(a)",
    "list(a)", "tuple(a)", "set(a)", "dict(a)", "sorted(a)", "sorted(a, key=b)", "min(a)", "max(a, key=b)", "sum(a, b)", "any(a)", "all(a)",
    "reversed(a)", "enumerate(a, b)", "zip(a, b, c)", "map(a, b)", "filter(a, b)", "range(a, b, c)", "isinstance(a, b)", "issubclass(a, b)",
    "getattr(a, b)", "getattr(a, b, c)", "hasattr(a, b)", "pow(a, b, c)", "round(a, b)", "divmod(a, b)", "format(a, b)", "type(a)",
    "type(a)()", "type(a)(b)", "type(a)(b, c)", "type(a).__new__(type(a))", "type(a).__new__(b)", "super(a, b)", "vars(a)", "dir(a)",
    "memoryview(a)", "bytearray(a)", "frozenset(a)", "slice(a, b, c).indices(d)", "a.__reduce_ex__(4)", "a.__setstate__(b)", "a.__init__(b)", "a.__init__()",
    "a.__iter__()", "a.__next__()", "a.__length_hint__()", "a.__sizeof__()", "a.__getstate__()", "a.__format__(b)", "a.__del__()",
    "copy.copy(a)", "copy.deepcopy(a)", "pickle.loads(pickle.dumps(a, -1))", "json.dumps(a)", "json.dumps(a, default=b, indent=c)",
    "a % (b, c)", "a % {'x': b}", "a.format(b, x=c)", "a.join(b)", "a.split(b)", "a.translate(b)", "a.encode(b, c)", "a.decode(b, c)",
    "[x for x in a]", "{x: y for x, y in a}", "{x for x in a if b}", "sum(x for x in a)", "list(map(a, b, c))", "list(zip(a, a, strict=True))",
    "types.FunctionType(a.__code__, b)", "types.MethodType(a, b)()", "types.MethodType(a, b)(c)", "types.GenericAlias(a, b)[c]", "a | b | c", "a[b, c]", "a[...]",
    "sys._getframe(0).f_locals.update(a)", "exec(a, b)", "eval(a, {}, b)", "compile(a, '', 'exec')",
]

STATEMENTS = {
    "for": "for x in a:\n  b",
    "for unpack": "for x, y in a:\n  b",
    "for change": "for x in a:\n  a.append(x)\n  if len(a) > 300: break",
    "for pop": "for x in a:\n  a.pop()",
    "for clear": "for x in a:\n  a.clear()",
    "unpack": "x, *y, z = a",
    "unpack two": "x, y = a",
    "set item": "a[b] = c",
    "set slice": "a[b:c] = d",
    "set step": "a[::b] = c",
    "del item": "del a[b]",
    "del slice": "del a[b:c]",
    "del step": "del a[::b]",
    "set attribute": "a.x = b",
    "del attribute": "del a.x",
    "set class": "a.__class__ = b",
    "set class of": "a.__class__ = type(b)",
    "set dict": "a.__dict__ = b",
    "set bases": "type(a).__bases__ = (type(b),)",
    "set bases 2": "a.__bases__ = b",
    "set code": "a.__code__ = b",
    "set code of": "a.__code__ = b.__code__",
    "set defaults": "a.__defaults__ = b\na()",
    "set cell": "a.cell_contents = b",
    "set trace": "sys.settrace(a)\nlen(b)\nsys.settrace(None)",
    "set profile": "sys.setprofile(a)\nlen(b)\nsys.setprofile(None)",
    "set context": "a.__context__ = b\na.__cause__ = b\nraise a",
    "raise": "raise a",
    "raise from": "raise a from b",
    "with": "with a as x:\n  b()",
    "except": "try:\n  raise b\nexcept a as x:\n  x",
    "except star": "try:\n  raise ExceptionGroup('', [ValueError(), a])\nexcept* b as x:\n  x",
    "class": "class X(a):\n  x = b\nX()",
    "class meta": "class X(a, metaclass=b):\n  pass\nX()",
    "class two": "class X(a, b):\n  pass\nX(c)",
    "class slots": "class X(a):\n  __slots__ = b\nX()",
    "class hooks": "class X:\n  __getattr__ = a\n  __eq__ = b\n  __hash__ = c\n  __len__ = d\nx = X()\nx.y\nx == x\nlen(x)\nhash(x)",
    "class descriptor": "class X:\n  y = a\nX().y = b\nX().y\ndel X().y",
    "class type": "type(b)(a, (c,), d)",
    "match": "match a:\n  case [x, *y]: pass\n  case {'x': z, **w}: pass\n  case int(v): pass\n  case str(): pass",
    "match class": "match a:\n  case b(x, y=z): pass",
    "generator": "def g():\n  x = yield a\n  yield from b\nx = g()\nnext(x)\nx.send(c)\nx.throw(d)",
    "yield from": "def g():\n  yield from a\nlist(g())",
    "await": "async def g():\n  return await a\ng().send(None)",
    "async for": "async def g():\n  async for x in a: b\ng().send(None)",
    "async with": "async def g():\n  async with a as x: b\ng().send(None)",
    "f_locals": "sys._getframe().f_locals[a] = b\nsys._getframe().f_locals.get(a)",
    "call many": "for x in (a, b, c, d):\n  x()\n  x(a)\n  x(a, b)",
    "method changes": "m = a.__class__\nfor x in dir(m):\n  getattr(a, x)",
    "buffer": "with memoryview(a) as m:\n  a.append(1)\n  a.clear()\n  m[:] = b",
    "import": "import json as x\nx.loads(a)",
    "delete name": "del a\na",
    "lambda": "(lambda *x, **y: (x, y))(*a, **b)",
    "defaults": "def f(x=a, *, y=b): return x, y\nf(**c)",
    "type alias": "type T[X: a = b] = c\nT.__value__, T.__type_params__[0].__bound__",
    "generic": "def f[X: a](y: b) -> c: pass\nf.__annotations__, f.__type_params__",
    "replace code": "f = lambda x=1: x + len(y)\nf.__code__ = f.__code__.replace(co_consts=a)\nf()",
    "replace names": "f = lambda x=1: x + len(y)\nf.__code__ = f.__code__.replace(co_names=a)\nf()",
    "replace code bytes": "f = lambda x=1: x + len(y)\nf.__code__ = f.__code__.replace(co_code=a)\nf()",
    "replace vars": "f = lambda x=1: x + len(y)\nf.__code__ = f.__code__.replace(co_varnames=a, co_nlocals=len(a))\nf()",
    "replace counts": "f = lambda x=1: x + len(y)\nf.__code__ = f.__code__.replace(co_argcount=a, co_kwonlyargcount=b, co_stacksize=c)\nf()",
    "replace flags": "f = lambda x=1: x + len(y)\nf.__code__ = f.__code__.replace(co_flags=a)\nf()",
    "replace tables": "f = lambda x=1: x + len(y)\nf.__code__ = f.__code__.replace(co_linetable=a, co_exceptiontable=b)\nf()",
}


def build():
    made = {}
    scope = {"copy": copy, "json": json, "pickle": pickle, "sys": sys, "types": types}
    texts = {f"syntax a {op} b": f"a {op} b" for op in BINARY}
    texts.update({f"syntax a {op}= b": f"a {op}= b" for op in AUGMENTED})
    texts.update({f"syntax {text}": f"return {text}" for text in EXPRESSIONS})
    texts.update({f"syntax {name}": text for name, text in STATEMENTS.items()})
    for name, text in texts.items():
        body = "\n".join("  " + line for line in text.split("\n"))
        found = {}
        # `d` is there for those that want four.
        exec(f"def operation(a=None, b=None, c=None, d=None, *rest):\n{body}\n", scope, found)
        made[name] = found["operation"]
    return made


OPERATIONS = build()
