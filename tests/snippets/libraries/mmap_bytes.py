# Memory maps as mutable byte strings, on anonymous memory and on a file.
import mmap, os, tempfile

def t(f, *a, **k):
    try:
        print(repr(f(*a, **k)))
    except BaseException as e:
        print(type(e).__name__, e)

m = mmap.mmap(-1, 16)
t(m.write, b"hello world\nxyz")
t(m.tell); t(m.seek, 0); t(m.readline); t(m.read, 2); t(m.read); t(m.read_byte)
t(m.find, b"o", 0); t(m.find, b"o", 5); t(m.rfind, b"o", 0); t(m.find, b"zz", 0); t(m.find, b"", 3)
t(lambda: m[0]); t(lambda: m[-1]); t(lambda: m[0:5]); t(lambda: m[::-3]); t(lambda: m[99])
m[0] = 72; m[1:5] = b"ELLO"; m[0:10:2] = b"....."
t(lambda: m[:])
t(m.__setitem__, 0, 300); t(m.__setitem__, slice(0, 3), b"x"); t(m.__setitem__, 0, b"x"); t(m.__delitem__, 0)
t(m.move, 0, 6, 5); t(lambda: m[:11]); t(m.move, 0, 9, 99)
t(m.seek, 99); t(m.seek, 0, 7); t(m.seek, -2, 2); t(m.write, b"abc"); t(m.write_byte, 5); t(m.flush); t(m.flush, 0, 99)
t(lambda: b"." in m); t(lambda: list(m)[:3]); t(lambda: len(m)); t(repr, m)
with memoryview(m) as view:
    t(m.close); t(m.resize, 32); view[0] = 65
t(lambda: m[0]); t(m.close); t(repr, m); t(lambda: m.closed)
for f in (m.read, m.tell, m.size, m.flush, lambda: len(m), lambda: m[0]):
    t(f)
for args in ((-1, -1), (-1, 0), (-1, 5, 1, 3, 9), (-1, 5, 2, 1, 1)):
    t(mmap.mmap, *args)
with tempfile.TemporaryFile() as f:
    t(mmap.mmap, f.fileno(), 0)
    f.write(b"0123456789"); f.flush()
    t(mmap.mmap, f.fileno(), 99)
    with mmap.mmap(f.fileno(), 0) as w:
        w[2:4] = b"--"; w.flush(); t(w.size)
        w.resize(12); t(lambda: w[:]); t(w.size)
    f.seek(0); t(f.read)
    with mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as r:
        t(r.write, b"x"); t(r.resize, 3); t(lambda: r[:4]); t(repr, r)
    with mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_COPY) as c:
        c[0] = 33; t(lambda: c[:2])
    f.seek(0); t(f.read, 2)
