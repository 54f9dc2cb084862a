"""Natives whose memory outside the heap is out raise MemoryError, and the process goes on: each program runs in a child that may take only so
much more address space than it has, by several limits so that different allocations fail."""
import os
import resource
import signal
import sys
import tokenize

SIZE = 6 << 20
MEGABYTES = 0, 3, 8, 24
OPERANDS = f"""
import random
A = "a" * {SIZE}; B = b"a" * {SIZE}; BA = bytearray(B); S = "a " * {SIZE // 2}; BS = b"a " * {SIZE // 2}; LINES = b"a\\n" * {SIZE // 2}
E = "\\xe9" * {SIZE}; U = "\\u20ac" * {SIZE // 2}; K = "\\uac00" * {SIZE // 2}; J = "\\u3042" * {SIZE // 2}; DIGITS = "7" * {SIZE}
X = random.Random(1).randbytes({SIZE}); N = list(range(400_000)); F = [i / 3 for i in N]; T = [str(i) for i in range(200_000)]
"""
# Preparations, for which there is memory, and what then has too little.
GROUPS = {
    "": """
S.rsplit()
A.replace('a', '\u20ac')
A.ljust(10**7, '\u20ac')
U[::-1]
B[::-1]
BS.split()
BS.rsplit(b' ')
LINES.splitlines()
BA.split(b'b')
bytes.fromhex('aa' * len(A))
bytes(memoryview(B)[::2])
memoryview(B)[::2] == memoryview(B)[::2]
memoryview(B).hex(':')
x = BA[:]; x[5:5] = x
x = BA[:]; x[::2] = bytes(len(x[::2]))
E.encode('punycode')
B.decode('punycode')
J.encode('shift_jis')
K.encode('iso2022_kr')
J.encode('gb18030')
X.decode('euc_jp', 'replace')
float(DIGITS)
complex(DIGITS + 'j')
format(1.5, '.6000000e')
'%.6000000f' % 1.5
'%9000000d' % 5
format(5, '09000000,d')
f'{7:x>9000000}'
sorted(N, reverse=True)
sorted(F, key=lambda number: -number)
sorted(T)
sorted([(i,) for i in N])
list(A)
set(T) | set(N)
{text: text for text in T}
hash(A + 'b')
""",
    "import unicodedata as u": """
u.normalize('NFD', K)
u.normalize('NFC', 'e\u0301' * len(U))
u.is_normalized('NFC', 'e\u0301' * len(U))
u.lookup(A)
""",
    "import time, datetime; now = datetime.datetime.now()": """
time.strftime(A)
time.strftime('%A' * 500000)
now.strftime(U)
now.strftime('%f' * 500000)
""",
    "from array import array; a = array('i', B)": """
array('w', A)
array('i', N)
a * 3
a[::2]
x = a[:]; x.extend(a)
x = a[:]; x.insert(0, 5)
x = a[:]; x[5:5] = a
x = a[:]; del x[::2]
a.tobytes()
a.__reduce_ex__(4)
array('w', U).tounicode()
array('b').frombytes(B)
""",
    "from decimal import Decimal as D, Context; c = Context(prec=10**9, Emax=10**17, Emin=-10**17); d = c.create_decimal(DIGITS)": """
D(DIGITS)
D(DIGITS).as_tuple()
c.add(d, 1)
c.multiply(d, 7)
c.logical_and(D('1' * 3000000), D('1' * 3000000))
c.quantize(D(1), D('1e-9000000'))
format(D('1e9000000'), ',f')
str(d)
D((0, (7,) * 2000000, 0))
""",
    "import pickle, marshal; p = pickle.dumps(B); u = pickle.dumps(U, 0); m = marshal.dumps(U)": """
pickle.dumps(B)
pickle.dumps(U, 1)
pickle.dumps(N)
pickle.dumps(1 << 30000000)
pickle.loads(p)
pickle.loads(u)
marshal.dumps(U)
marshal.dumps(N)
marshal.dumps(1 << 30000000)
marshal.loads(m)
""",
    "import ast; line = 'x = 1\\n' * 50000": """
compile(line, 'a', 'exec')
ast.parse(line)
ast.parse('x = "' + A + '"')
eval('f(' + '1,' * 100000 + ')', {'f': max})
compile('(' + A, 'a', 'exec')
compile(B, 'a', 'eval')
""",
    "import xml.etree.ElementTree as E; doc = '<a>' + '<b c=\"d\">e</b>' * 100000 + '</a>'": """
E.fromstring(doc)
E.fromstring('<a>' + A + '</a>')
E.fromstring('<a b="' + A + '"/>')
E.fromstring('<!DOCTYPE a [<!ENTITY b "' + A + '">]><a>&b;</a>')
x = E.Element('a'); x[:] = [x] * 1000000
""",
    "import re": """
re.compile(A[:500000])
re.findall('(a)(a)', A)
re.match('(?:(a)|b)*', A)
re.sub('a', 'bc', A)
""",
    "import zlib, bz2, io; from compression import zstd; z = zlib.compress(X); s = zstd.compress(X)": """
zlib.compress(X)
zlib.decompress(z)
zlib.decompressobj().decompress(z, 1000)
bz2.compress(X[:1000000])
zstd.compress(X)
zstd.decompress(s)
""",
    "import struct, operator, math, types": """
struct.calcsize('i' * len(A))
struct.pack('i' * 300000, *N[:300000])
operator.attrgetter('.'.join(['real'] * 300000))(5)
operator.attrgetter(A)(5)
math.dist(F, F)
math.hypot(*F)
getattr(5, A)
getattr(math, A)
getattr(int, U)
setattr(5, A, 1)
setattr(int, A, 1)
delattr(5, A)
__import__('os.' + A)
repr(types.SimpleNamespace(**{A: 1}))
repr(types.SimpleNamespace(a=A, b=U))
""",
    "import socket, os, ctypes, pwd, grp": """
socket.getaddrinfo(A, 80)
socket.getaddrinfo(B, 80)
socket.getaddrinfo('localhost', A)
socket.gethostbyname(A)
socket.inet_aton(A)
socket.inet_pton(socket.AF_INET6, A)
socket.getservbyname(A)
socket.socket().connect((A, 80))
ctypes.CDLL(A)
ctypes.CDLL('/' + A)
getattr(ctypes.CDLL(None), A)
os.path.expanduser('~' + A)
pwd.getpwnam(A)
grp.getgrnam(A)
""",
    "import os, struct, csv, io, tokenize, json, socket, _thread": """
os.stat(A)
os.posix_spawn('/bin/true', ['true', A], {})
struct.Struct('i' * 1000000)
list(csv.reader([','.join(T)]))
list(tokenize.tokenize(io.BytesIO(B).readline))
json.dumps(U)
json.loads(json.dumps(A))
io.BytesIO(B).read()
x = io.BytesIO(B); x.write(b'a')
io.TextIOWrapper(io.BytesIO(X), encoding='gbk', errors='replace').read()
open('/dev/zero', 'rb').read(20000000)
""",
}


def address_space():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def child(code, names, megabytes):
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (address_space() + (megabytes << 20), resource.RLIM_INFINITY))
    signal.alarm(60)
    try:
        exec(code, names)
    except Exception:
        pass
    # It goes on, with the operands gone.
    names.clear()
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert sum(len(str(number)) for number in range(1000)) == 2890
    sys.exit(0)


# A collector that runs all the time leaves time for some of them, which the seed chooses.
SHARE = 40 if "PROTOPY_GC_STRESS" in os.environ else 1
seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
bad = count = 0
known = {}
exec(OPERANDS, known)
for preparation, programs in GROUPS.items():
    names = dict(known)
    exec(preparation, names)
    for program in programs.strip().split("\n"):
        code = compile(program, "<program>", "exec")
        for megabytes in MEGABYTES:
            count += 1
            if (count + seed) % SHARE:
                continue
            sys.stderr.flush()
            pid = os.fork()
            if pid == 0:
                child(code, names, megabytes)
            ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            if ended != 0:
                bad += 1
                print(f"{program!r} with {megabytes} MB ends with {ended}")
assert bad == 0, f"{bad} of {count}"
print("ok")
