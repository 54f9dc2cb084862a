"""Days and moments moved within and across months, to the edges of the calendar and beyond."""
from datetime import *
d = datetime(2020,2,28,23,59,59,999999)
for t in (timedelta(microseconds=1), timedelta(days=366), timedelta(-1), timedelta(days=100000), timedelta(days=-737000)):
    print(d + t, d - t if t.days > -1000 else None)
for bad in (timedelta(days=3000000), -timedelta(days=800000), timedelta.max, timedelta.min):
    try: d + bad
    except OverflowError as e: print(e)
class D(datetime): pass
print(type(D(2020,1,1) + timedelta(1)), D(2020,1,1,fold=1) + timedelta(1) )
print((datetime(2020,1,1,fold=1)+timedelta(1)).fold, datetime(2020,1,1) < datetime(2020,1,1,0,0,0,1), datetime(2020,1,1,fold=1) == datetime(2020,1,1), datetime(1,1,1) > datetime(9999,1,1))
print(date(1,1,1) + timedelta(3652058), date(9999,12,31) - timedelta(3652058), date(1900,2,28)+timedelta(1), date(2000,2,28)+timedelta(1))
