import _thread, time

def t(f, *a, **k):
    try:
        r = f(*a, **k)
    except BaseException as e:
        print(type(e).__name__, e)
    else:
        print(repr(r))

lock = _thread.allocate_lock()
for call in [(), (False,), (True, 0.01), (False, 1)]:
    t(lock.acquire, *call)
t(lock.acquire, timeout=-2)
t(lock.acquire, timeout=1e20)
t(lock.release)
t(lock.release)
rlock = _thread.RLock()
t(rlock.acquire)
t(rlock.acquire)
t(rlock._recursion_count)
state = rlock._release_save()
t(rlock._is_owned)
rlock._acquire_restore(state)
t(rlock.locked)
for _ in range(3):
    t(rlock.release)

out = []
handle = _thread.start_joinable_thread(lambda: out.append(1))
handle.join()
print(out, handle.is_done())
t(_thread.start_new_thread, 3, ())
t(_thread.start_new_thread, print, 3)
t(_thread.start_new_thread, print, (), 3)

local = _thread._local()
local.x = 1
def other():
    try:
        local.x
    except AttributeError as e:
        out.append(str(e))
    local.x = 2
    out.append(local.__dict__)
out.clear()
_thread.start_joinable_thread(other).join()
print(out, local.x, local.__dict__)
t(lambda: local.y)
t(setattr, local, '__dict__', 3)
t(_thread._local, 3)

class Local(_thread._local):
    n = 5
    def __init__(self, a, *, k):
        self.a = a
        self.k = k
m = Local(3, k=4)
out.clear()
_thread.start_joinable_thread(lambda: out.append((m.a, m.k, m.n))).join()
print(out)

def recurse(n):
    return 0 if n == 0 else 1 + recurse(n - 1)
def deep():
    try:
        recurse(10**6)
    except RecursionError:
        out.append('RecursionError')
_thread.start_joinable_thread(deep).join()
print(out[-1])

count = 0
def add():
    global count
    for _ in range(1000):
        with rlock:
            with rlock:
                count += 1
handles = [_thread.start_joinable_thread(add) for _ in range(4)]
for handle in handles:
    handle.join()
print(count)
