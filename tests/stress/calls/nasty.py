"""The pool of the call fuzzer: values that break what takes them for granted. Each entry is a source text, made anew for each round."""
import array
import asyncio
import builtins
import collections
import contextvars
import datetime
import functools
import gc
import io
import itertools
import json
import operator
import os
import pickle
import queue
import random
import re
import select
import socket
import struct
import sys
import threading
import time
import types
import weakref
import zlib

# The arguments of the call that is being made: what the hooks of evil objects work on, while it works on them.
current = []
chance = random.Random(0)


class Oops(Exception):
    pass


MUTATIONS = [
    lambda x: x.clear(), lambda x: x.append(x), lambda x: x.pop(), lambda x: x.extend([x, 1, 2]), lambda x: x.__init__(),
    lambda x: x.update({1: x}), lambda x: x.release(), lambda x: x.close(), lambda x: x.sort(), lambda x: x.reverse(),
    lambda x: x.__delitem__(0), lambda x: x.__setitem__(0, x), lambda x: x.insert(0, x), lambda x: x.__setitem__(slice(None), []),
    lambda x: x.__setitem__(slice(None), list(range(50))), lambda x: x.popitem(), lambda x: x.popleft(), lambda x: x.rotate(1),
    lambda x: next(x), lambda x: x.__init__(b"abc"), lambda x: x.__dict__.clear(), lambda x: x.truncate(0), lambda x: x.detach(),
    lambda x: x.__setstate__(1), lambda x: gc.collect(0), lambda x: x.send(None), lambda x: x.throw(Oops), lambda x: x.__iadd__([1]),
    lambda x: setattr(x, "x", 1), lambda x: x.__imul__(0), lambda x: x.__exit__(None, None, None), lambda x: x.remove(1),
    lambda x: setattr(x, "__class__", Sub.list), lambda x: x.setdefault(2, x), lambda x: x.add(x), lambda x: x.discard(1),
]

ANSWERS = [
    lambda: 0, lambda: 1, lambda: -1, lambda: 2 ** 62, lambda: 2 ** 63, lambda: -2 ** 63, lambda: 2 ** 100, lambda: None, lambda: "",
    lambda: "text", lambda: b"", lambda: b"bytes", lambda: [], lambda: (), lambda: (1, 2), lambda: (None, None), lambda: 1.5, lambda: float("nan"), lambda: True,
    lambda: False, lambda: NotImplemented, lambda: iter([1, 2]), lambda: Evil(), lambda: {}, lambda: ("a", 1), lambda: object(), lambda: int,
    lambda: chance.choice(current) if current else None, lambda: (str, ("x",)), lambda: (list, (), None, iter([1]), iter([(1, 2)])), lambda: 3,
]


def mischief(fitting=()):
    """What a hook does: changes an argument of the running call, fails, or answers, fittingly or not."""
    for _ in range(chance.randrange(3)):
        if current:
            try:
                chance.choice(MUTATIONS)(chance.choice(current))
            except Exception:
                pass
    kind = chance.randrange(10)
    if kind == 0:
        raise chance.choice((Oops, TypeError, StopIteration, AttributeError, KeyError, ValueError, OSError, IndexError))
    if kind < 7 and fitting:
        return chance.choice(fitting)()
    return chance.choice(ANSWERS)()


def hook(*fitting):
    def method(self, *args, **names):
        return mischief(fitting)
    return method


NUMBERS = (lambda: 0, lambda: 1, lambda: 3, lambda: -1, lambda: 2 ** 31, lambda: 2 ** 64)
BOOLS = (lambda: True, lambda: False)
TEXTS = (lambda: "", lambda: "a", lambda: "\ud800", lambda: "long " * 50)
BYTES = (lambda: b"", lambda: b"abc", lambda: bytearray(b"abc"))
ITERATORS = (lambda: iter([1, 2, 3]), lambda: iter(()), lambda: Evil(), lambda: iter([(1, 2), (3, 4)]), lambda: iter("ab"))
ITEMS = (lambda: 1, lambda: "a", lambda: b"a", lambda: (1, 2), lambda: Evil(), lambda: None)

