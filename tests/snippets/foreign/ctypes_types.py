# C types, memory and calls by ctypes; a class whose metaclass has a plain class before type shows its names.
import ctypes as c, ctypes.util
print(c.sizeof(c.c_long), c.c_int(5), c.c_uint8(300), c.c_char_p(b'abc').value, c.c_wchar_p('xé').value)
libc=c.CDLL(None, use_errno=True)
print(libc.strlen(b'hello'), libc.abs(-5), libc.getpid()>0)
libc.atof.restype=c.c_double; libc.atof.argtypes=[c.c_char_p]; print(libc.atof(b'2.5'))
m=c.CDLL(ctypes.util.find_library('m') or 'libm.so.6'); m.pow.restype=c.c_double; m.pow.argtypes=[c.c_double]*2; print(m.pow(2,10)); m.sqrtf.restype=c.c_float; m.sqrtf.argtypes=[c.c_float]; print(m.sqrtf(2.0))
class P(c.Structure): _fields_=[('x',c.c_int),('y',c.c_double),('n',c.c_char*8),('b',c.c_uint,3),('d',c.c_int,5)]
p=P(1,2.5,b'ab',5,-3); print(p.x,p.y,p.n,p.b,p.d,c.sizeof(P),P.y,P.b.size if hasattr(P.b,'size') else 0)
p.x=7; q=c.pointer(p); print(q.contents.x, q[0].y); q.contents.x=9; print(p.x)
a=(c.c_int*4)(1,2,3); print(list(a), a[1:3], len(a), bytes(a), list(memoryview(a).cast("B").cast("i")))
b=c.create_string_buffer(b'hi',10); print(b.value,b.raw,len(b)); libc.strcpy(b,b'world'); print(b.value)
c.memmove(b,b'xyz',3); print(b.value, c.string_at(b), c.string_at(c.addressof(b),2))
print(c.cast(a,c.POINTER(c.c_int))[2], c.cast(b,c.c_char_p).value)
libc.open.argtypes=[c.c_char_p,c.c_int]; r=libc.open(b'/nonexist',0); import errno; print(r, c.get_errno()==errno.ENOENT)
class U(c.Union): _fields_=[('i',c.c_uint32),('b',c.c_uint8*4)]
u=U(i=0x01020304); print(list(u.b))
class N(c.Structure): pass
N._fields_=[('v',c.c_int),('next',c.POINTER(N))]
n2=N(2,None); n1=N(1,c.pointer(n2)); print(n1.next.contents.v, bool(n2.next))
class BE(c.BigEndianStructure): _fields_=[('h',c.c_uint16),('i',c.c_uint32)]
print(bytes(BE(1,2)))
x=c.c_int(3); print(str(c.byref(x))[:12]); 
try: libc.strlen(1.5)
except c.ArgumentError as e: print(e)
try: libc.nosuchfunction
except AttributeError as e: print('AE')
buf=c.create_string_buffer(64); print(libc.snprintf(buf, 64, b'%d %s %.2f', 42, b'str', c.c_double(1.5)), buf.value)
f=P.from_buffer_copy(bytes(p)); print(f.x,f.y)
ba=bytearray(8); i=c.c_int.from_buffer(ba); i.value=258; print(ba)
print(c.c_longdouble(1.5).value, c.c_bool(5), c.c_float(0.1).value, c.c_void_p(None).value, c.c_void_p(12).value)
print((c.c_char*3)(*b'abc').value, repr((c.c_int*2)).split('.')[-1])
t=c.c_int; print(t.__name__, c.POINTER(t).__name__, c.py_object([1]).value)
time_t=c.c_long; libc.time.restype=time_t; print(libc.time(None)>10**9)
class Plain:
    pass
class Meta(Plain, type):
    pass
class K(metaclass=Meta):
    x = 1
print(sorted(k for k in K.__dict__ if not k.startswith('__')))
