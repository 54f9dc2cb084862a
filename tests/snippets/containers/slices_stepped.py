"""Slices with and without a step, of all built-in sequences, read and assigned."""
a=list(range(10))
for f in ("a[0:1]=5","a[::2]=5","a[0:1:1]=5","a[::-1]=[1]","a[::0]","a[::0]=[1]","a['x':]","a[:'x':2]","'abc'[::0]","b'abc'[1.5::2]","(1,2)[::None]","a[::1<<70]"):
    try:
        try: print(eval(f))
        except SyntaxError: exec(f); print(a)
    except Exception as e: print(f, type(e).__name__, e)
s="abcdé"; t=tuple(a); b=b"abcdef"
class L(list):
    def __getitem__(self,k): return k
print(L()[1:2:3], L()[::], L()[1:2])
for x in (a,s,t,b,bytearray(b),memoryview(b),range(10)):
    for k in ((None,None,-1),(None,None,2),(4,None,-1),(None,2,-1),(1,100,3),(-3,None,1),(100,1,-2),(5,2,1),(-100,-200,-1),(1<<60,None,-1),(1<<80,None,-1),(None,-(1<<80),-3)):
        i,j,st=k
        r=x[i:j:st]
        print(k, r if not isinstance(r,memoryview) else r.tolist(), x[i:j] if not isinstance(x,memoryview) else 0)
a=[1,2,3,4]; a[1:3]=a; print(a); a[:2]=a[1::-1]; print(a); a[:]=iter('ab'); print(a); a[5:]=(1,2); print(a); a[1:1]=[9]; print(a)
print((1,2,3)[::1] , b is b[:], s is s[:], t is t[::1])
x=[1,2,3,4,5]; x[1::2]=[0,0]; x[1:3]+=[7]; print(x)
huge = (1 << 63) - 1
print(*(x[0:10:huge] for x in ([1, 2, 3], (1, 2, 3), "abc", b"abc")), *(x[2::-huge] for x in ([1, 2, 3], (1, 2, 3), "abc", b"abc")))
