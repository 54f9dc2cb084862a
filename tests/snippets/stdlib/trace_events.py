# What `sys.settrace` hears: ends of generators, lines of loops, and the order of lines when blocks are left early.
import sys
def gen():
    yield 1
    return 5
def loop():
    for x in gen():
        y = x
    z = 2
def summing():
    s = sum(x for x in (1, 2))
    return s
def deleg():
    v = yield from gen()
    w = v
async def co():
    return 3
async def awaiter():
    a = await co()
    b = a
class It:
    def __await__(self):
        yield 1
        return 4
async def awaits2():
    a = await It()
    b = 1
def nextit():
    g = gen()
    next(g)
    try:
        next(g)
    except StopIteration:
        pass
def unpack():
    a, = gen()
    b = [*gen()]
    c = [i for i in gen()]
def lst():
    for x in iter([1]):
        pass
    for x in map(str, [1]):
        pass
def through_finally():
    for i in range(3):
        try:
            if i > 0:
                break
        finally:
            c = 10
    try:
        return 2
    finally:
        4


class Manager:
    def __enter__(self):
        return self

    def __exit__(self, *args):
        pass


def out_of_with():
    for i in range(2):
        with Manager():
            continue
    with Manager():
        return


def bare_except():
    try:
        try:
            2 / 0
        except IndexError:
            5
        finally:
            7
    except:
        pass
    while 1:
        i = 3
        i
        break


def decorated():
    def same(arg):
        return lambda c: c

    @same(1)
    @same(
        2,
    )
    class Mine:
        pass


def single_line_loop():
    for i in range(3): pass


def run(f):
    ev=[]
    def tr(frame, event, arg):
        if event == 'exception': arg = repr(arg[1])
        else: arg = None
        ev.append((frame.f_code.co_name, frame.f_lineno - base, event) + ((arg,) if arg else ()))
        return tr
    base = f.__code__.co_firstlineno
    sys.settrace(tr)
    try:
        r = f()
        if hasattr(r, 'send'):
            try:
                while True: r.send(None)
            except StopIteration: pass
    finally: sys.settrace(None)
    print(f.__name__)
    for e in ev: print('   ', *e)
for f in loop, summing, deleg, awaiter, awaits2, nextit, unpack, lst, through_finally, out_of_with, bare_except, decorated, single_line_loop:
    run(f)