HOOKS = {}
for _name in """__index__ __int__ __len__ __length_hint__ __hash__ __sizeof__ fileno tell seek write readinto readinto1 __trunc__ __floor__ __ceil__""".split():
    HOOKS[_name] = hook(*NUMBERS)
for _name in """__eq__ __ne__ __lt__ __le__ __gt__ __ge__ __bool__ __contains__ __instancecheck__ __subclasscheck__ readable writable seekable isatty""".split():
    HOOKS[_name] = hook(*BOOLS)
for _name in "__repr__ __str__ __format__ __fspath__ readline tzname".split():
    HOOKS[_name] = hook(*TEXTS)
for _name in "__bytes__ read read1 peek".split():
    HOOKS[_name] = hook(*BYTES)
for _name in "__iter__ __reversed__ __await__ __aiter__ __anext__ keys values items".split():
    HOOKS[_name] = hook(*ITERATORS)
for _name in """__next__ __getitem__ __call__ __get__ send throw decode encode reset getstate setstate update utcoffset dst fromutc __enter__ __exit__ close flush
        __setitem__ __delitem__ __set__ __delete__ __missing__ __reduce_ex__ __copy__ __deepcopy__ __getstate__ __setstate__ __set_name__
        __mro_entries__ __prepare__ __class_getitem__ __float__ __complex__ __round__ __divmod__ __rdivmod__ __pow__ __rpow__ find_class persistent_id
        persistent_load get acquire release""".split():
    HOOKS[_name] = hook(*ITEMS)
for _name in "add sub mul truediv floordiv mod lshift rshift and or xor matmul".split():
    for _form in "__%s__", "__r%s__", "__i%s__":
        HOOKS[_form % _name] = hook(*ITEMS, *NUMBERS)


class Evil:
    """Answers everything, seldom well."""
    __hash__ = None

    def __buffer__(self, flags):
        return memoryview(chance.choice((b"abc", bytearray(b"abc"), array.array("d", [1.0, 2.0]))))

    def __release_buffer__(self, view):
        mischief()


for _name, _method in HOOKS.items():
    setattr(Evil, _name, _method)


class EvilDel(Evil):
    def __del__(self):
        mischief()


class EvilAttributes(Evil):
    def __getattr__(self, name):
        return mischief(ITEMS)


class EvilAllAttributes:
    def __getattribute__(self, name):
        return mischief(ITEMS)

    def __setattr__(self, name, value):
        mischief()


class Liar:
    """Says that it is of another class."""
    def __init__(self, cls):
        object.__setattr__(self, "_cls", cls)

    __class__ = property(lambda self: object.__getattribute__(self, "_cls"))


class RawFile(io.RawIOBase):
    """A file that answers as it likes."""
    readable = writable = seekable = lambda self: True


for _name in "readinto write read readall seek tell truncate fileno isatty".split():
    setattr(RawFile, _name, hook(*NUMBERS, lambda: 3, lambda: 5, *BYTES))


class LyingIterator:
    def __init__(self, hint, count):
        self.hint, self.count = hint, count

    def __iter__(self):
        return self

    def __next__(self):
        self.count -= 1
        if self.count < 0:
            raise StopIteration
        if self.count == 3:
            mischief()
        return self.count

    def __length_hint__(self):
        return self.hint

    def __len__(self):
        return self.hint if isinstance(self.hint, int) else 3


class EvilMeta(type):
    def __call__(cls, *args, **names):
        mischief()
        return type.__call__(cls, *args, **names)

    def mro(cls):
        order = type.mro(cls)
        if chance.randrange(4) == 0:
            try:
                cls.__bases__ = (object,)
            except TypeError:
                pass
        return order

    __instancecheck__ = hook(*BOOLS)
    __subclasscheck__ = hook(*BOOLS)
    __len__ = hook(*NUMBERS)
    __eq__ = hook(*BOOLS)
    __hash__ = type.__hash__


class Plain:
    def __init__(self, *args, **names):
        self.x = 1


