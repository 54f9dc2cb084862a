def f(a,b=2,*,c=3): return a,b,c
print(f(1),f(1,5),f(1,c=9),f(b=1,a=7),f(1,b=4,c=5))
def g(a,*r,**k): return a,r,k
def h(*r): return r
def kk(**k): return k
def po(a,/,b,**k): return a,b,k
print(g(1),g(1,2,3),g(1,x=2),g(a=5,y=1),g(1,2,z=3),h(),h(1),h(1,2),kk(),kk(a=1,b=2),po(1,b=2,a=3))
class A:
    def __init__(self,x,y=5): self.x=x;self.y=y
    @property
    def p(self): return self.x
    @p.setter
    def p(self,v): self.x=v
    def m(self,q=3): return (self.x,q)
    def n(self,*r,**k): return r,k
    @classmethod
    def cm(cls,a=1): return cls.__name__,a
    @staticmethod
    def sm(a=1): return a
    def __call__(self,i,j=2): return i,j
    def __getitem__(self,k): return k
    def __len__(self): return 4
class D:
    def __set_name__(self,o,n): self.n='_'+n
    def __get__(self,i,o=None): return self if i is None else i.__dict__[self.n]
    def __set__(self,i,v): i.__dict__[self.n]=v
class E(A):
    w=D()
    def __getattr__(self,name):
        if name=='zz': raise AttributeError(name)
        return name*2
for _ in range(3):
    a=A(1); print(a.x,a.y,A(1,2).y,A(x=4).x,a.p,a.m(),a.m(q=8),a.n(1,t=2),a.n(),a.cm(),a.cm(2),a.sm(),A.cm(),A.sm(4),a(1),a(1,3),a(i=1),a[2],a['k'],len(a))
    a.p=9; print(a.x)
    m=a.m; print(m(),m(4),m(q=1), a.n(1,2))
    e=E(3); e.w=_; print(e.w,e.abc,e.x,e.p,e.m()); e.w+=1; print(e.w, hasattr(e,'zz'))
for bad in ('f()','f(1,2,3)','f(1,d=2)','f(1,a=2)','A()','len()','len(1)','[].append()','a.m(r=1)','a.m(1,2)','g()','g(1,a=2)','e.zz','a.nope','a()','po(b=1)','h(x=1)','"a"+1','1+"a"','-"a"','[1][5]','iter(3)','[x for x in 3]','A.p.fset(a)'):
    try: eval(bad)
    except Exception as e_: print(bad,type(e_).__name__,e_)
def gen():
    x=yield 1
    y=yield x
    try: yield y
    finally: print('fin')
def outer(): r=yield from gen(); return r
i=outer(); print(next(i),i.send(4),i.send(5)); i.close()
print(sum(x*x for x in range(10)), list(x for x in gen()), any(x>3 for x in [1,2,5]), max((x for x in [3,1]),key=lambda v:-v))
try: gen().send(3)
except TypeError as e_: print(e_)
