"""Iterators stepped by natives and loops: generators, reversed lists, sets that change, classes of programs; starred targets."""
import collections
x, *y = [1,2,3]; print(x, y)
x, *y, z = (1,2,3,4); print(x, y, z)
*y, = []; print(y)
for s in ([], [1], (1,)):
    try:
        a, *b, c = s
    except ValueError as e: print(e)
print(list(reversed([1,2,3])), [x for x in reversed([1,2])])
l=[1,2,3]
r=reversed(l)
out=[]
for x in r:
    out.append(x)
    if x == 3: l.pop()
print(out)
dq = collections.deque(range(10), 3); print(dq)
dq.extendleft(range(3)); print(dq); dq.extend(dq); print(dq)
def gg():
    for i in range(5):
        yield i; dd.append(-i)
dd = collections.deque(); dd.extend(gg()); print(dd)
s = set(range(20)); 
for x in s: pass
s2 = set(); 
for i in [5, 1, 99, 3, 8, 64, 7]: s2.add(i)
print(list(s2), list(set([5,1,99,3,8,64,7,1000,33,2])), s2 | s)
it = iter(s2); print(next(it)); s2.add(1234)
try: next(it)
except RuntimeError as e: print(e)
try:
    s = {1,2,3}
    for x in s: s.discard(x); s.add(x+100)
except RuntimeError as e: print(e)
print(list(zip(x for x in range(3))), list(map(lambda a,b:a+b, (x for x in range(3)), [1,2,3])), list(zip([1],[2],[3],[4])), list(zip()))
def gen():
    a,b,c,d,e,f,g = range(7)
    yield a; yield b
    h = 9
    yield c; yield (d,e,f,g,h)
print(list(gen()), list(zip(gen(), gen())))
class It:
    def __init__(s): s.n=0
    def __iter__(s): return s
    def __next__(s):
        s.n+=1
        if s.n>3: raise StopIteration
        if s.n==2 and BAD: raise KeyError('bad')
        return s.n
BAD=0
print(list(It()), list(zip(It(), It())), [x for x in It()], list(map(str, It())))
BAD=1
for f in (lambda: list(It()), lambda: list(zip(It())), lambda: [x for x in It()], lambda: sum(It())):
    try: print(f())
    except KeyError as e: print(repr(e))
