# Sessions of pdb on both of its backends.
import bdb
import io
import linecache
import pdb

SOURCE = '''
def gen():
    yield 1
    return 2

def inner(x):
    y = x + 1
    try:
        return y
    finally:
        z = 3

def outer():
    debugger.set_trace()
    total = inner(4)
    for i in gen():
        total += i
    total = 0
    return total

async def main():
    debugger.set_trace()
    await nothing()
    return 1

async def nothing():
    return 2
'''
NAME = "<sample>"
linecache.cache[NAME] = (len(SOURCE), None, SOURCE.splitlines(True), NAME)


def session(backend, function, commands):
    bdb.Breakpoint.clearBreakpoints()
    out = io.StringIO()
    names = {}
    exec(compile(SOURCE, NAME, "exec"), names)
    debugger = names["debugger"] = pdb.Pdb(
        stdin=io.StringIO("\n".join(commands) + "\n"), stdout=out, nosigint=True, readrc=False, backend=backend)
    debugger.use_rawinput = False
    debugger.prompt = "(Pdb) "
    try:
        result = names[function]()
        if hasattr(result, "send"):
            try:
                result.send(None)
            except StopIteration as stop:
                result = stop.value
    finally:
        debugger.set_continue()
    print(f"-- {backend} {function} {result}")
    print(out.getvalue())


for backend in ("settrace", "monitoring"):
    session(backend, "outer", ["n", "s", "s", "a", "n", "n", "n", "r", "n", "p total", "n", "n", "c"])
    session(backend, "outer", ["b inner", "c", "p x", "up", "p debugger.botframe is not None", "d", "b 17, i == 1", "c", "j 18", "c"])
    session(backend, "main", ["n", "n", "c"])
