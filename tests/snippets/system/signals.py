import _signal as signal, time, _thread

def t(f, *a, **k):
    try:
        r = f(*a, **k)
    except BaseException as e:
        print(type(e).__name__, e)
    else:
        print(repr(r))

def handler(number, frame):
    print('signal', number == signal.SIGALRM, frame.f_code.co_name)
signal.signal(signal.SIGALRM, handler)
signal.raise_signal(signal.SIGALRM)
t(signal.signal, 1, None)
t(signal.signal, 99, handler)
t(signal.signal, signal.SIGKILL, handler)
signal.setitimer(signal.ITIMER_REAL, 0.05)
start = time.monotonic()
time.sleep(0.2)
print(time.monotonic() - start >= 0.2)
lock = _thread.allocate_lock()
lock.acquire()
signal.setitimer(signal.ITIMER_REAL, 0.05)
print(lock.acquire(True, 0.2))
def failing(number, frame):
    raise KeyError('from handler')
signal.signal(signal.SIGALRM, failing)
for wait in (lock.acquire, lambda: time.sleep(3)):
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    t(wait)
def loop():
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        for i in range(10**9):
            pass
    except KeyError as e:
        print('left the loop', e)
loop()
t(signal.raise_signal, signal.SIGINT)
t(signal.pthread_sigmask, signal.SIG_BLOCK, [signal.SIGUSR1])
signal.raise_signal(signal.SIGUSR1)
print(signal.sigpending() == {signal.SIGUSR1}, signal.sigwait([signal.SIGUSR1]) == signal.SIGUSR1)
t(signal.pthread_sigmask, signal.SIG_BLOCK, [1000])
t(signal.getitimer, 0)
t(signal.getitimer, 99)
