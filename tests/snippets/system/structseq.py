import sys, time

def t(f, *a, **k):
    try:
        r = f(*a, **k)
    except BaseException as e:
        print(type(e).__name__, e)
    else:
        print(repr(r))

x = time.gmtime(0)
t(lambda: x)
t(type(sys.flags))
t(time.struct_time, (1,))
t(time.struct_time, 5)
t(time.struct_time, (1,) * 20)
t(setattr, x, 'tm_year', 3)
t(setattr, x, 'foo', 3)
t(x.__replace__, x=3)
t(x.__replace__, 3)
t(x.__replace__, tm_year=4)
t(time.struct_time, (1,) * 9, {'tm_zonee': 4})
t(lambda: time.struct_time((1,) * 9, {'tm_zone': 'a'}).tm_zone)
t(x.__reduce__)
print(x == tuple(x), hash(x) == hash(tuple(x)), x[0], x[1:3], time.struct_time.__match_args__, x.n_fields, x.n_sequence_fields)
print(time.struct_time.__mro__)
t(lambda: type('S', (time.struct_time,), {}))
print(len(sys.flags), sys.flags.__reduce__()[1][1].keys(), type(sys.flags).n_fields)
