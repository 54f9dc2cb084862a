# Zones of made-up TZif data: tables, POSIX texts, caches, pickling, errors.
import datetime as dt
import gc
import io
import os
import pickle
import random
import shutil
import struct
import tempfile
import threading
from datetime import datetime, timedelta, timezone

import zoneinfo
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1)


def head(version, transitions, kinds, letters):
    return b"TZif" + version + b"\0" * 15 + struct.pack(">6l", 0, 0, 0, transitions, kinds, letters)


def tzif(text, transitions=(), kinds=((0, 0, 0),), letters=b"LMT\0DST\0", version=b"2"):
    if version == b"\0":
        data = head(version, len(transitions), len(kinds), len(letters))
        moment = ">l"
    else:
        data = head(version, 0, 0, 0) + head(version, len(transitions), len(kinds), len(letters))
        moment = ">q"
    data += b"".join(struct.pack(moment, when) for when, _ in transitions) + bytes(kind for _, kind in transitions)
    data += b"".join(struct.pack(">lbb", *kind) for kind in kinds) + letters
    return io.BytesIO(data if version == b"\0" else data + b"\n" + text + b"\n")


def outcome(work):
    try:
        return work()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


KEYS = ["UTC", "Etc/UTC"] + [f"Etc/GMT+{number}" for number in range(1, 9)]
folder = tempfile.mkdtemp()
os.mkdir(os.path.join(folder, "Etc"))
for key in KEYS:
    with open(os.path.join(folder, key), "wb") as file:
        file.write(tzif(b"UTC0").getvalue())
zoneinfo.reset_tzpath([folder])

print("-- POSIX texts")
TEXTS = """UTC0|A0|<+0>0|<>0|<A|<A_>0|AAA|AAA+|AAA25|AAA24|AAA24:99|AAA1:|AAA1:2|AAA1:02:3|AAA001|AAA0001|AAA025|AAA0BBB
AAA0BBB,|AAA0BBB1|AAA0BBB,J1|AAA0BBB,J1,|AAA0BBB,J0,J2|AAA0BBB,J366,J2|AAA0BBB,366,J2|AAA0BBB,0,365|AAA0BBB,0/168,J2
AAA0BBB,0/-167,J2|AAA0BBB,0/167:99,J2|AAA0BBB,0/2:61,J2|AAA0BBB,M0.1.1,J2|AAA0BBB,M13.1.1,J2|AAA0BBB,M1.0.1,J2|AAA0BBB,M1.6.1,J2
AAA0BBB,M1.5.7,J2|AAA0BBB,M1.5.6,J2x|AAA0BBB,M1,J2|AAA0BBB,1234,J2|AAA0BBB25,1,2|AAA0B1,1,2|AAA0<BB_B>1,1,2|1AAA0|AAA 0|AAA+-1
AAA-0:30BBB0:30,J60/2:00,J300/1:02:03|AAA0BBB,M3.2.0,M11.1.0/-1:30:15|AAA0BBB,-1,2|<-03>3<-02>,M3.5.0/-2,M10.5.0/-1""".replace("\n", "|")
for text in TEXTS.split("|"):

    def look():
        zone = ZoneInfo.from_file(tzif(text.encode()))
        moments = [datetime(2024, 6, 1, 12, tzinfo=zone), datetime(2024, 1, 1, tzinfo=zone)]
        return [(str(m.utcoffset()), str(m.dst()), m.tzname()) for m in moments]

    print(text, outcome(look))

print("-- tables")
numbers = random.Random(5)
RULES = [b"", b"UTC0", b"AAA-1BBB,M3.5.0,M10.5.0/3", b"AAA5BBB,M10.5.0,M3.5.0/3", b"AAA0BBB1,J60/1,300", b"AAA-1BBB-1,59,J59", b"AAA3BBB2,0/0,J365/25"]
for number in range(40):
    version = numbers.choice([b"\0", b"2", b"3"])
    kinds = [(numbers.choice([0, 3600, -3600, 7200, 1800, -18000, 5000]), numbers.choice([0, 0, 1]), numbers.choice([0, 4])) for _ in range(numbers.randrange(1, 4))]
    whens = sorted({numbers.choice([numbers.randrange(-(2**31), 2**31), numbers.randrange(50000)]) for _ in range(numbers.choice([0, 1, 2, 3, 5]))})
    transitions = [(when, numbers.randrange(len(kinds))) for when in whens]
    zone = ZoneInfo.from_file(tzif(numbers.choice(RULES), transitions, kinds, version=version))
    answers = []
    for _ in range(12):
        when = numbers.choice(whens + [0, 1616896800, 1635649200]) + numbers.choice([0, 1, -1, 3600, -3600, 5000, numbers.randrange(-20000, 20000)])
        if numbers.randrange(3) == 0:
            when = numbers.randrange(-6 * 10**10, 2 * 10**11)
        moment = EPOCH + timedelta(seconds=when)
        for fold in (0, 1):
            shown = moment.replace(fold=fold)
            answers.append((str(zone.utcoffset(shown)), str(zone.dst(shown)), zone.tzname(shown)))
        local = zone.fromutc(moment.replace(tzinfo=zone))
        same = moment.replace(tzinfo=timezone.utc).astimezone(zone)
        assert (local, local.fold) == (same, same.fold)
        answers.append((str(local.replace(tzinfo=None)), local.fold))
    print(number, zone.utcoffset(None), answers[number % 12 * 3 :][:6])
    print("  ", struct.unpack(">I", __import__("hashlib").sha256(repr(answers).encode()).digest()[:4])[0])