class Slots:
    __slots__ = ("x", "y", "__weakref__")


class Warped(Plain):
    """Equal to and hashing like everything, while it changes what it is looked up in."""
    def __hash__(self):
        if chance.randrange(4) == 0:
            mischief()
        return 1

    def __eq__(self, other):
        if chance.randrange(3) == 0:
            mischief()
        return chance.randrange(2) == 0

    def __lt__(self, other):
        if chance.randrange(3) == 0:
            mischief()
        return chance.randrange(2) == 0


class Sub:
    """Subclasses of built-ins: plain ones, and ones with hooks."""


SUBCLASSED = [int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset, type, object, BaseException, ValueError, OSError,
              StopIteration, UnicodeDecodeError, ImportError, SyntaxError, ExceptionGroup, collections.deque, collections.OrderedDict, collections.defaultdict, array.array,
              io.BytesIO, io.StringIO, io.RawIOBase, io.BufferedReader, io.TextIOWrapper, property, classmethod, staticmethod, enumerate, zip, map, filter, reversed, super,
              types.ModuleType, types.SimpleNamespace, random.Random, weakref.ref, datetime.datetime, datetime.timedelta, datetime.tzinfo, functools.partial, itertools.chain, itertools.count,
              threading.local, memoryview, json.JSONEncoder, pickle.Pickler, pickle.Unpickler, asyncio.Future, re.Pattern, contextvars.Context, queue.SimpleQueue, socket.socket, struct.Struct]


def make_subclasses():
    for base in SUBCLASSED:
        for prefix, fields in (("", {}), ("evil_", HOOKS), ("slots_", {"__slots__": ("x",)})):
            chosen = {name: method for name, method in fields.items() if chance.randrange(3) == 0}
            try:
                setattr(Sub, prefix + base.__name__, type(prefix + base.__name__, (base,), chosen or dict(fields)))
            except TypeError:
                pass


def running_generator():
    holder = []

    def run():
        holder.append(found)
        yield found
        yield from found
    found = run()
    next(found)
    return found


def finished_generator():
    found = (x for x in ())
    list(found)
    return found


async def coroutine():
    await asyncio.sleep(0)


async def async_generator():
    yield 1
    yield 2


def traceback():
    try:
        1 / 0
    except ZeroDivisionError as error:
        return error.__traceback__


def cell(*value):
    made = types.CellType(*value)
    return made


def itself(container, add):
    add(container, container)
    return container


def nested(make, depth):
    found = make(None)
    for _ in range(depth):
        found = make(found)
    return found


def TextOverEvil():
    try:
        return io.TextIOWrapper(EvilAttributes())
    except Exception:
        return io.TextIOWrapper(RawFile())


def dead_ref(kind=weakref.ref):
    return kind(Plain())


def released_view():
    view = memoryview(bytearray(b"abcdef"))
    view.release()
    return view


def over_mutable():
    return memoryview(bytearray(range(64)))


def closed(thing):
    thing.close()
    return thing


def half(cls, *args):
    return cls.__new__(cls, *args)


def function(a, b=1, *rest, c=2, **names):
    return rest


def raising(*args, **names):
    raise Oops


def mischievous(*args, **names):
    return mischief(ITEMS)


def identity(x=None, *rest, **names):
    return x


def deep(*args):
    return deep(*args)


