"""What threads use for the first time at once: a line each, modules before the first ";", then an expression.

Every thread must get results that look the same and are of the very same classes. "=" in front: the very same object. `n` is the number of
the thread, `E` gives the error that a function raises; an error of the whole line is a result, too.
"""

BUILT_IN = r"""
; iter([]).__length_hint__(), reversed([1]).__length_hint__()
; [type(iter(x)) for x in ([], (), "", "\u20ac", b"", bytearray(), {}, set(), range(1), range(2**70), memoryview(b""), {}.keys(), {}.items(), {}.values())]
; [type(reversed(x)) for x in ([], {}, range(1), range(2**70), {}.keys(), {}.items(), {}.values(), (), "ab")]
; [type(x) for x in (enumerate([]), zip(), map(int, []), filter(None, []), iter(int, 1), reversed(()), slice(1), super(int, 1))]
; [type(getattr(int, name)) for name in ("__add__", "bit_length", "from_bytes", "real", "__new__", "__doc__", "__dict__")]
; [type(x) for x in (int.__dict__, type.__dict__["__name__"], (1).__add__, [].append, len, dict.__dict__["fromkeys"], object.__dict__["__class__"])]
; [type(x) for x in (memoryview(b"a"), memoryview(b"ab")[::2], bytearray(b"x"), NotImplemented, ..., 1j, frozenset(), property(), classmethod(len), staticmethod(len))]
; memoryview(bytearray(8)).cast("H").tolist(), memoryview(b"abcd").cast("B", (2, 2)).tolist(), hash(memoryview(b"ab")), memoryview(b"ab").hex()
; list[int], dict[str, int], tuple[int, ...], type[int], list[int].__args__, list[int].__parameters__, type(list[int])
; int | str, (int | None).__args__, type(int | str), isinstance(1, int | str)
; t"a{n * 0}b", type(t"{n}"), type(t"{n}".interpolations[0]), [type(x) for x in t"a{n}"], type(iter(t"a"))
; (lambda: (yield))().__class__, type((lambda: (yield))().gi_code), (x for x in ()).gi_frame.f_lineno
; type(compile("async def f(): yield 1", "f", "exec")), compile("x = 1", "f", "exec").co_consts, compile("1", "f", "eval").co_code
; [sorted("bca"), max(3, 4), sum([1, 2.5]), any([]), all([]), divmod(7, 2), pow(2, 70), round(2.567, 2), bin(5), chr(233), ord("\u20ac")]
; f"{3.14159:.2f}|{12345678:,}|{'x':>5}|{255:#x}|{1e100:g}", "{0!r:>5}".format("a"), "%s %5.1f" % ("a", 2.0), format(2**70, "_d")
; [type(e) for e in (ExceptionGroup("a", [ValueError()]), BaseExceptionGroup("a", [KeyboardInterrupt()]), OSError(2, "x"), UnicodeDecodeError("a", b"", 0, 1, "r"))]
; OSError(2, "a").__class__, OSError(104, "b").__class__, OSError(11, "c").__class__, ImportError("m", name="a").name, NameError("n").name
; "\xdf".upper(), "\u0130".lower(), "\xe9\u20ac".casefold(), "aB".swapcase(), "\u01c6".title(), "a\u0301".isidentifier(), "\u0660".isdigit(), int("\u0663")
; (2**200) // 3**50, (3**300).bit_length(), str(7**400), int("9" * 300) % 97, (-5) ** 3, hash(2**61), float(10**300), (10**25).to_bytes(11), 2**1000 >> 990
; 0.1.hex(), float.fromhex("0x1.8p3"), (0.1).as_integer_ratio(), repr(1e23), 1.5.is_integer(), complex("1+2j"), (3+4j).conjugate(), float("nan").__class__
; hash("abc") == hash("abc"), hash((1, 2)) == hash((1, 2)), hash(frozenset("ab")) == hash(frozenset("ba")), hash(1.5), hash(None) == hash(None)
; b"a\xffb".decode("latin-1"), "\u20ac".encode("utf-16"), b"\x80".decode("utf-8", "replace"), "a\udc80".encode("utf-8", "surrogateescape"), "\xe9".encode("ascii", "backslashreplace")
; b"\xff".decode("ascii")
; "\xe9".encode("ascii", "xmlcharrefreplace"), "\u20ac".encode("ascii", "namereplace"), b"ab".hex(":"), bytes.fromhex("00ff"), bytes(3).translate(bytes(range(256)))
; "a,b;c".translate(str.maketrans({",": ";", "b": None})), str.maketrans("ab", "cd", "e"), "x".join("abc"), "a b  c".split(), "a\nb\r\nc".splitlines(), "abc".partition("b")
; (lambda a, /, b=1, *c, d=2, **e: (a, b, c, d, e))(1, 2, 3, d=4, f=5), (lambda *a: a)(*range(3)), (lambda **k: k)(**{"a": 1})
; type("X", (), {"__slots__": ("a",)}).a.__class__, type("X", (), {"__slots__": ("a",)})().__class__.__name__, type("X", (int,), {})(5) + 1
; type("X", (), {"__annotations__": {"a": int}}).__annotations__, type("X", (), {}).__annotations__, (lambda: 0).__annotations__
; type("X", (), {})().__dict__, type("X", (dict,), {})().__dict__, type("X", (), {}).__dict__.__class__, type("X", (), {}).__weakref__.__class__
; int.__subclasshook__(1), object().__dir__()[:0], object.__reduce_ex__(1, 2)[0].__name__, object().__sizeof__() > 0, object().__getstate__()
; {1: 2} | {3: 4}, {1: 2}.keys() & {1}, {1: 2}.items() - set(), {1: 2}.values().mapping, {1, 2} ^ {2, 3}, dict.fromkeys("ab", 1), {}.keys().isdisjoint([])
; range(2**65)[2**64], range(10)[2:5], 5 in range(10), range(3) == range(0, 3), slice(1, 2, 3).indices(10), hash(slice(1, 2)) == hash(slice(1, 2)), range(10).index(3)
; [x for x in vars(__builtins__) if x == "len"] if not isinstance(__builtins__, dict) else [x for x in __builtins__ if x == "len"]
; globals().get("n") == n, "n" in dir(), "n" in vars(), eval("1 + 1"), exec("pass"), callable(len), isinstance(1, (str, int)), issubclass(bool, int), id(n) == id(n)
; __import__("sys").flags.__class__, __import__("sys").version_info[:2], type(__import__("sys").version_info), type(__import__("sys").float_info), type(__import__("sys").int_info), type(__import__("sys").hash_info), type(__import__("sys").thread_info)
; type(__import__("sys").implementation), type(__import__("sys")), type(__import__("sys").__spec__), type(__import__("sys").__loader__)
= ; ()
= ; ""
= ; b""
= ; chr(233)
= ; "\xe8\xea"[1]
= ; frozenset().__class__
= ; str(b"\xfc", "latin-1")
= ; chr(0xfe).upper().lower()
= ; (lambda: 0).__code__.co_consts
= ; (lambda a: a).__code__.co_varnames.__class__
= ; NotImplemented.__class__
= ; int.__dict__["bit_length"]
= ; (1).__class__.__or__
= ; type(type(n).__dict__)
"""

