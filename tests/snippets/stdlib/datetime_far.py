# Datetimes and durations at the ends of their range, and where words end.
import os
import time
from datetime import date, datetime, timedelta, timezone

os.environ["TZ"] = "CET-1CEST,M3.5.0,M10.5.0/3"
time.tzset()


def attempt(what):
    try:
        return what()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


for delta in (timedelta.max, timedelta.min, timedelta(microseconds=-1), timedelta(days=106751991, seconds=14454, microseconds=775807),
              timedelta(days=106751991, seconds=14454, microseconds=775808), -timedelta(days=106751991, seconds=14454, microseconds=775809),
              timedelta(microseconds=2**53), timedelta(microseconds=2**53 + 1), timedelta(microseconds=-(2**53) - 1), timedelta(0)):
    print(repr(delta), delta.total_seconds(), attempt(lambda: delta + timedelta.resolution), attempt(lambda: delta * 2),
          delta // 7, delta % timedelta(days=3), attempt(lambda: delta / 3), abs(delta) >= timedelta(0))
for moment in (datetime.min, datetime.max, datetime(1970, 1, 1), datetime(1969, 12, 31, 23, 59, 59, 999999), datetime(2024, 10, 27, 2, 30),
               datetime(2024, 10, 27, 2, 30, fold=1), datetime(2024, 3, 31, 2, 30), datetime(2024, 3, 31, 2, 30, fold=1)):
    print(moment, attempt(lambda: moment + timedelta.resolution), attempt(lambda: moment - timedelta.resolution),
          attempt(lambda: moment + timedelta.max), moment - datetime(2000, 1, 1), attempt(moment.timestamp),
          attempt(lambda: moment.replace(tzinfo=timezone.utc).timestamp()), attempt(lambda: moment.astimezone().isoformat()))
for stamp in (0, -1, -0.5, 1e9, 1729989000, 1729992600, 1711846800, 253402300799, 1.9999999, 1e20):
    print(stamp, attempt(lambda: datetime.fromtimestamp(stamp)), attempt(lambda: datetime.fromtimestamp(stamp).fold),
          attempt(lambda: datetime.fromtimestamp(stamp, timezone.utc)), attempt(lambda: date.fromtimestamp(stamp)))
print(abs((datetime.now() - datetime.fromtimestamp(time.time())).total_seconds()) < 5)
print(datetime(2024, 7, 1).astimezone().tzname(), datetime(2024, 1, 1).astimezone().tzname())
