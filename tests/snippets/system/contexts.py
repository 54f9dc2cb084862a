import contextvars

def t(f, *a, **k):
    try:
        r = f(*a, **k)
    except BaseException as e:
        print(type(e).__name__, e)
    else:
        print(repr(r))

v = contextvars.ContextVar('v', default=3)
u = contextvars.ContextVar('u')
t(v.get)
t(lambda: u.get(7))
token = v.set(4)
t(v.get)
print(token.old_value, token.var is v)
v.reset(token)
t(v.get)
try:
    u.get()
except LookupError as e:
    print(e.args[0] is u)
context = contextvars.copy_context()
print(len(context), v in context)
def run():
    v.set(9)
    return v.get()
t(context.run, run)
t(v.get)
print(context[v], list(context) == [v], context.get(u), context == context.copy(), dict(context.items()) == {v: 9})
t(lambda: context[3])
t(contextvars.ContextVar, 3)
t(contextvars.Token)
t(contextvars.Context, 3)
with v.set(22):
    t(v.get)
t(v.get)
t(v.reset, 3)
token = v.set(1)
v.reset(token)
try:
    v.reset(token)
except RuntimeError as e:
    print(str(e).split('>')[-1])
t(lambda: contextvars.Token.MISSING)