# Made by the main thread; all threads work on the same.
SHARED = r"""
= def f(a: int, b: "str" = 1) -> None: pass ; f.__annotations__
= class X: a: int = 1 ; X.__annotations__
= type X = list[int] ; X.__value__
= type X[T: (int, str)] = list[T] ; X.__type_params__[0].__constraints__
= type X[T: list[int]] = list[T] ; X.__type_params__[0].__bound__
= def f[T: list[int] = list[str]](a): pass ; f.__type_params__[0].__default__
= class X: pass\nx = X() ; x.__dict__
= class X: pass\nx = X()\nx.a = 1 ; x.__dict__
= class X(Exception): pass\nx = X() ; x.__dict__
= def f(): pass ; f.__dict__
= def f(): yield 1\ng = f() ; g.gi_frame
= def f(): yield 1\ng = f()\nnext(g) ; g.gi_frame
= async def f(): pass\ng = f() ; g.cr_frame
= def f(): return (1, "a b"), 2.5 ; f.__code__.co_consts
= def f(): return (1, "a b"), 2.5 ; f()[0]
= class X: pass ; X.__mro__
= class X: pass ; X.__subclasses__().__class__
= import types\nm = types.ModuleType("m") ; m.__annotations__
= import types\nm = types.ModuleType.__new__(types.ModuleType) ; m.__dict__
= import types\nm = types.ModuleType.__new__(types.ModuleType)\nm2 = m ; vars(m2)
= import weakref\nclass X: pass\nx = X() ; weakref.ref(x)
= import weakref\nclass X: pass\nx = X() ; weakref.proxy(x)
= import weakref\nclass X: pass\nx = X() ; weakref.proxy(x).__class__
= import decimal\nc = decimal.Context() ; c.flags
= import decimal\nc = decimal.Context() ; c.traps
= import functools\nclass X:\n @functools.cached_property\n def a(self): return 7\nx = X() ; x.a
= import functools\n@functools.lru_cache\ndef f(): return 300\nf() ; f()
= import enum\nclass X(enum.Flag):\n A = 1\n B = 2\n C = 4 ; X.A | X.B | X.C
= import xml.etree.ElementTree as e\nx = e.Element("a") ; x.attrib
= import asyncio\nl = asyncio.new_event_loop()\nl.close() ; l.is_closed()
= import sqlite3\nc = sqlite3.connect(":memory:", check_same_thread=False) ; c.isolation_level
= import zoneinfo\nk = "Europe/Berlin" ; zoneinfo.ZoneInfo(k)
import ctypes ; ctypes.POINTER(ctypes.c_int).__name__
import ctypes\nclass X(ctypes.Structure): _fields_ = [("a", ctypes.c_int)] ; (ctypes.POINTER(X).__name__, ctypes.sizeof(X))
= import ctypes ; ctypes.c_int * 3
import typing\nT = typing.TypeVar("T") ; typing.List[T]
= import dataclasses\n@dataclasses.dataclass\nclass X: a: int ; dataclasses.fields(X)[0].type
= import contextvars\nv = contextvars.ContextVar("v", default=[1]) ; v.get()
= from collections import namedtuple\nX = namedtuple("X", "a b")\nx = X(1000, 2000) ; x.a
= import threading\nl = threading.local()\nl.__class__ ; l.__class__
a = 1\ndef f(x=a): return x + 1 ; [f(i) for i in range(5)]
def f(n): return n if n < 2 else f(n - 1) + f(n - 2) ; f(9)
class X:\n def __init__(self):\n  for i in range(12): setattr(self, "a%d" % i, i)\n ; sorted(vars(X()).items())
class X:\n def __init__(self): self.a, self.b, self.c, self.d, self.e, self.f, self.g = range(7)\n ; (X().a, X().g, [X().f for _ in range(20)], len(vars(X())))
class X:\n def __add__(self, o): return 5\n def __len__(self): return 3\n def __getitem__(self, i): return range(3)[i] ; (X() + 1, len(X()), list(X()), 2 in X(), list(reversed(X())))
class X:\n def __enter__(self): return 1\n def __exit__(self, *a): return True\ndef f():\n with X() as x: raise ValueError\n return x ; f()
class X:\n __slots__ = ("a", "b", "__dict__", "__weakref__") ; (type(X.a), [setattr(X(), "c", 1)], X().__dict__)
class X: pass ; [type(t, (X,), {}).__mro__[1].__name__ for t in "abc"]
class X: pass\nx = X() ; (setattr(x, "a%d" % n, 1), len([k for k in ["a%d" % n] if k in vars(x)]))
def f():\n x = 1\n def g(): nonlocal x; x = 2; return x\n return g() ; f()
def f(*a, k=1, **b): return a, k, b ; (f(1, k=2, z=3), f(*[1], **{"y": 2}))
def f():\n try: 1 / 0\n except ZeroDivisionError as e: return e.__traceback__.tb_lineno, type(e.__traceback__), type(e.__traceback__.tb_frame) ; f()
def f(x):\n match x:\n  case {"a": [1, *r]}: return r\n  case str() | int(): return "s"\n  case _: return None ; (f({"a": [1, 2]}), f("x"), f(None))
async def f():\n async def g():\n  yield 1\n return [x async for x in g()]\ndef run(c):\n try: c.send(None)\n except StopIteration as e: return e.value ; run(f())
"""

