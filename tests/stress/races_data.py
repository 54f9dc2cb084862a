"""Races on containers, iterators, numbers and texts: what natives hold while another thread changes it."""
import array
import bisect
import collections
import contextvars
import copy
import csv
import functools
import heapq
import io
import itertools
import json
import operator
import pickle
import queue
import random
import re
import struct
import weakref

from support.races import race, run_all


class Plain:
    def __init__(self, x=0):
        self.x = x


class Weak:
    pass


LIST_OPERATIONS = [
    lambda o, r: o.append(r.random()), lambda o, r: o.pop(), lambda o, r: o.pop(0), lambda o, r: o.insert(r.randrange(5), 1), lambda o, r: o.extend(range(r.randrange(50))),
    lambda o, r: o.clear(), lambda o, r: o.sort(), lambda o, r: o.sort(key=str), lambda o, r: o.reverse(), lambda o, r: o[:], lambda o, r: o[::-2],
    lambda o, r: o.__setitem__(slice(0, 3), [1, 2]), lambda o, r: o.__setitem__(slice(None, None, 2), [0] * ((len(o) + 1) // 2)), lambda o, r: o.__delitem__(slice(None, None, 3)), lambda o, r: o.__delitem__(0),
    lambda o, r: o * 2, lambda o, r: o + o, lambda o, r: o.__iadd__(o), lambda o, r: o.__imul__(2) if len(o) < 500 else o.clear(), lambda o, r: o == list(o), lambda o, r: o < o[:],
    lambda o, r: [x for x in o], lambda o, r: list(reversed(o)), lambda o, r: tuple(o), lambda o, r: o.index(1), lambda o, r: o.count(1), lambda o, r: o.remove(1), lambda o, r: 1.5 in o,
    lambda o, r: sum(o), lambda o, r: max(o), lambda o, r: sorted(o), lambda o, r: repr(o), lambda o, r: ",".join(map(str, o)), lambda o, r: set(o), lambda o, r: dict.fromkeys(o), lambda o, r: o.copy(),
    lambda o, r: heapq.heappush(o, 1.0), lambda o, r: heapq.heappop(o), lambda o, r: heapq.heapify(o), lambda o, r: bisect.insort(o, 0.5), lambda o, r: bisect.bisect(o, 0.5), lambda o, r: json.dumps(o), lambda o, r: pickle.dumps(o),
    lambda o, r: copy.deepcopy(o), lambda o, r: list(zip(o, o)), lambda o, r: list(itertools.chain(o, o)), lambda o, r: (lambda *a: a)(*o), lambda o, r: max(*o), lambda o, r: o.__init__(range(20)), lambda o, r: struct.pack("%dd" % len(o), *o),
    lambda o, r: array.array("d", o), lambda o, r: bytes(o), lambda o, r: list(map(operator.add, o, o)), lambda o, r: functools.reduce(max, o), lambda o, r: collections.Counter(o), lambda o, r: collections.deque(o),
]


def whole_list(o):
    assert len(o) == len(list(o)) and all(isinstance(x, (int, float)) for x in o), o


@race(*LIST_OPERATIONS, check=whole_list)
def lists():
    return [1.0, 2.0, 3.0]


@race(lambda o, r: o.append("x%d" % r.randrange(9)), lambda o, r: o.pop(), lambda o, r: "".join(o), lambda o, r: ",".join(o), lambda o, r: o.sort(), lambda o, r: sorted(o, key=len), lambda o, r: o.clear(),
      lambda o, r: b"".join([x.encode() for x in o]), lambda o, r: o.__setitem__(slice(None), ["é\U0001f600"] * 5), lambda o, r: min(o, key=lambda x: x), lambda o, r: o.sort(key=lambda x: o.append(x)), lambda o, r: " ".join(o).split())
def lists_of_texts():
    return ["a", "b"]


@race(lambda o, r: o.__setitem__(r.randrange(40), r.random()), lambda o, r: o.__setitem__("k%d" % r.randrange(40), 1), lambda o, r: o.pop(r.randrange(40), None), lambda o, r: o.popitem(), lambda o, r: o.clear(),
      lambda o, r: o.update({i: i for i in range(r.randrange(60))}), lambda o, r: o.update(o), lambda o, r: list(o), lambda o, r: list(o.items()), lambda o, r: [k for k in o], lambda o, r: {**o}, lambda o, r: dict(**{"a": 1}, **{str(k): 1 for k in list(o)}),
      lambda o, r: o | o, lambda o, r: o.__ior__({1: 2}), lambda o, r: o == o.copy(), lambda o, r: o.setdefault(5, o), lambda o, r: o.keys() & {1, 2, 3}, lambda o, r: o.keys() - o.keys(), lambda o, r: o.items() == o.items(), lambda o, r: list(reversed(o)),
      lambda o, r: json.dumps({str(k): 1 for k in o}), lambda o, r: json.dumps(o), lambda o, r: pickle.dumps(o), lambda o, r: copy.copy(o), lambda o, r: repr(o), lambda o, r: sorted(o.values(), key=id), lambda o, r: (lambda **k: k)(**o), lambda o, r: "%(k1)s" % o,
      lambda o, r: "{k1}".format(**o), lambda o, r: eval("k1", o), lambda o, r: exec("k2 = 1\ndel k1", o), lambda o, r: o.__delitem__(3), lambda o, r: o.__init__(x=1), lambda o, r: o.get("k1"), lambda o, r: len(o) == sum(1 for _ in o),
      check=lambda o: [o[k] for k in list(o)])
def dicts():
    return {}


@race(lambda o, r: o.add(r.randrange(50)), lambda o, r: o.discard(r.randrange(50)), lambda o, r: o.pop(), lambda o, r: o.clear(), lambda o, r: o.update(range(r.randrange(60))), lambda o, r: o.update(o), lambda o, r: o | o, lambda o, r: o - {1, 2},
      lambda o, r: o.__ixor__(set(range(20))), lambda o, r: o.__iand__(set(range(30))), lambda o, r: o.__isub__(o), lambda o, r: list(o), lambda o, r: [x for x in o], lambda o, r: o.issubset(o), lambda o, r: o == set(o), lambda o, r: frozenset(o), lambda o, r: sorted(o),
      lambda o, r: pickle.dumps(o), lambda o, r: repr(o), lambda o, r: o.isdisjoint(range(60, 70)), lambda o, r: o.symmetric_difference_update(o), lambda o, r: o.__init__(range(5)), lambda o, r: dict.fromkeys(o), lambda o, r: list(o).__len__(), check=lambda o: [x in o for x in list(o)])
def sets():
    return set()


BYTES_OPERATIONS = [
    lambda o, r: o.append(r.randrange(256)), lambda o, r: o.extend(b"abc" * r.randrange(30)), lambda o, r: o.pop(), lambda o, r: o.clear(), lambda o, r: o.insert(0, 1), lambda o, r: o.__setitem__(slice(0, 5), b"x" * r.randrange(20)), lambda o, r: o.__delitem__(slice(None, None, 2)),
    lambda o, r: memoryview(o).tobytes(), lambda o, r: bytes(o), lambda o, r: o.find(b"ab"), lambda o, r: o.replace(b"a", b"bb"), lambda o, r: o.split(b"a"), lambda o, r: o.decode("latin-1"), lambda o, r: o.decode("utf-8", "replace"), lambda o, r: o + o, lambda o, r: o.__iadd__(o) if len(o) < 2000 else o.clear(),
    lambda o, r: o.__imul__(2) if len(o) < 2000 else o.clear(), lambda o, r: o.hex(), lambda o, r: o.upper(), lambda o, r: o.translate(bytes(256)), lambda o, r: o == bytes(o), lambda o, r: o.reverse(), lambda o, r: o.remove(97), lambda o, r: list(o), lambda o, r: re.sub(rb"a+", b"x", o), lambda o, r: re.findall(b"b", o),
    lambda o, r: o.join([o, o]), lambda o, r: b"".join([o, o, o]), lambda o, r: int(o), lambda o, r: float(o), lambda o, r: struct.unpack_from("4s", o), lambda o, r: struct.pack_into("i", o, 0, 5), lambda o, r: o % (1,), lambda o, r: o.count(b"a"), lambda o, r: o.strip(b"a"), lambda o, r: o.startswith(o), lambda o, r: o.__init__(b"abc"),
    lambda o, r: io.BytesIO(o).readinto(o), lambda o, r: hash(bytes(o)), lambda o, r: o.zfill(50), lambda o, r: o.expandtabs(3), lambda o, r: o.splitlines(), lambda o, r: o.partition(b"b"), lambda o, r: o.rindex(b"c"), lambda o, r: o.isalpha(), lambda o, r: o.title(), lambda o, r: repr(o), lambda o, r: o.resize(100), lambda o, r: pickle.dumps(o),
    lambda o, r: memoryview(o)[::2].tolist(), lambda o, r: memoryview(o).__setitem__(slice(0, 2), b"zz"), lambda o, r: __import__("zlib").crc32(o), lambda o, r: __import__("zlib").compress(o), lambda o, r: __import__("binascii").b2a_base64(o), lambda o, r: __import__("hashlib").sha256(o).digest(), lambda o, r: json.loads(o), lambda o, r: int.from_bytes(o),
]


@race(*BYTES_OPERATIONS, check=lambda o: len(bytes(o)) == len(o))
def bytearrays():
    return bytearray(b"abcabc")


@race(lambda o, r: o[0].append(1), lambda o, r: o[1].append(memoryview(o[0])), lambda o, r: o[1].pop().release(), lambda o, r: o[1][0].release(), lambda o, r: o[1][0].tobytes(), lambda o, r: o[1][0][1:3].tolist(), lambda o, r: o[1][0].cast("H").tolist(), lambda o, r: o[1].clear(), lambda o, r: o[0].clear(), lambda o, r: o[0].extend(b"abcdefgh"),
      lambda o, r: o[1][-1].__setitem__(0, 5), lambda o, r: hash(o[1][0].toreadonly()), lambda o, r: o[1][0] == o[1][1], lambda o, r: [x for x in o[1][0]], lambda o, r: o[1][0].hex(), lambda o, r: o[1].append(o[1][0][::2]), lambda o, r: o[1][0].__exit__(), lambda o, r: bytes(o[1][0]), lambda o, r: memoryview(o[1][0]).nbytes)
def views():
    return bytearray(b"abcdefgh"), []


@race(lambda o, r: o.append(5), lambda o, r: o.pop(), lambda o, r: o.extend(o) if len(o) < 1000 else o.__delitem__(slice(None)), lambda o, r: o.insert(0, 3), lambda o, r: o.byteswap(), lambda o, r: o.tobytes(), lambda o, r: o.frombytes(b"12345678"), lambda o, r: o.__setitem__(slice(0, 2), array.array("q", [1, 2, 3])), lambda o, r: o.tolist(), lambda o, r: o.fromlist([1, 2]),
      lambda o, r: o.reverse(), lambda o, r: memoryview(o).tolist(), lambda o, r: o * 2, lambda o, r: o.__imul__(1), lambda o, r: o == o[:], lambda o, r: o.index(5), lambda o, r: o.count(5), lambda o, r: [x for x in o], lambda o, r: sum(o), lambda o, r: o.__delitem__(slice(None, None, 2)), lambda o, r: o.buffer_info(), lambda o, r: copy.copy(o), lambda o, r: pickle.dumps(o), lambda o, r: repr(o), lambda o, r: max(o), lambda o, r: o.clear())
def arrays():
    return array.array("q", [1, 2, 3])


@race(lambda o, r: o.append(r.random()), lambda o, r: o.appendleft(1), lambda o, r: o.pop(), lambda o, r: o.popleft(), lambda o, r: o.rotate(r.randrange(-5, 5)), lambda o, r: o.extend(range(r.randrange(30))), lambda o, r: o.extendleft("ab"), lambda o, r: o.clear(), lambda o, r: o.reverse(), lambda o, r: list(o), lambda o, r: o[len(o) // 2],
      lambda o, r: o.insert(2, 5), lambda o, r: o.remove(1), lambda o, r: o.__delitem__(1), lambda o, r: o.__setitem__(0, 0), lambda o, r: o == o.copy(), lambda o, r: o + o, lambda o, r: o.__imul__(2) if len(o) < 100 else o.clear(), lambda o, r: o.index(1), lambda o, r: o.count(1), lambda o, r: [x for x in o], lambda o, r: list(reversed(o)), lambda o, r: repr(o), lambda o, r: pickle.dumps(o), lambda o, r: o.__init__([1], 5), lambda o, r: sorted(o, key=str))
def deques():
    return collections.deque([1, 2, 3])


@race(lambda o, r: o.__setitem__(r.randrange(20), 1), lambda o, r: o.pop(r.randrange(20), None), lambda o, r: o.popitem(r.randrange(2)), lambda o, r: o.move_to_end(r.randrange(20), r.randrange(2)), lambda o, r: o.clear(), lambda o, r: list(o), lambda o, r: list(reversed(o.items())), lambda o, r: o == o.copy(), lambda o, r: o.update({i: i for i in range(10)}), lambda o, r: o.setdefault(3, 4), lambda o, r: repr(o),
      lambda o, r: [k for k in o], lambda o, r: o | {1: 2}, lambda o, r: pickle.dumps(o), lambda o, r: o.__init__(a=1), lambda o, r: dict.__setitem__(o, 7, 8), lambda o, r: dict.pop(o, 3), lambda o, r: dict.clear(o), lambda o, r: o.__delitem__(1), lambda o, r: o.__reduce__())
def ordered_dicts():
    return collections.OrderedDict()


@race(lambda o, r: o.update("abcabc"), lambda o, r: o.subtract("ab"), lambda o, r: o.most_common(2), lambda o, r: list(o.elements()), lambda o, r: o.total(), lambda o, r: o + o, lambda o, r: o.__iadd__(o), lambda o, r: o.__delitem__("a"), lambda o, r: o.clear(), lambda o, r: o & o)
def counters():
    return collections.Counter("abc")


@race(lambda o, r: o[r.randrange(40)].append(1), lambda o, r: o.pop(r.randrange(40)), lambda o, r: setattr(o, "default_factory", r.choice([list, dict, None])), lambda o, r: o.copy(), lambda o, r: o | {1: 2}, lambda o, r: repr(o), lambda o, r: o.clear(), lambda o, r: pickle.dumps(o))
def default_dicts():
    return collections.defaultdict(list)


def make_iterators():
    data = list(range(300))
    table = {i: i for i in range(100)}
    return [iter(data), iter(table), iter(table.items()), iter(set(data)), iter(collections.deque(data)), iter("text" * 30), iter(b"bytes" * 30), iter(bytearray(b"bytes" * 30)), iter(range(1000)), iter(range(2**70, 2**70 + 99)), iter(tuple(data)), reversed(data), reversed(table), iter(array.array("i", data)), iter(memoryview(b"abc" * 30)),
            map(str, data), filter(None, data), zip(data, data), zip(data, table, strict=True), enumerate(data), enumerate(data, 2**70), itertools.count(), itertools.count(2**62), itertools.count(0.5, 0.25), itertools.cycle([1, 2, 3]), itertools.repeat(1, 500), *itertools.tee(data, 3), itertools.chain(data, data), itertools.chain.from_iterable([data] * 3), itertools.groupby([1, 1, 2, 2, 3] * 30),
            itertools.product([1, 2, 3], repeat=3), itertools.permutations(range(5)), itertools.combinations(range(7), 3), itertools.combinations_with_replacement(range(5), 3), itertools.islice(data, 2, None, 3), itertools.accumulate(data), itertools.pairwise(data), itertools.batched(data, 3), itertools.zip_longest(data, "ab"), itertools.compress(data, data), itertools.dropwhile(lambda x: x < 9, data), itertools.takewhile(lambda x: x < 99, data),
            itertools.starmap(pow, zip(data, data)), itertools.filterfalse(None, data), iter(lambda: 1, 2), re.finditer("a", "banana" * 30), struct.iter_unpack("b", b"abc" * 50), csv.reader(["a,b"] * 200), (x for x in data), io.StringIO("a\n" * 200), io.BytesIO(b"a\n" * 200), iter(list[int])]


def step_group(o, r):
    key, group = next(o[30])
    o.append(group)


@race(lambda o, r: next(o[r.randrange(len(o))]), lambda o, r: next(o[r.randrange(len(o))]), lambda o, r: next(o[r.randrange(len(o))]), lambda o, r: [next(o[i], 0) for i in range(len(o))], lambda o, r: [next(o[i], 0) for i in range(len(o))], lambda o, r: operator.length_hint(o[r.randrange(len(o))]), lambda o, r: copy.copy(o[r.randrange(len(o))]), lambda o, r: list(itertools.islice(zip(*[r.choice(o)] * 3), 20)),
      lambda o, r: o[r.randrange(len(o))].__reduce__(), lambda o, r: o[r.randrange(len(o))].__setstate__(r.choice([0, 5, -1, (1, 2), 10**6])), step_group, lambda o, r: repr(r.choice(o)), lambda o, r: o[23].__setstate__, lambda o, r: list(itertools.islice(r.choice(o), 10)))
def iterators():
    return make_iterators()


def counting():
    total = 0
    while True:
        total += (yield total) or 1


@race(lambda o, r: next(o), lambda o, r: o.send(2), lambda o, r: o.throw(ValueError) if r.randrange(100) == 0 else 0, lambda o, r: o.close() if r.randrange(200) == 0 else 0, lambda o, r: o.gi_frame.f_locals, lambda o, r: o.gi_running, lambda o, r: o.gi_frame.f_lineno, lambda o, r: o.gi_frame.clear() if r.randrange(99) == 0 else 0, lambda o, r: o.gi_yieldfrom, lambda o, r: list(itertools.islice(o, 9)), lambda o, r: o.gi_frame.f_locals.update(total=5), lambda o, r: o.gi_frame.f_back)
def generators():
    return counting()


async def waits():
    class Awaitable:
        def __await__(self):
            for i in range(50):
                yield i
    while True:
        await Awaitable()


@race(lambda o, r: o.send(None), lambda o, r: o.send(None), lambda o, r: o.throw(ValueError) if r.randrange(100) == 0 else 0, lambda o, r: o.close() if r.randrange(200) == 0 else 0, lambda o, r: o.cr_frame, lambda o, r: o.cr_await, lambda o, r: o.cr_running, lambda o, r: next(o.__await__()), lambda o, r: o.cr_frame.clear())
def coroutines():
    return waits()


async def async_counting():
    for i in range(100):
        yield i


@race(lambda o, r: o.asend(None).send(None), lambda o, r: o.__anext__().send(None), lambda o, r: o.athrow(ValueError).send(None) if r.randrange(50) == 0 else 0, lambda o, r: o.aclose().send(None) if r.randrange(50) == 0 else 0, lambda o, r: o.ag_frame, lambda o, r: o.ag_running, lambda o, r: o.ag_await)
def async_generators():
    return async_counting()


@race(lambda o, r: o[0].__setitem__(Weak(), 1), lambda o, r: o[1].add(Weak()), lambda o, r: o[2].__setitem__(r.randrange(9), Weak()), lambda o, r: o[3].append(Weak()), lambda o, r: o[3].pop(), lambda o, r: o[0].__setitem__(o[3][0], 2), lambda o, r: o[1].add(o[3][0]), lambda o, r: o[2].__setitem__(1, o[3][-1]), lambda o, r: list(o[0]), lambda o, r: len(o[1]), lambda o, r: list(o[2].items()), lambda o, r: o[2].get(1),
      lambda o, r: [k for k in o[1]], lambda o, r: weakref.ref(o[3][0], lambda ref: o[3].append(Weak())), lambda o, r: weakref.finalize(o[3][0], o[3].clear), lambda o, r: weakref.getweakrefs(o[3][0]), lambda o, r: weakref.getweakrefcount(o[3][0]), lambda o, r: weakref.proxy(o[3][0]).x, lambda o, r: o[0].keyrefs(), lambda o, r: o[2].valuerefs(), lambda o, r: o[2].pop(1), lambda o, r: o[1].discard(o[3][0]), lambda o, r: hash(weakref.ref(o[3][0])))
def weak_containers():
    return weakref.WeakKeyDictionary(), weakref.WeakSet(), weakref.WeakValueDictionary(), []


@race(lambda o, r: o.random(), lambda o, r: o.getrandbits(100), lambda o, r: o.seed(r.randrange(99)), lambda o, r: o.setstate(o.getstate()), lambda o, r: o.shuffle(list(range(20))), lambda o, r: o.sample(range(99), 5), lambda o, r: o.gauss())
def random_generators():
    return random.Random(1)


@functools.lru_cache(8)
def cached(x):
    return [x]


@race(lambda o, r: o(r.randrange(20)), lambda o, r: o(r.randrange(20)), lambda o, r: o(x=r.randrange(3)), lambda o, r: o.cache_clear() if r.randrange(30) == 0 else 0, lambda o, r: o.cache_info(), check=lambda o: o(5) == [5])
def caches():
    return cached


@race(lambda o, r: o(1), lambda o, r: o.__setstate__((len, ("abc",), {}, {"z": 1})), lambda o, r: o.__setstate__((max, (1, 2), {"key": abs}, None)), lambda o, r: repr(o), lambda o, r: o.args, lambda o, r: o.keywords.update(a=1), lambda o, r: o.__reduce__(), lambda o, r: copy.copy(o), lambda o, r: o.__dict__.clear(), lambda o, r: functools.partial(o, 3)())
def partials():
    return functools.partial(int, base=10)


@race(lambda o, r: o.put(r.random()), lambda o, r: o.get_nowait(), lambda o, r: o.get(timeout=0.0001), lambda o, r: o.qsize(), lambda o, r: o.empty(), lambda o, r: o.get(False))
def simple_queues():
    return queue.SimpleQueue()


VARIABLE = contextvars.ContextVar("variable")


@race(lambda o, r: o.run(VARIABLE.set, r.random()), lambda o, r: o.run(lambda: VARIABLE.reset(VARIABLE.set(1))), lambda o, r: o.copy().run(VARIABLE.get), lambda o, r: list(o.items()), lambda o, r: o.get(VARIABLE), lambda o, r: len(o), lambda o, r: o == o.copy(), lambda o, r: contextvars.copy_context().run(o.copy().run, VARIABLE.get, 1))
def contexts():
    return contextvars.copy_context()


@race(lambda o, r: o[0].match(), lambda o, r: o[0].search(), lambda o, r: o[1].findall("aab" * 50), lambda o, r: o[1].sub(lambda m: m[0] * 2, "aab" * 20), lambda o, r: o[1].split("aab" * 20), lambda o, r: o[1].fullmatch(o[2]), lambda o, r: o[1].search(bytes(o[2])), lambda o, r: o[3].search(o[2]), lambda o, r: o[2].extend(b"a"), lambda o, r: o[2].clear(), lambda o, r: o[3].sub(b"x", o[2]), lambda o, r: [m.span() for m in o[3].finditer(o[2])], lambda o, r: re.compile("a{%d}" % r.randrange(600)), lambda o, r: re.purge())
def patterns():
    return re.compile("(a+)(b)?").scanner("aab" * 500), re.compile("(a+)(b)?"), bytearray(b"aab" * 20), re.compile(b"(a+)(b)?")


@race(lambda o, r: o[0].encode(o[2]), lambda o, r: list(o[0].iterencode(o[2])), lambda o, r: o[1].decode('{"a": [1, 2.5, {"b": null}]}'), lambda o, r: o[2].__setitem__("k%d" % r.randrange(9), [1, {"x": None}]), lambda o, r: o[2].clear(), lambda o, r: o[2].setdefault("l", []).append(1.5), lambda o, r: o[2]["l"].clear(), lambda o, r: json.dumps(o[2], indent=1, sort_keys=True), lambda o, r: setattr(o[0], "indent", r.choice([None, 2, "x"])), lambda o, r: setattr(o[1], "strict", False), lambda o, r: json.loads(json.dumps(o[2])))
def json_coders():
    return json.JSONEncoder(), json.JSONDecoder(object_hook=lambda d: d), {}


@race(lambda o, r: o[0].dump(o[2]), lambda o, r: o[0].clear_memo(), lambda o, r: o[0].memo.copy(), lambda o, r: setattr(o[0], "memo", {}), lambda o, r: o[1].truncate(0), lambda o, r: o[2].append({"a": (1, "b", b"c")}), lambda o, r: o[2].clear(), lambda o, r: o[3].load(), lambda o, r: o[3].memo, lambda o, r: setattr(o[3], "memo", {0: 1}), lambda o, r: o[0].__init__(o[1], 2), lambda o, r: o[3].__init__(io.BytesIO(pickle.dumps([{}, ()] * 9))), lambda o, r: setattr(o[3], "persistent_load", str), lambda o, r: setattr(o[0], "dispatch_table", {}), lambda o, r: setattr(o[0], "fast", 1))
def picklers():
    file = io.BytesIO()
    return pickle.Pickler(file), file, [], pickle.Unpickler(io.BytesIO(pickle.dumps([1, (2, {"a": [3]})]) * 30))


@race(lambda o, r: o[0].writerow([1, "a,b", None]), lambda o, r: o[1].getvalue(), lambda o, r: o[1].truncate(0), lambda o, r: o[1].seek(0), lambda o, r: next(o[2]), lambda o, r: o[2].line_num, lambda o, r: csv.field_size_limit(1000), lambda o, r: csv.register_dialect("d", delimiter=";"), lambda o, r: csv.unregister_dialect("d"), lambda o, r: csv.list_dialects())
def csv_files():
    file = io.StringIO()
    return csv.writer(file), file, csv.reader(['a,"b', 'c",d'] * 300)


if __name__ == "__main__":
    run_all()
