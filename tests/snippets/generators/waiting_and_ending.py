import asyncio
async def leaf(n):
    await asyncio.sleep(0); return n
class Aw:
    def __await__(self): r = yield from asyncio.sleep(0).__await__(); return 5
class It:
    def __iter__(self): return self
    def __next__(self): raise StopIteration(77)
def d(): r = yield from It(); print('r', r); r = yield from [1,2]; print(r); r = yield from iter('ab'); yield from range(2); return 9
def dd(): x = yield from d(); print('x', x); return x
print(list(dd()))
g = dd(); next(g)
try: g.send(5)
except AttributeError as e: print(e)
async def agen():
    for i in range(3):
        await asyncio.sleep(0)
        yield i
async def boom():
    f = asyncio.get_running_loop().create_future(); asyncio.get_running_loop().call_soon(f.set_exception, ValueError('x'))
    try: await f
    except ValueError as e: print('got', e)
    c = leaf(3); t = asyncio.create_task(c); await asyncio.sleep(0)
    try: await c
    except RuntimeError as e: print(e)
    return await t, await Aw(), [x async for x in agen()]
print(asyncio.run(boom()))
co = leaf(1); co.close()
try: co.send(None)
except RuntimeError as e: print(e)
c2 = leaf(1)
try: c2.send(None); c2.send(None)
except StopIteration as e: print(e.value)
try: c2.send(None)
except RuntimeError as e: print(e)
finalized = []
def fin():
    try: yield 1
    finally: finalized.append(1)
def leave():
    for x in fin(): break
def drop():
    g = fin(); next(g)
# Of many: native stacks are searched conservatively, and what lies there may keep one or two for a while.
import gc
for forget in leave, drop:
    finalized.clear()
    for _ in range(20): forget()
    gc.collect()
    print(forget.__name__, len(finalized) > 15)
async def never(): pass
import warnings; warnings.simplefilter('always')
class P:
    __class__ = property(lambda s: int)
print(isinstance(P(), int), isinstance(P(), str), isinstance(3, str), isinstance(object(), P))
x='a'; n=5
print(f'{x}', f'{x!r}', f'{n}', f'{n:>4}', f'{x:>{n}}', f'{n!r:>3}|', f'{x}{n}{x}')
d={}; d[(1,2)]=3; d[(1,2)]+=1; print(d, [1,2,3][1:], 'abc'[::2], (1,2,3)[:2], b'abc'[1:])
for bad in ('{}[[1]]','f"{n:q}"','[1][1:"a"]','str(1,2,3)','int("x")','type()','float("y")','int([])'):
    try: print(eval(bad))
    except Exception as e: print(bad, type(e).__name__, e)
try: d[[1]]=2
except TypeError as e: print(e)
print(str(5),int(3.7),int(True),float(2),type(3),str(b'a'),bool(0),int())
match P():
    case int(): print('int')
match (1, {'a': 2}):
    case (int(a), {'a': b}): print(a, b)
