"""sys.monitoring: tools, callbacks, events."""
import sys

m = sys.monitoring
E = m.events
print([(name, getattr(E, name)) for name in sorted(vars(E))])


def t(function, *args):
    try:
        print(function(*args))
    except Exception as error:
        print(type(error).__name__, error)


t(m.use_tool_id, 6, 'a')
t(m.use_tool_id, 1, 2)
t(m.use_tool_id, 1, 'a')
t(m.use_tool_id, 1, 'b')
t(m.get_tool, 1)
t(m.set_events, 2, 1)
t(m.set_events, 1, -1)
t(m.set_events, 1, E.C_RETURN)
t(m.set_local_events, 1, 3, 1)
t(m.set_local_events, 1, t.__code__, E.RAISE)
t(m.register_callback, 1, 3, print)
t(m.register_callback, 1, 1 << 30, print)
t(m.free_tool_id, 1)
t(m.get_tool, 1)


def f(a):
    try:
        pass
    except ValueError:
        pass
    for i in range(2):
        if i:
            len('a')
    return a


def g():
    x = yield 1
    yield x


def h():
    try:
        int('x')
    except ValueError:
        raise KeyError


log = []


def hear(name):
    def callback(code, *args):
        if code.co_filename == __file__ and code.co_name != '<module>':
            if name == 'LINE':
                log.append((name, code.co_name, args[0]))
            elif name == 'CALL':
                log.append((name, code.co_name, args[1].__name__))
            else:
                log.append((name, code.co_name) + tuple(repr(arg) for arg in args[1:2] if not callable(arg)))
    return callback


m.use_tool_id(2, 'x')
wanted = 0
for name in 'PY_START PY_RESUME PY_RETURN PY_YIELD PY_UNWIND CALL C_RETURN C_RAISE LINE RAISE'.split():
    m.register_callback(2, getattr(E, name), hear(name))
    wanted |= getattr(E, name)
m.set_events(2, wanted)
f(2)
list(g())
try:
    h()
except KeyError:
    pass
m.set_events(2, 0)
for entry in log:
    print(entry)

lines = []


def once(code, line):
    lines.append(line)
    return m.DISABLE


m.register_callback(2, E.LINE, once)
m.set_local_events(2, f.__code__, E.LINE)
f(3)
count = len(lines)
f(3)
print(count == len(lines))
m.restart_events()
f(1)
print(len(lines) == 2 * count, sorted(set(lines)))
m.free_tool_id(2)
