# Fields of strftime at and beyond the ends of their ranges, with flags, widths and modifiers.
import datetime
import time

FORMATS = ("%Y|%m|%d", "%H:%M:%S", "%j %y %C", "%-d %5Y %EY %Od", "%%Y%Y%", "%Q %Y\u20ac%d\0%m", "%Y" * 3)
for year in (-5, 0, 5, 99, 999, 1000, 1999, 9999, 10000, 123456):
    for rest in ((1, 1, 0, 0, 0, 0, 1, -1), (12, 31, 23, 59, 61, 6, 366, 1), (0, 0, 9, 9, 9, -1, 0, 0)):
        print(year, [time.strftime(format, (year, *rest)) for format in FORMATS])
for moment in (datetime.datetime(1, 1, 1), datetime.datetime(999, 2, 3, 4, 5, 6, 7), datetime.datetime(9999, 12, 31, 23, 59, 59)):
    print([moment.strftime(format) for format in FORMATS], f"{moment:%Y%m%d%H%M%S%f%j}")
print(datetime.time(1, 2, 3).strftime("%Y %m %d %H%M%S %j"), datetime.date(2024, 12, 31).strftime("%j %H"))
