import time

def t(f, *a, **k):
    try:
        r = f(*a, **k)
    except BaseException as e:
        print(type(e).__name__, e)
    else:
        print(repr(r))

for bad in (1e400, float('nan'), 1 << 70, 1 << 60, 'a'):
    t(time.gmtime, bad)
x = time.gmtime(1700000000)
t(time.asctime, x)
t(time.strftime, '%Y-%m-%d %H:%M:%S %a %A %b %B %j %p %U %w %y %% é %5Y|%-d|%', x)
t(time.asctime, (1,))
t(time.asctime, 3)
for fields in [(2000, 13, 1, 0, 0, 0, 0, 1, 0), (2000, 1, 32, 0, 0, 0, 0, 1, 0), (2000, 1, 1, 24, 0, 0, 0, 1, 0), (2000, 0, 0, 0, 0, 0, -1, 0, 0),
               (2000, 1, 1, 0, 0, 0, -2, 1, 0), (2000, 1, 1, 0, 0, 0, 0, 400, 0), (1 << 40, 1, 1, 0, 0, 0, 0, 1, 0)]:
    t(time.strftime, '%Y', fields)
t(time.sleep, -1)
t(time.sleep, float('nan'))
t(time.sleep, 'a')
t(time.sleep, 1e300)
t(time.get_clock_info, 'x')
t(time.clock_gettime, 9999)
t(time.strftime, 'a\x00b%Y', x)
t(time.strftime, '\udc80%Y', x)