LIBRARY = r"""
_abc, abc; abc.ABCMeta("X", (), {}).register(int), isinstance(1, abc.ABC)
ast; ast.unparse(ast.parse("def f(a, *b, c=1): return [x for x in a if x]")), ast.dump(ast.parse("a + 1")), type(ast.parse("1", mode="eval")), ast.literal_eval("[1, {2: 'a'}]")
= ast; ast.Load
= ast; ast.parse("a").body[0].value.ctx
_ast; type(_ast.Add()), _ast.BinOp._fields, _ast.BinOp.__match_args__
asyncio; asyncio.run(asyncio.sleep(0, 5))
asyncio; asyncio.run((lambda: asyncio.gather(asyncio.sleep(0, 1), asyncio.sleep(0, 2)))()) if 0 else type(asyncio.Event()), type(asyncio.Queue()), asyncio.CancelledError, asyncio.InvalidStateError
asyncio; (lambda l: (type(l.create_future()), repr(l.create_future())[:16], l.run_until_complete(asyncio.wait_for(asyncio.sleep(0, 1), 1)), l.close()))(asyncio.new_event_loop())
_asyncio; _asyncio.Future, _asyncio.Task, type(_asyncio.get_running_loop)
atexit; atexit.register(int), atexit.unregister(int), atexit._ncallbacks() >= 0
array; array.array("i", [1, 2]).tobytes(), type(iter(array.array("b"))), memoryview(array.array("d", [1.5])).tolist(), array.typecodes, array.array("w", "ab").tounicode()
_bisect, bisect; bisect.bisect([1, 2, 3], 2), bisect.insort([1], 2)
base64; base64.b64encode(b"abc"), base64.b85decode(base64.b85encode(b"xyz")), base64.b32encode(b"q")
binascii; binascii.crc32(b"abc"), binascii.hexlify(b"a"), binascii.Error, binascii.a2b_base64("YWJj"), E(lambda: binascii.unhexlify("0"))
_blake2, hashlib; hashlib.blake2b(b"a").hexdigest()[:8], hashlib.blake2s(b"a", digest_size=4).digest(), type(_blake2.blake2b())
bz2; bz2.decompress(bz2.compress(b"abc" * 100)), type(bz2.BZ2Decompressor()), E(lambda: bz2.BZ2Decompressor().decompress(b"x" * 10))
calendar; calendar.monthrange(2024, 2), calendar.day_name[0], calendar.TextCalendar().formatmonth(2024, 2)[:20]
cmath; cmath.sqrt(-1), cmath.phase(1j), cmath.infj, cmath.nanj.__class__
codecs; codecs.lookup("utf-8").name, codecs.lookup("latin1").name, type(codecs.lookup("cp1252")), codecs.encode("a", "rot13"), codecs.getincrementaldecoder("utf-8")().decode(b"a")
codecs; "\u65e5\u672c".encode("shift_jis"), "\u65e5".encode("euc-jp"), "\u65e5".encode("iso2022_jp"), b"\x93\xfa".decode("cp932"), "\uac00".encode("euc-kr"), "\u4e2d".encode("gb18030")
codecs; "\u4e2d".encode("big5"), "\u4e2d".encode("gbk"), "\u4e2d".encode("hz"), "\u4e2d".encode("big5hkscs"), "\uac00".encode("johab"), "\uac00".encode("cp949"), "\u65e5".encode("euc_jisx0213")
_multibytecodec, _codecs_jp; type(_codecs_jp.getcodec("shift_jis")), _codecs_jp.getcodec("cp932").decode(b"\x88\x9f"), E(lambda: _codecs_jp.getcodec("none"))
_codecs_cn, _codecs_kr, _codecs_tw, _codecs_hk, _codecs_iso2022; [m.getcodec(c).encode("\u4e00") for m, c in ((_codecs_cn, "gbk"), (_codecs_kr, "cp949"), (_codecs_tw, "big5"), (_codecs_hk, "big5hkscs"), (_codecs_iso2022, "iso2022_jp_2"))]
codecs; "a".encode("idna"), "\xfc.de".encode("punycode"), b"+AOk-".decode("utf-7"), "\xe9".encode("cp437"), "\xe9".encode("mac_roman"), b"61".hex(), codecs.decode(b"YQ==", "base64")
codecs; "a".encode("no-such-codec")
collections; collections.deque([1, 2], 5), type(iter(collections.deque())), type(reversed(collections.deque())), collections.Counter("aab").most_common(), collections.ChainMap({1: 2}, {3: 4})[3]
collections; collections.OrderedDict(a=1).popitem(), [type(x) for x in (collections.OrderedDict().keys(), collections.OrderedDict().items(), iter(collections.OrderedDict()), reversed(collections.OrderedDict()))], collections.defaultdict(int)["x"]
collections; collections.namedtuple("P", "a b")(1, 2)._asdict(), type(collections.namedtuple("P", "a").a), collections.UserDict(a=1), collections.abc.Sequence.register(int)
concurrent.futures; (lambda p: (p.submit(int, "5").result(), p.shutdown()))(concurrent.futures.ThreadPoolExecutor(2)), concurrent.futures.TimeoutError
configparser; (lambda c: (c.read_string("[a]\nb=1"), c.getint("a", "b")))(configparser.ConfigParser())
contextlib; contextlib.suppress(ValueError).__class__, list(contextlib.closing.__mro__), contextlib.ExitStack().__enter__().__class__
contextvars; type(contextvars.copy_context()), contextvars.Context().run(int, 3), type(contextvars.ContextVar("a").set(1)), len(contextvars.Context()), [type(x) for x in (contextvars.Context().keys(), contextvars.Context().items())]
= contextvars; contextvars.Token.MISSING
= contextvars; contextvars.ContextVar("a").set(1).old_value
copy, copyreg; copy.deepcopy([1, {2: (3,)}]), copy.copy({1}), copyreg.__newobj__(int), copy.replace(__import__("types").SimpleNamespace(a=1), a=2)
csv; list(csv.reader(["a,b", '"c",d'])), csv.list_dialects(), csv.Error, type(csv.reader([])), type(csv.writer(__import__("io").StringIO())), csv.Sniffer().sniff("a;b\nc;d").delimiter, type(csv.get_dialect("excel"))
_csv; _csv.QUOTE_ALL, _csv.Dialect(delimiter=";").delimiter, _csv.field_size_limit()
ctypes; ctypes.c_int(5).value, ctypes.sizeof(ctypes.c_long), ctypes.string_at(ctypes.create_string_buffer(b"abc")), type(ctypes.byref(ctypes.c_int())), ctypes.CDLL(None).abs(-3), (ctypes.c_int * 3)(1, 2, 3)[1]
ctypes; ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(lambda a: a + 1)(4), ctypes.cast(ctypes.pointer(ctypes.c_int(7)), ctypes.POINTER(ctypes.c_int)).contents.value, ctypes.ArgumentError
curses.ascii, string; string.ascii_letters, string.Template("$a").substitute(a=1), string.Formatter().format("{0}", 1), curses.ascii.isalpha("a")
datetime; datetime.datetime(2024, 2, 29, 12).isoformat(), datetime.timedelta(hours=30), datetime.date(2024, 1, 1).strftime("%a"), datetime.time(1).replace(hour=2), datetime.datetime.strptime("2024", "%Y"), datetime.date.min, datetime.date(2024, 1, 1).isocalendar()
datetime; type(datetime.date(2024, 1, 1).isocalendar()), datetime.datetime.fromisoformat("2024-01-01T00:00+01:00"), datetime.timezone(datetime.timedelta(hours=1)), hash(datetime.date(2024, 1, 1)), datetime.datetime.now(datetime.UTC).tzinfo
= datetime; datetime.timezone.utc
= datetime; datetime.datetime.fromisoformat("2024-01-01T00:00Z").tzinfo
= _datetime; _datetime.timezone.utc
= _datetime; _datetime.UTC
= datetime; datetime.datetime.now(datetime.UTC).tzinfo
decimal; decimal.Decimal("1.10") + 1, decimal.getcontext().prec, decimal.Decimal(2).sqrt(), decimal.Decimal("1").as_tuple(), type(decimal.Decimal("1").as_tuple()), decimal.DivisionByZero.__mro__, E(lambda: decimal.Decimal(1) / 0)
decimal; decimal.Decimal("1e500") * decimal.Decimal("3" * 400), hash(decimal.Decimal("1.5")), decimal.Decimal(10) ** 30, decimal.Decimal("1.234").quantize(decimal.Decimal("0.1")), decimal.Decimal(5).exp(), decimal.Decimal("7").ln(), f"{decimal.Decimal('1234.5'):,.2f}"
_decimal; _decimal.Decimal("1") < 2.5, _decimal.Decimal(3) == __import__("fractions").Fraction(3), type(_decimal.localcontext()), _decimal.Context().copy().prec, _decimal.Overflow
= decimal; decimal.DefaultContext
= _decimal; _decimal.BasicContext
= decimal; decimal.Inexact
dataclasses; repr(dataclasses.make_dataclass("P", ["x", ("y", int, 2)])(1)), dataclasses.field().__class__, dataclasses.MISSING
difflib; difflib.get_close_matches("appel", ["ape", "apple"]), list(difflib.ndiff(["a"], ["b"]))
dis, opcode; dis.opmap.__class__, opcode.HAVE_ARGUMENT if hasattr(opcode, "HAVE_ARGUMENT") else 0, len(list(dis.get_instructions("1"))) > 0
email, email.message; email.message_from_string("a: b\n\nc")["a"], email.message.EmailMessage().__class__
enum; enum.Enum("C", "R G").R.value, repr(enum.IntFlag("F", "A B").A | 2), type(enum.auto()), str(enum.StrEnum("S", "x")("x"))
errno; errno.errorcode[2], errno.ENOENT
faulthandler; faulthandler.is_enabled(), type(faulthandler.dump_traceback)
fcntl; fcntl.fcntl(0, fcntl.F_GETFD) >= 0 if n < 0 else fcntl.F_GETFD
fractions; fractions.Fraction(3, 9), fractions.Fraction("0.25") + 1, hash(fractions.Fraction(1, 3))
functools; functools.reduce(int.__add__, [1, 2, 3]), functools.partial(pow, 2)(5), type(functools.partial(int)), functools.cmp_to_key(lambda a, b: a - b)(1) < functools.cmp_to_key(lambda a, b: a - b)(2), type(functools.cmp_to_key(int))
functools; functools.lru_cache(lambda x: x)(4), functools.lru_cache(None)(int).cache_info(), type(functools.lru_cache(int)), functools.singledispatch(lambda a: a)(5), functools.total_ordering.__name__, functools.partialmethod(int).__class__
= functools; functools.Placeholder
= _functools; _functools.Placeholder
= functools; functools._CacheInfo
gc; gc.is_tracked([]), gc.get_threshold(), gc.isenabled(), gc.collect() >= 0, len(gc.get_stats()), gc.callbacks.__class__
getpass, grp, pwd; type(pwd.getpwuid(0)), type(grp.getgrgid(0)), pwd.getpwuid(0).pw_name
glob, fnmatch; fnmatch.fnmatch("ab", "a*"), glob.has_magic("a*"), fnmatch.filter(["a", "b"], "a")
gzip; gzip.decompress(gzip.compress(b"abc", mtime=0)), gzip.BadGzipFile
hashlib; hashlib.md5(b"a").hexdigest(), hashlib.sha1(b"a").hexdigest(), hashlib.sha256(b"a").hexdigest(), hashlib.sha3_256(b"a").hexdigest(), hashlib.shake_128(b"a").hexdigest(4), hashlib.new("sha512", b"a").name, sorted(hashlib.algorithms_available) != []
hashlib; hashlib.pbkdf2_hmac("sha256", b"a", b"b", 3).hex(), hashlib.scrypt(b"a", salt=b"b", n=2, r=1, p=1).hex(), type(hashlib.sha256()), E(lambda: hashlib.new("nope"))
_hashlib, _hmac, _md5, _sha1, _sha2, _sha3; [type(x) for x in (_hashlib.new("md5"), _md5.md5(), _sha1.sha1(), _sha2.sha224(), _sha2.sha512(), _sha3.sha3_224(), _sha3.shake_256(), _hmac.new(b"k", b"m", "sha1"))], _hmac.UnknownHashError, _hashlib.UnsupportedDigestmodError
hmac; hmac.new(b"k", b"m", "sha256").hexdigest(), hmac.compare_digest("a", "a"), hmac.digest(b"k", b"m", "md5")
heapq; heapq.nsmallest(2, [3, 1, 2]), list(heapq.merge([1, 3], [2])), heapq.heapify([2, 1])
html, html.parser; html.escape("<"), html.unescape("&eacute;&lt;"), html.parser.HTMLParser().__class__
http, http.client, http.cookies; http.HTTPStatus(404).phrase, http.cookies.SimpleCookie("a=b")["a"].value, http.client.HTTPConnection.__mro__
imaplib; imaplib.Int2AP(5)
importlib, importlib.util, importlib.metadata; importlib.util.find_spec("json").name, type(importlib.util.find_spec("math")), importlib.import_module("colorsys").rgb_to_hsv(1, 0, 0)
inspect; str(inspect.signature(lambda a, /, b=1: a)), inspect.isclass(int), inspect.getmembers(1, lambda x: False), inspect.getdoc(len)[:6], str(inspect.signature(len))
io; io.StringIO("a\nb").readlines(), io.BytesIO(b"abc").getbuffer().tolist(), io.TextIOWrapper(io.BytesIO(b"a\r\nb")).read(), io.BufferedReader(io.BytesIO(b"x")).peek(), type(io.IncrementalNewlineDecoder(None, True)), io.UnsupportedOperation, io.BlockingIOError
io; io.BufferedRWPair(io.BytesIO(), io.BytesIO()).__class__, io.BufferedRandom(io.BytesIO(b"a")).read(), io.open_code.__name__, E(lambda: io.StringIO().fileno())
= io; io.UnsupportedOperation
= _io; _io.UnsupportedOperation
ipaddress; ipaddress.ip_network("10.0.0.0/30").num_addresses, list(ipaddress.ip_network("10.0.0.0/30")), ipaddress.ip_address("::1")
itertools; [type(x) for x in (itertools.count(), itertools.cycle([]), itertools.repeat(1), itertools.accumulate([]), itertools.chain(), itertools.compress([], []), itertools.dropwhile(int, []), itertools.filterfalse(None, []), itertools.groupby([]), itertools.islice([], 1), itertools.pairwise([]), itertools.starmap(int, []), itertools.takewhile(int, []), itertools.tee([])[0], itertools.zip_longest(), itertools.product(), itertools.permutations([]), itertools.combinations([], 1), itertools.combinations_with_replacement([], 1), itertools.batched([], 1))]
itertools; [list(g) for k, g in itertools.groupby("aab")], list(itertools.product("ab", repeat=2)), list(itertools.batched("abc", 2)), [list(t) for t in itertools.tee("ab")], list(itertools.permutations("abc", 2)), next(itertools.count(5, 2))
json; json.loads('{"a": [1, 2.5, null, "\\u20ac"]}'), json.dumps({"a": [1, None, True, "\xe9"]}, indent=1, sort_keys=True), E(lambda: json.loads("["))
_json; _json.scanstring('"abc"', 1), _json.encode_basestring_ascii("\xe9"), _json.make_scanner.__name__, _json.make_encoder.__name__, type(__import__("json").JSONDecoder().scan_once), type(__import__("json").JSONEncoder())
keyword, token, tokenize; keyword.iskeyword("if"), [t.type for t in tokenize.generate_tokens(iter(["a = 1\n", ""]).__next__)], token.tok_name[1]
linecache, traceback; linecache.getline("nope", 1), traceback.format_exception_only(ValueError("a")), type(traceback.extract_stack())
locale; locale.localeconv()["decimal_point"], locale.Error, locale.getlocale().__class__, locale.strcoll("a", "b"), locale.normalize("de_DE")
= locale; locale.Error
= _locale; _locale.Error
logging; logging.getLogger("a").getEffectiveLevel(), type(logging.getLogger("a")), logging.Formatter("%(message)s").format(logging.LogRecord("a", 1, "p", 1, "m", (), None)), logging.getLevelName(20)
= logging; logging.getLogger("stress.first")
= logging; logging.getLogger("stress.a.b.c")
lzma; lzma.decompress(lzma.compress(b"abc")), lzma.LZMAError, type(lzma.LZMADecompressor()), lzma.is_check_supported(1), E(lambda: lzma.decompress(b"xx"))
marshal; marshal.loads(marshal.dumps([1, "a", (2.5, None), {3: b"x"}, frozenset([1])])), marshal.version, marshal.loads(marshal.dumps(compile("1", "f", "eval"))).co_name
math, _statistics, statistics; math.factorial(20), math.comb(10, 3), math.gcd(12, 18), math.isqrt(99), math.fsum([0.1] * 10), math.gamma(5), statistics.NormalDist().inv_cdf(0.5), statistics.mean([1, 2])
mimetypes; mimetypes.guess_type("a.html")
mmap; (lambda m: (m.write(b"abc"), m[:3], m.find(b"b"), len(memoryview(m)), m.close() if n < 0 else 0))(mmap.mmap(-1, 100)), mmap.error, mmap.PAGESIZE
multiprocessing.synchronize, _multiprocessing; type(_multiprocessing.SemLock), __import__("multiprocessing").Lock().__class__, __import__("multiprocessing").Value("i", 3).value
multiprocessing.shared_memory, _posixshmem; multiprocessing.shared_memory.SharedMemory.__name__, E(lambda: _posixshmem.shm_open("/no/such", 0))
netrc, nturl2path, numbers; numbers.Rational.__mro__, isinstance(1, numbers.Integral), isinstance(1.5, numbers.Real)
operator; operator.itemgetter(1)([1, 2]), operator.attrgetter("real")(5), operator.methodcaller("upper")("a"), [type(x) for x in (operator.itemgetter(1), operator.attrgetter("a"), operator.methodcaller("a"))], operator.length_hint([]), operator.index(5)
os; type(os.stat("/")), type(os.times()), type(os.uname()), type(os.get_terminal_size) , type(os.statvfs("/")), type(os.scandir("/")), type(next(os.scandir("/"))), os.path.join("a", "b"), os.fspath("a"), os.cpu_count() > 0, type(os.environ)
os; os.read(os.pipe()[0], 0), E(lambda: os.open("/no/such", 0))
os, stat; stat.filemode(os.stat("/").st_mode), type(os.sched_param(1)), type(os.waitid_result), os.strerror(2), type(os.DirEntry), os.times_result, os.terminal_size((1, 2)).columns, os.getrandom(2).__class__
pathlib; pathlib.Path("a/b.c").suffix, pathlib.PurePosixPath("/a") / "b", type(pathlib.Path(".")), pathlib.Path("/").exists()
pickle; pickle.loads(pickle.dumps([1, "a", {2: (3.5, None)}, {4}, b"x"])), pickle.PickleError.__mro__, type(pickle.Pickler(__import__("io").BytesIO()).memo), pickle.loads(pickle.dumps(int)), pickle.PickleBuffer(b"a").raw().tobytes()
pickle; E(lambda: pickle.loads(b"x")), pickle.UnpicklingError
pickle; pickle.dumps(lambda: 0)
_pickle; _pickle.PicklingError, type(_pickle.Unpickler(__import__("io").BytesIO(b"N."))), _pickle.dumps(range(3), 2), _pickle.loads(_pickle.dumps(__import__("collections").OrderedDict(a=1)))
platform; platform.python_implementation().__class__, platform.system()
plistlib; plistlib.loads(plistlib.dumps({"a": [1, True, b"x"]})), plistlib.UID(3)
posixpath, genericpath; posixpath.normpath("a/../b"), posixpath.commonpath(["/a/b", "/a/c"]), posixpath.realpath("/"), posixpath.splitroot("/a")
pprint, reprlib; pprint.pformat({"a": [1] * 30}), reprlib.repr(list(range(100)))
queue, _queue; queue.Queue().empty(), type(queue.SimpleQueue()), queue.Empty, E(lambda: _queue.SimpleQueue().get_nowait())
= queue; queue.Empty
= _queue; _queue.Empty
quopri; quopri.encodestring(b"\xff=")
random; random.Random(5).random(), random.Random(5).sample(range(100), 3), random.Random("a").gauss(0, 1), type(random.Random().getstate()), random.SystemRandom().__class__
re; re.findall(r"(\w+)@(\w+)", "a@b, c@d"), type(re.compile("a")), type(re.match("a", "a")), type(re.compile("a").scanner("a")), re.sub("a", r"\g<0>b", "xax"), re.split("(,)", "a,b"), re.compile("a|b", re.I | re.X), type(re.finditer("a", "a")), re.error
re; re.compile("(")
re; re.compile(r"(?P<x>a)(?:b|c)*?(?=d)(?<!e)[^f-h\w]{2,3}\1\Z", re.S).groupindex, re.escape("a.b"), re.fullmatch("(?i:A)b", "ab").span(), re.template if hasattr(re, "template") else 0, re.match("(a)|b", "b").groups()
_sre; _sre.MAGIC, _sre.getlower(65, 0), _sre.unicode_iscased(65), type(_sre.template("", [""]))
resource; type(resource.getrusage(0)), resource.getrlimit(resource.RLIMIT_CORE).__class__, resource.error
= select; select.error
select; select.select([], [], [], 0), type(select.poll()), select.poll().poll(0), type(select.epoll()), select.epoll().closed
selectors; (lambda s: (s.select(0), s.close(), type(s)))(selectors.DefaultSelector()), type(selectors.SelectSelector().get_map()), selectors.SelectorKey
shelve, dbm; dbm.error, E(lambda: shelve.Shelf({})["a"])
shlex; shlex.split("a 'b c'"), shlex.quote("a b"), shlex.join(["a", "b c"])
shutil; type(shutil.disk_usage("/")), shutil.which("no-such-thing"), shutil.Error.__mro__, shutil.get_archive_formats()
signal; signal.getsignal(2).__class__, signal.Signals(2), type(signal.valid_signals()), signal.strsignal(2), signal.ItimerError, signal.struct_siginfo, signal.getitimer(0)
= signal; signal.default_int_handler
socket; (lambda p: ([s.close() for s in p], type(p[0])))(socket.socketpair()), socket.AF_INET, socket.inet_aton("1.2.3.4"), socket.gaierror, socket.herror, socket.timeout, socket.getaddrinfo("127.0.0.1", 80)[0][4], socket.gethostname().__class__
socket; socket.getaddrinfo("not a name!", "nope", flags=socket.AI_NUMERICHOST)
= socket; socket.gaierror
= _socket; _socket.herror
= _socket; _socket.SocketType
sqlite3; sqlite3.connect(":memory:").execute("select 1, 'a', 2.5, null, x'00'").fetchall(), sqlite3.Error.__mro__, type(sqlite3.connect(":memory:").cursor()), type(sqlite3.connect(":memory:").blobopen), sqlite3.sqlite_version_info.__class__, sqlite3.complete_statement("a;")
sqlite3; (lambda c: (setattr(c, "row_factory", sqlite3.Row), type(c.execute("select 1 as a").fetchone()), c.execute("select 1 as a").fetchone().keys(), c.create_function("f", 1, int), c.execute("select f('5')").fetchone()[0]))(sqlite3.connect(":memory:"))
sqlite3; sqlite3.connect(":memory:").execute("select * from nothing")
ssl; ssl.create_default_context().verify_mode, ssl.SSLError.__mro__, ssl.SSLZeroReturnError, ssl.SSLWantReadError, ssl.SSLCertVerificationError, type(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)), ssl.OPENSSL_VERSION_INFO.__class__, type(ssl.MemoryBIO()), ssl.RAND_bytes(4).__class__
ssl; (lambda c: type(c.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="a")))(ssl.create_default_context()), len(ssl.create_default_context().get_ciphers()) > 0
ssl; ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="a").do_handshake()
= ssl; ssl.SSLWantReadError
= _ssl; _ssl.SSLSyscallError
string.templatelib; string.templatelib.Template("a").strings, string.templatelib.Interpolation(1).value, string.templatelib.convert("a", "r")
stringprep; stringprep.in_table_a1("\u0221"), stringprep.map_table_b2("\xdf")
struct; struct.pack("<IH", 1, 2), struct.unpack(">d", bytes(8)), struct.calcsize("iq"), type(struct.Struct("i")), type(struct.iter_unpack("B", b"ab")), struct.error, E(lambda: struct.unpack("i", b""))
= struct; struct.error
subprocess; subprocess.CalledProcessError(1, "a").returncode, subprocess.PIPE, subprocess.list2cmdline(["a b"])
symtable; symtable.symtable("def f(a): return lambda: a", "text", "exec").get_children()[0].get_name(), type(symtable.symtable("a", "t", "exec"))
_symtable; type(_symtable.symtable("a", "t", "exec")), _symtable.DEF_LOCAL
sys; type(sys.getwindowsversion) if hasattr(sys, "getwindowsversion") else 0, sys.getrefcount.__name__, sys.intern("abc" + "d"), type(sys._getframe()), sys.getsizeof(1) > 0, sys.exc_info(), type(sys.asyncgen_hooks) if hasattr(sys, "asyncgen_hooks") else type(sys.get_asyncgen_hooks()), sys.monitoring.get_tool(1)
= sys; sys.monitoring.DISABLE
= sys; sys.intern("stress" + "_first_use")
= sys; sys.intern(chr(233) + "x")
sysconfig; sysconfig.get_path("stdlib").__class__, sysconfig.get_python_version()
syslog; syslog.LOG_ERR, syslog.LOG_UPTO(3)
tempfile; tempfile.gettempdir().__class__, tempfile.SpooledTemporaryFile().__class__
termios; termios.error, termios.tcgetattr(0) if n < 0 else termios.TCSANOW
= termios; termios.error
textwrap; textwrap.wrap("aaa bbb", 3), textwrap.dedent("  a"), textwrap.shorten("a b c d", 5)
threading; threading.Lock().__class__, threading.RLock().__class__, type(threading.local()), threading.Semaphore().__class__, threading.get_ident() > 0, type(threading.main_thread()), threading.ExceptHookArgs, (lambda t: (t.start(), t.join()))(threading.Thread(target=int))
_thread; type(_thread.allocate_lock()), type(_thread.RLock()), type(_thread._local()), _thread.error, type(_thread.start_joinable_thread(int)), _thread._ExceptHookArgs
time; type(time.localtime()), time.strftime("%Y", time.gmtime(0)), time.struct_time(range(9)).tm_mon, time.get_clock_info("time").__class__, time.tzname.__class__, time.mktime(time.gmtime(0)).__class__, time.strptime("2024", "%Y").tm_year
timeit; timeit.timeit(int, number=1).__class__
tomllib; tomllib.loads("a = 1\nb = [1.5, '\u20ac', 2024-01-01]")
_tokenize; type(_tokenize.TokenizerIter(iter(["a\n", ""]).__next__, extra_tokens=False))
tracemalloc; tracemalloc.is_tracing(), tracemalloc.get_traced_memory(), tracemalloc.Filter(True, "a").__class__
types; [type(x) for x in (types.SimpleNamespace(a=1), types.MappingProxyType({}), types.CellType(1), types.MethodType(int, 1), types.GenericAlias(list, int), types.ModuleType("m"), types.coroutine(lambda: None))], types.new_class("X").__mro__[1], types.DynamicClassAttribute().__class__, types.CapsuleType, types.get_original_bases(int), types.NoneType
typing; typing.get_type_hints(lambda a: 0), typing.Optional[int], typing.Union[int, str], typing.NamedTuple("N", [("a", int)])(1), typing.TypedDict("T", {"a": int}), typing.Literal[1], typing.Callable[[int], str], typing.Annotated[int, 1], typing.Generic.__class__, typing.cast(int, 1), typing.get_origin(list[int])
typing, _typing; [type(x) for x in (typing.TypeVar("T"), typing.ParamSpec("P"), typing.ParamSpec("P").args, typing.ParamSpec("P").kwargs, typing.TypeVarTuple("Ts"), typing.TypeAliasType("A", int), typing.ForwardRef("a"))], typing.TypeVar("T", bound=int).__bound__
= typing; typing.NoDefault
= typing; typing.TypeVar("T").__default__
= typing; typing.Any
= typing; typing.Optional[int].__class__
unicodedata; unicodedata.name("\u20ac"), unicodedata.normalize("NFD", "\xe9"), unicodedata.lookup("SNOWMAN"), unicodedata.category("a"), unicodedata.ucd_3_2_0.unidata_version, type(unicodedata.ucd_3_2_0), unicodedata.decomposition("\xe9"), "\N{EURO SIGN}"
= unicodedata; unicodedata.ucd_3_2_0
unittest, unittest.mock; unittest.TestCase().__class__, unittest.mock.Mock(return_value=5)(), type(unittest.mock.sentinel.a)
= unittest.mock; unittest.mock.sentinel.first
urllib.parse, urllib.request, urllib.error; urllib.parse.urlsplit("http://a:1/b?c#d"), urllib.parse.quote("\xe9"), urllib.parse.parse_qs("a=1&b=2"), urllib.request.Request("http://a/").host, urllib.error.HTTPError.__mro__
uuid, _uuid; uuid.UUID(int=5), type(uuid.uuid4()), uuid.uuid5(uuid.NAMESPACE_DNS, "a"), type(uuid.uuid1()), uuid.uuid7().version, type(_uuid.generate_time_safe())
warnings; warnings.warn.__name__, warnings.filters.__class__, warnings.catch_warnings().__class__, warnings.simplefilter.__name__, warnings.formatwarning("m", UserWarning, "f", 1)
wave, colorsys; colorsys.hls_to_rgb(0.5, 0.5, 0.5), wave.Error
weakref, _weakref; type(weakref.ref(int)), type(weakref.proxy(type("X", (), {}))), weakref.WeakValueDictionary(a=int)["a"], weakref.WeakSet([int]).__len__(), type(weakref.finalize(int, int)), _weakref.getweakrefcount([1].__class__) >= 0, type(weakref.proxy(lambda: 0))
= weakref; weakref.ref(dict)
= weakref; weakref.ref(weakref.WeakMethod)
wsgiref.util, webbrowser; wsgiref.util.request_uri.__name__, webbrowser.Error
xml.etree.ElementTree; xml.etree.ElementTree.tostring(xml.etree.ElementTree.fromstring("<a b='1'><c/>d</a>")), type(xml.etree.ElementTree.Element("a")), xml.etree.ElementTree.ParseError, type(xml.etree.ElementTree.Element("a").iter()), type(xml.etree.ElementTree.XMLParser()), type(xml.etree.ElementTree.TreeBuilder()), xml.etree.ElementTree.Element("a").attrib
xml.etree.ElementTree; xml.etree.ElementTree.fromstring("<a")
xml.dom.minidom, xml.sax; xml.dom.minidom.parseString("<a>b</a>").toxml(), xml.sax.SAXException
pyexpat; type(pyexpat.ParserCreate()), pyexpat.ExpatError, pyexpat.ErrorString(3), type(pyexpat.errors), pyexpat.model.__name__, pyexpat.ParserCreate().Parse("<a/>", True)
= pyexpat; pyexpat.ExpatError
xmlrpc.client; xmlrpc.client.loads(xmlrpc.client.dumps((1, "a")))
zipfile, zipimport; zipfile.is_zipfile("/no/such"), zipfile.BadZipFile, zipfile.ZipInfo("a").filename, zipimport.ZipImportError
zlib; zlib.decompress(zlib.compress(b"abc" * 50)), zlib.crc32(b"a"), zlib.adler32(b"a"), zlib.error, type(zlib.compressobj()), type(zlib.decompressobj()), zlib.decompressobj(31).decompress(b""), E(lambda: zlib.decompress(b"x"))
= zlib; zlib.error
= zlib; zlib._ZlibDecompressor
zoneinfo; zoneinfo.ZoneInfo("Europe/Berlin").utcoffset(__import__("datetime").datetime(2024, 7, 1)), len(zoneinfo.available_timezones()) > 0, E(lambda: zoneinfo.ZoneInfo("No/Such"))
= zoneinfo; zoneinfo.ZoneInfo("America/New_York")
= zoneinfo; zoneinfo.ZoneInfo("UTC")
compression.zstd; compression.zstd.decompress(compression.zstd.compress(b"abc" * 20)), compression.zstd.ZstdError, type(compression.zstd.ZstdCompressor()), type(compression.zstd.ZstdDecompressor()), compression.zstd.CompressionParameter.compression_level, E(lambda: compression.zstd.decompress(b"x")), type(compression.zstd.train_dict)
_zstd; _zstd.zstd_version, type(_zstd.ZstdDict(b"x" * 10, is_raw=True)), E(lambda: _zstd.get_frame_size(b"x"))
cProfile, _lsprof; type(cProfile.Profile()), _lsprof.profiler_entry, _lsprof.profiler_subentry, cProfile.Profile().getstats()
concurrent.interpreters, _interpreters; concurrent.interpreters.get_main().id, concurrent.interpreters.InterpreterError, concurrent.interpreters.create().call(int, "5"), type(concurrent.interpreters.create_queue()), _interpreters.NotShareableError
_interpchannels, _interpqueues; _interpchannels.ChannelError.__mro__, _interpqueues.QueueError.__mro__, type(_interpchannels.create(3))
hpy.universal; hpy.universal.__name__, type(hpy.universal)
_suggestions, _opcode, _types; _suggestions._generate_suggestions(["abc"], "abd"), _opcode.stack_effect.__name__, _types.UnionType
argparse; argparse.ArgumentParser(prog="a").parse_args([]).__class__, argparse.Namespace(a=1), argparse.ArgumentTypeError
getopt, optparse; getopt.getopt(["-a"], "a"), optparse.OptionParser().__class__
gettext; gettext.gettext("a"), type(gettext.translation("no", fallback=True))
code, codeop; codeop.compile_command("1 +"), code.InteractiveInterpreter().__class__
sched, filecmp, fileinput; sched.scheduler().empty(), filecmp.BUFSIZE
annotationlib; annotationlib.get_annotations(lambda: 0), annotationlib.Format.VALUE, annotationlib.ForwardRef("x").__class__
_ctypes; _ctypes.Structure, _ctypes.sizeof(_ctypes._SimpleCData) if n < 0 else 0, _ctypes.ArgumentError
_foreign; sorted(x for x in dir(_foreign) if x[0] != "_")[:3]
"""


# (whether the very same object is expected, modules, what the main thread does before, expression)
USES = []
for line in [*BUILT_IN.splitlines(), *LIBRARY.splitlines(), *SHARED.splitlines()]:
    same, line = line.startswith("= "), line.removeprefix("= ")
    if " ; " in line:
        before, _, expression = line.rpartition(" ; ")
        USES.append((same, "", before.replace("\\n", "\n"), expression))
    elif line:
        modules, _, expression = line.partition(";")
        USES.append((same, modules, "", expression.strip()))