print("-- arguments")
zone = ZoneInfo.from_file(tzif(b"CET-1CEST,M3.5.0,M10.5.0/3"), key="Made/Up")
plain = ZoneInfo.from_file(tzif(b"LMT0"))


class Late(datetime):
    def toordinal(self):
        return "x"


class Far(datetime):
    def toordinal(self):
        return 1 << 80


class Own(datetime):
    pass


for work in [
    lambda: zone.utcoffset(5),
    lambda: zone.utcoffset(dt.date(2020, 1, 1)),
    lambda: zone.utcoffset(dt.time(1)),
    lambda: zone.dst(Late(2020, 1, 1)),
    lambda: zone.tzname(Far(2020, 1, 1)),
    lambda: (zone.utcoffset(None), zone.dst(None), zone.tzname(None)),
    lambda: (plain.utcoffset(None), plain.dst(None), plain.tzname(None)),
    lambda: (dt.time(1, tzinfo=zone).utcoffset(), str(dt.time(1, tzinfo=plain))),
    lambda: zone.fromutc(5),
    lambda: zone.fromutc(dt.date(2020, 1, 1)),
    lambda: zone.fromutc(datetime(2020, 1, 1)),
    lambda: zone.fromutc(Own(2021, 10, 31, 1, 30, tzinfo=zone)),
    lambda: zone.fromutc(Own(2021, 10, 31, 0, 30, tzinfo=zone)),
    lambda: Own(2021, 7, 1, tzinfo=zone).astimezone(timezone.utc),
    lambda: datetime.max.replace(tzinfo=timezone.utc).astimezone(zone),
    lambda: datetime.min.replace(tzinfo=zone).astimezone(timezone.utc),
    lambda: ZoneInfo(),
    lambda: ZoneInfo("x", 2),
    lambda: ZoneInfo(ky="x"),
    lambda: ZoneInfo(1),
    lambda: ZoneInfo([]),
    lambda: ZoneInfo(""),
    lambda: ZoneInfo("../x"),
    lambda: ZoneInfo("No/Where"),
    lambda: ZoneInfo.no_cache(),
    lambda: ZoneInfo.no_cache("No/Where"),
    lambda: ZoneInfo.from_file(5),
    lambda: ZoneInfo.from_file(io.BytesIO(b"x")),
    lambda: ZoneInfo.from_file(tzif(b"", [], ())),
    lambda: ZoneInfo.from_file(tzif(b"", [(0, 1)])),
    lambda: ZoneInfo.from_file(tzif(b"", [(0, 0)], ((-(2**31), 0, 0),))).utcoffset(EPOCH),
    lambda: EPOCH.replace(tzinfo=ZoneInfo.from_file(tzif(b"", [(0, 0)], ((100000, 0, 0),)))).utcoffset(),
    lambda: ZoneInfo.from_file(tzif(b"", [(-(2**63), 0), (2**63 - 1, 0)], ((-5, 0, 0),))).utcoffset(EPOCH),
    lambda: ZoneInfo.clear_cache(only_keys=5),
    lambda: ZoneInfo._unpickle("UTC", "x"),
    lambda: (zone, str(zone), zone.key, str(plain)[:28], plain.key, hasattr(zone, "__dict__")),
    lambda: zone.__reduce__(),
    lambda: pickle.dumps(plain),
    lambda: setattr(ZoneInfo, "foo", 1),
    lambda: ZoneInfo._weak_cache,
    lambda: (ZoneInfo.__module__, ZoneInfo.__mro__[1:]),
]:
    print(outcome(work))

print("-- caches")


class Kept(ZoneInfo):
    pass


class Strange(ZoneInfo):
    pass


def forget():
    ZoneInfo.clear_cache()
    Kept.clear_cache()


utc = ZoneInfo("UTC")
print(utc is ZoneInfo(key="UTC"), utc is ZoneInfo.no_cache("UTC"), type(Kept("UTC")).__name__, Kept("UTC") is utc, repr(Kept("UTC"))[-15:])
print(utc.__reduce__()[1], ZoneInfo.no_cache("UTC").__reduce__()[1], type(Kept._weak_cache).__name__)
print(pickle.loads(pickle.dumps(utc)) is utc, pickle.loads(pickle.dumps(ZoneInfo.no_cache("UTC"))) is utc, ZoneInfo._unpickle("UTC", 257) is utc)
Strange._weak_cache = {"UTC": 1337}
print(outcome(lambda: Strange("UTC")))
del Strange._weak_cache
print(outcome(lambda: Strange("UTC")))
forget()
print(ZoneInfo("UTC") is utc)


class Key(str):
    __hash__ = str.__hash__

    def __eq__(self, other):
        Key.asked = True
        return str.__eq__(self, other)


print(ZoneInfo(Key("UTC")) is ZoneInfo("UTC"), Key.asked)
ZoneInfo.clear_cache(only_keys=["UTC"])

print("-- threads")
failures = []


def work(seed):
    own = random.Random(seed)
    for turn in range(200):
        key = own.choice(KEYS)
        zone = ZoneInfo(Key(key) if turn % 5 == 0 else key)
        if str(zone) != key or Kept(key).key != key:
            failures.append((key, zone))
        if turn % 40 == 0:
            ZoneInfo.clear_cache(only_keys=own.choice([None, [key]]))
        if turn % 100 == 0:
            gc.collect()


threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(failures)
shutil.rmtree(folder)