INTS = """0 1 -1 2 3 7 8 16 63 64 100 255 256 1000 65535 65536 0x110000 2**31-1 2**31 -2**31 2**32 2**48 -2**48-1 2**62 2**63-1 2**63 -2**63 -2**63-1 2**64 2**64-1 2**70 -2**100
10**400 True False Sub.int(5) Sub.int(2**70) Sub.evil_int(3)""".split()
FLOATS = """0.0 -0.0 1.5 -1e300 1e-320 float("nan") float("inf") float("-inf") 1j complex(float("nan"),2) 1e18 Sub.float(2.5) Sub.evil_float(1.0) Sub.complex(1)""".split()
STRINGS = """""|"a"|"abc"|"é"|"\\ud800"|"\\U0001f600"|"\\0"|"x"*5000|"aé\\U0001f600"*100|"%s"|"%d %(x)s"|"%*.*f"|"{}"|"{0.x[1]!r:>{1}}"|"{"|"utf-8"|"ascii"|"utf-16"|"idna"|"latin-1"|"strict"|"surrogateescape"|"xmlcharrefreplace"
"replace"|"r"|"w"|"rb"|"r+b"|"B"|"d"|"P"|"<i"|"100s"|"9999999999i"|"(a\\x7cb)*c"|"(?P<n>a)(?(n)b\\x7cc)"|"(" * 300|"[" * 2000|"x+"*500|"{\\"a\\": [1, 2.5, null]}"|"lambda: 0"|"[x for x in y]"|"def f(): yield"|"1+"*2000+"1"
"__class__"|"__dict__"|"__init__"|"x"|"append"|"__del__"|">10"|"0=+#,.3f"|"999999999999d"|"2024-01-01T00:00:00"|"%Y-%m-%d"|"1e5"|"123_456"|"0x1f"|"<a><b/></a>"|"builtins"|"json"|"no_such"|"/dev/null"|"."|"\\n"
" a b "|Sub.str("sub")|Sub.evil_str("evil")|"select 1"|"NFC"|"𝟘"|"١٢٣"|"a\\nb\\rc\\u2028"|"+1,2"|":memory:"|sys.intern("interned")|"localhost\"""".replace("\n", "|").split("|")
BYTE_STRINGS = """b""|b"abc"|b"\\0"*100|b"\\xff\\xfe"|b"x"*5000|bytes(range(256))|bytearray()|bytearray(b"abcdef")|bytearray(range(256))|Sub.bytes(b"sub")|Sub.evil_bytes(b"evil")|Sub.bytearray(b"sub")|memoryview(b"abc")|released_view()
over_mutable()|over_mutable()[::-2]|over_mutable().cast("d")|over_mutable().cast("B",(8,8))|over_mutable().cast("B",(2,4,8))|memoryview(array.array("i",[1,2,3]))|over_mutable().toreadonly()|memoryview(b"")|array.array("b",b"abc")|array.array("d",[1.5,float("nan")])
array.array("w","aé")|array.array("Q",[2**64-1])|zlib.compress(b"abc"*100)|zlib.compress(b"abc"*100)[:-5]|pickle.dumps({"a":[1,{2}]})|pickle.dumps(datetime.datetime.now())|b"\\x80\\x04\\x95"|b"cbuiltins\\nlist\\n(tR."|b"c__builtin__\\nset\\n)\\x81(lb."|b"PK\\x03\\x04"|b"\\xe3\\x00"
b"BZh91AY&SY"|b"\\x1f\\x8b\\x08\\x00"|b"\\x28\\xb5\\x2f\\xfd"|b"\\xfd7zXZ\\x00"|b"<a>&x;</a>"|b"(?<n>x)"|memoryview(memoryview(bytearray(b"abc")))|io.BytesIO(b"abc").getbuffer()|b"1 2 3 \\n"|b"YWJj"|b"=3D_x"|b"%s %d"|re.compile(b"a*")""".replace("\n", "|").split("|")
CONTAINERS = """[]|[1,2,3]|list(range(1000))|[[]]|[(1,2),(3,4)]|["a","b"]|[b"a",b"b"]|itself([],list.append)|itself({},lambda x,y:x.__setitem__(1,y))|itself(collections.deque(),collections.deque.append)|()|(1,)|(1,2,3)|("a",1)|(None,)*100|([],{})
{}|{"a":1}|{1:2,"b":[]}|{i:i for i in range(500)}|{"x"+str(i):i for i in range(100)}|{Warped():1,Warped():2,3:4}|set()|{1,2,3}|set(range(300))|{Warped(),Warped()}|frozenset()|frozenset({1,"a"})|collections.deque()|collections.deque(range(100),50)|collections.deque([1,2],2)
collections.OrderedDict(a=1,b=2)|itself(collections.OrderedDict(),lambda x,y:x.__setitem__(1,y))|collections.defaultdict(list)|collections.defaultdict(mischievous,{1:2})|collections.Counter("abcabc")|collections.ChainMap({},{1:2})|types.MappingProxyType({1:2})|[Evil(),Evil()]|[Warped() for i in range(10)]
(Evil(),1,"a")|Sub.list([1,2])|Sub.evil_list([1,2])|Sub.tuple((1,2))|Sub.evil_tuple((1,2))|Sub.dict(a=1)|Sub.evil_dict(a=1)|Sub.set({1,2})|Sub.evil_set({1,2})|Sub.frozenset({1})|Sub.deque([1])|Sub.evil_deque([1])|Sub.evil_OrderedDict(a=1)|{}.keys()|{1:2,3:4}.items()|{1:2}.values()|collections.OrderedDict(a=1).items()
range(10)|range(2**70)|range(0,-2**65,-3)|range(10**6)|slice(None)|slice(1,10,2)|slice(2**70,Evil(),-1)|types.SimpleNamespace(a=1)|nested(lambda x:[x],200)|nested(lambda x:(x,),5000)|nested(lambda x:[x],20000)|nested(lambda x:{1:x},3000)|[float("nan")]*5|[1.5,2,"a"]|queue.SimpleQueue()
datetime.datetime(2024,1,1)|datetime.timedelta(5)|datetime.timezone.utc|Sub.datetime(2024,1,1)|time.localtime()|os.stat("/")|sys.flags|{"a":{"b":[1,[2,{"c":None}]]}}|{sys.intern("x"):1}|vars(Plain())|types.CapsuleType if hasattr(types,"CapsuleType") else 0""".replace("\n", "|").split("|")
ITERABLES = """iter([])|iter([1,2,3])|iter("abc")|iter({1:2})|iter({1,2})|iter(collections.deque([1]))|iter(range(10))|iter(range(2**70))|iter(mischievous,None)|LyingIterator(2**62,5)|LyingIterator(-5,5)|LyingIterator(10**6,3)|LyingIterator("x",3)|LyingIterator(0,50)|(x for x in [1,2,3])
running_generator()|finished_generator()|coroutine()|async_generator()|async_generator().asend(None)|async_generator().athrow(Oops)|map(mischievous,[1,2,3])|filter(None,[1,2])|zip([1,2],[3,4])|enumerate([1,2])|reversed([1,2,3])|itertools.count()|itertools.cycle([1,2])|itertools.repeat(None,5)
itertools.tee([1,2,3])[0]|itertools.chain([1],[2])|itertools.groupby([1,1,2])|next(itertools.groupby([1,1,2]))[1]|itertools.product([1,2],repeat=2)|itertools.permutations([1,2,3])|itertools.islice([1,2,3],1,None)|itertools.accumulate([1,2])|itertools.pairwise([1,2,3])|itertools.batched([1,2,3],2)|itertools.zip_longest([1],[])
Evil()|EvilDel()|EvilAttributes()|EvilAllAttributes()|Liar(list)|Liar(int)|Liar(dict)|Sub.evil_map(mischievous,[1,2])|re.finditer("a","banana")|struct.iter_unpack("b",b"abc")|re.compile("(a)|b").scanner("ab")|iter(EvilAttributes(),1)""".replace("\n", "|").replace("(a)|b", "(a)").split("|")
CALLABLES = """len|identity|function|raising|mischievous|deep|lambda *a:a|list.append|[].append|dict.fromkeys|int|str|list|type|object|print|repr|sorted|functools.partial(identity,1)|functools.partial(mischievous)|operator.itemgetter(1)|operator.attrgetter("x")|operator.methodcaller("append",1)|Plain|Plain().__init__
functools.lru_cache(identity)|functools.lru_cache(2)(mischievous)|functools.cmp_to_key(mischievous)|functools.cmp_to_key(mischievous)(1)|weakref.ref(Plain)|types.MethodType(mischievous,1)|types.MethodType(len,[])|Plain.__init__|property(mischievous,mischievous)|classmethod(identity)|staticmethod(identity)|contextvars.ContextVar("x").get|super(Plain,Plain())
gc.collect|threading.Lock().acquire|Sub.partial(identity)|Sub.evil_partial(identity)|getattr|setattr|exec|eval|isinstance|operator.eq|next|iter|zip|io.StringIO().write|sys.exc_info|functools.singledispatch(identity)|json.loads|functools.cached_property(identity)|weakref.WeakMethod(Plain().__init__)""".replace("\n", "|").split("|")
CLASSES = """int|str|list|dict|type|object|tuple|Exception|BaseException|ValueError|StopIteration|KeyboardInterrupt|OSError|Plain|Slots|Evil|EvilMeta|EvilMeta("M",(),{})|EvilMeta("M",(list,),{})|Warped|Sub.list|Sub.evil_list|Sub.type|Sub.evil_type|Sub.evil_dict|Sub.slots_list|Sub.Struct|type("T",(int,),{})|type("T",(Slots,),{"__slots__":()})
list[int]|int|str|type(None)|type(len)|types.FunctionType|types.CodeType|types.FrameType|type(iter([]))|memoryview|bool|super|collections.abc.Mapping|types.GenericAlias(list,Evil())|list[list[int]]|Sub.evil_object|Sub.OSError|Sub.module|type("D",(),{"__del__":mischievous,"x":property(mischievous)})
type("S",(),{"__slots__":("a","b","c")})|nested(lambda x:type("N",(x or object,),{}),40)|collections.namedtuple("P","x y")|struct.Struct|type("G",(),{"__get__":mischievous,"__set__":mischievous})""".replace("\n", "|").split("|")
OTHERS = """None|None|...|NotImplemented|object()|Plain()|Slots()|Warped()|Sub.object()|Sub.evil_object()|function.__code__|coroutine.__code__|function.__code__.replace(co_consts=())|function.__globals__|sys._getframe()|sys._getframe().f_locals|traceback()|traceback().tb_frame|cell()|cell(1)|weakref.ref(Plain)|dead_ref()|weakref.proxy(Plain)
dead_ref(weakref.proxy)|weakref.WeakValueDictionary()|weakref.WeakSet()|weakref.WeakKeyDictionary()|io.BytesIO(b"abc")|closed(io.BytesIO())|io.StringIO("a\\nb")|closed(io.StringIO())|io.TextIOWrapper(io.BytesIO(b"a\\nb"))|closed(io.TextIOWrapper(io.BytesIO()))|io.BufferedReader(io.BytesIO(b"abc"*1000))|io.BufferedWriter(io.BytesIO())
io.BufferedRandom(io.BytesIO())|io.BufferedRWPair(io.BytesIO(),io.BytesIO())|io.BufferedWriter(RawFile())|io.TextIOWrapper(RawFile())|TextOverEvil()|io.BufferedReader(RawFile())|open("/dev/null","rb")|closed(open("/dev/null"))|io.FileIO("/dev/null")|closed(socket.socket())|socket.socketpair()[0]|select.epoll()|select.poll()|half(io.BytesIO)|half(io.TextIOWrapper)
half(io.BufferedReader)|half(io.FileIO)|half(list)|half(dict)|half(property)|half(super)|half(threading.local)|half(random.Random)|half(collections.deque)|half(staticmethod)|half(classmethod)|half(types.ModuleType,)|half(Exception)|half(OSError)|half(UnicodeDecodeError)|half(SyntaxError)|half(ImportError)|half(functools.partial,len)|half(struct.Struct,"i")
half(pickle.Pickler,io.BytesIO())|half(pickle.Unpickler,io.BytesIO())|half(asyncio.Future)|half(socket.socket)|half(ExceptionGroup,"a",[OSError()])|half(memoryview,b"a")|half(types.SimpleNamespace)|half(array.array,"i")|half(io.IncrementalNewlineDecoder)|half(queue.SimpleQueue)|half(zlib._ZlibDecompressor if hasattr(zlib,"_ZlibDecompressor") else list)
Exception()|ValueError(1,2)|OSError(2,"a","b")|StopIteration(1)|UnicodeDecodeError("x",b"abc",1,2,"r")|UnicodeEncodeError("x","abc",5,1,"r")|ExceptionGroup("g",[ValueError()])|SyntaxError("m",("f",1,1,"t"))|KeyError(Evil())|Sub.OSError()|itself(ValueError(),lambda x,y:setattr(x,"__context__",y))|ImportError("m",name="n")|nested(lambda x:ExceptionGroup("g",[x or OSError()]),500)
types.ModuleType("m")|sys|builtins|threading.Lock()|threading.RLock()|threading.local()|threading.Condition()|contextvars.ContextVar("v")|contextvars.Context()|contextvars.copy_context()|contextvars.ContextVar("v").set(1)|random.Random(1)|re.compile("(a+)(b)?")|re.match("(a+)(b)?","aab")|struct.Struct("<ih")|zlib.compressobj()|zlib.decompressobj()|json.JSONEncoder()|json.JSONDecoder()
pickle.Pickler(io.BytesIO())|pickle.Unpickler(io.BytesIO(b"N."))|asyncio.Future.__new__(asyncio.Future)|type.__dict__["__mro__"]|Plain.__dict__|int.__add__|(1).__add__|list.__dict__["append"]|types.FunctionType.__dict__["__code__"]|Slots.__dict__["x"]|classmethod(mischievous)|property()|super(Sub.list,Sub.list())|types.MappingProxyType(Evil())|functools.partial(len).__reduce__()
list[int]|int|str|dict[str,int]|types.GenericAlias(Evil(),())|iter(list[int])|type("X",(),{}).__dict__|operator.itemgetter(*range(9))|nested(lambda x:types.MethodType(identity,x or 1),300)|nested(lambda x:functools.partial(x or identity,1),300)|nested(lambda x:iter([x]),300)|nested(lambda x:itertools.chain(x or ()),3000)|nested(lambda x:map(identity,x or ()),3000)""".replace("\n", "|").split("|")

