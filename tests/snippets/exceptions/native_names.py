"""Classes of native modules are named with their module in messages."""
import collections, io, array, functools, datetime, re, threading
for t in (collections.deque, io.BytesIO, int, array.array, functools.partial, datetime.date, re.Pattern, type(threading.Lock()), collections.OrderedDict, collections.Counter, type(collections), type(len), ValueError):
    try: t.nope
    except AttributeError as e: print(e)
    try: t.nope = 1
    except TypeError as e: print(e)
import ast
for tree, mode in ((ast.Constant(1), "exec"), (ast.parse("1"), "eval"), (ast.parse("1", mode="eval"), "single")):
    try:
        print(ast.parse(tree, mode=mode))
    except TypeError as error:
        print(error)
tree = ast.parse("x = 1")
print(type(ast.parse(tree)).__name__, type(ast.parse(tree, optimize=2)).__name__)
