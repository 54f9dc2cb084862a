"""Values, texts and errors of the native datetime classes."""
from _datetime import date, datetime, time, timedelta, timezone, tzinfo


def t(source):
    try:
        print(source, '->', repr(eval(source)))
    except Exception as error:
        print(source, '->', type(error).__name__, error)


d = date(2000, 1, 2)
D = datetime(2000, 1, 2, 3, 4, 5, 6)
T = time(1, 2, 3, 4)
td = timedelta(1, 2, 3)
tz = timezone(timedelta(hours=1))


class BZ(tzinfo):
    def utcoffset(self, moment):
        return 3

    def dst(self, moment):
        return timedelta(2)


CASES = r'''
date()
date(1, 2)
date('a', 1, 1)
date(b'abc')
date(2001, 2, 29)
date(b'\x07\xd0\x01\x02')
date(year=1, month=2, day=3)
time(24)
time(fold=2)
time(tzinfo=3)
time(b'\x81\x02\x03\x00\x00\x04')
datetime(b'\x07\xd0\x01\x02\x03\x04\x05\x00\x00\x06', 3)
timedelta('a')
timedelta(1, 2, 3, 4, 5, 6, 7)
timedelta(10**9)
timedelta(float('nan'))
timedelta(1.5)
timedelta(microseconds=1.5)
timedelta(1, x=3)
td + 1
td * 1.5
td / 2
td / td
td // td
td % timedelta(0)
divmod(td, td)
-td
str(timedelta(2, 3, 4))
td.total_seconds()
td.__reduce__()
timedelta.max * 2
-timedelta.max
tzinfo().utcoffset(None)
tzinfo().fromutc(D)
timezone()
timezone(td)
timezone(timedelta(0)) is timezone.utc
timezone(timedelta(hours=1), name='x')
str(timezone(timedelta(0, -3661, -5)))
tz.utcoffset(1)
tz.fromutc(D.replace(tzinfo=tz))
timezone.min
d + td
d - d
d - D
date.max + td
d < D
d == D
D.ctime()
d.strftime('%Y %f')
d.timetuple()
d.isocalendar()
d.replace(x=1)
d.__replace__(day=5)
d.__reduce__()
date.fromordinal(10**8)
date.fromtimestamp('a')
date.fromisoformat('2000-W01-1')
date.fromisoformat('2000-13-01')
date.fromisocalendar(2000, 54, 1)
date.strptime('2000', '%Y')
T < time(1, 2, 3, 4, tzinfo=tz)
T == time(1, 2, 3, 4, tzinfo=tz)
T.isoformat('x')
repr(time(1, 2, tzinfo=tz, fold=1))
time(tzinfo=BZ()).utcoffset()
time(tzinfo=BZ()).dst()
T.replace(fold=1).__reduce_ex__(4)
time.fromisoformat('01:02:03.123456789+01:00')
time.fromisoformat('24:00:01')
time.fromisoformat('0102:03')
D + td
D - D.replace(tzinfo=tz)
D < D.replace(tzinfo=tz)
D.isoformat(' ')
repr(D.replace(tzinfo=tz, fold=1))
D.replace(tzinfo=tz).timestamp()
D.replace(tzinfo=tz).astimezone(timezone.utc)
D.utctimetuple()
datetime.fromtimestamp(1.5, tz)
datetime.fromtimestamp(1e20)
datetime.combine(d, T, tz)
datetime.fromisoformat('20000102T030405.123Z')
datetime.fromisoformat('2000-12-31T24:00')
datetime.fromisoformat('2000-01-02 03:04+24:00')
D.replace(tzinfo=tz).strftime('%z %:z %Z %%z')
hash(D.replace(tzinfo=tz)) == hash(D.replace(tzinfo=tz).astimezone(timezone.utc))
datetime.max + td
'''
for case in CASES.strip().splitlines():
    t(case)