KINDS = {"int": INTS, "float": FLOATS, "text": STRINGS, "bytes": BYTE_STRINGS, "container": CONTAINERS, "iterable": ITERABLES, "callable": CALLABLES,
         "class": CLASSES, "other": OTHERS}
POOL = [(kind, text) for kind, texts in KINDS.items() for text in texts]


def make(text):
    try:
        return eval(text, globals())
    except Exception:
        return None


def check():
    """Entries that cannot be made, for who changes the list."""
    for kind, text in POOL:
        try:
            eval(text, globals())
        except Exception as error:
            print(kind, text, repr(error))


# Parameters whose name tells what they want.
WANTED = {
    "int": """index i n k size count maxlen start stop step length lineno level width limit position pos offset fd flags mode maxsplit tabsize times repeat r x y z depth
        number bits wbits strategy protocol whence timeout backlog maxsize nbytes buffer_size ndigits byteorder_ day month year hour minute second base""".split(),
    "text": """string str s sep encoding errors name format format_spec pattern repl prefix suffix old new chars text filename key_ fmt isoformat source code_ module typecode
        kind form chr unistr newline label""".split(),
    "bytes": "data buffer b bytes buf view state_ memory salt hash_ initial_bytes byte_string frm to".split(),
    "iterable": "iterable iterables iterator it seq sequence iterable1 iterable2 items generator coro sequences selectors args others other".split(),
    "container": "list dict mapping heap a args kwargs namespace globals locals dict_ memo container obj object set deque p q".split(),
    "callable": "function func callable key callback default predicate object_hook fget fset fdel hook factory initializer callee".split(),
    "class": "type cls class_or_tuple klass owner objtype typ format_class".split(),
    "other": "exception exc value instance frame code module file fileobj context stream raw loop lock self cell parser encoder decoder stdin tz tzinfo".split(),
}
KIND_OF = {name: kind for kind, names in WANTED.items() for name in names}
