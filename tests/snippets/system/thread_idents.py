"""Numbers that are no threads: the C library would read any memory for them."""
import _locale
import math
import os
import signal
import threading
import time

clock = time.pthread_getcpuclockid(threading.get_ident())
print(time.clock_gettime(clock) >= 0)
thread = threading.Thread(target=lambda: None)
thread.start()
thread.join()
if "protopy" in __import__("sys").version:
    for call in (lambda: time.pthread_getcpuclockid(1234567), lambda: signal.pthread_kill(1234567, 0), lambda: signal.pthread_kill(thread.ident, 0)):
        try:
            call()
        except ProcessLookupError as error:
            print(error)
else:
    print("[Errno 3] No such process\n" * 3, end="")
signal.pthread_kill(threading.get_ident(), 0)
try:
    _locale.dgettext("a")
except TypeError as error:
    print(error)
if "protopy" in __import__("sys").version:
    # CPython computes for ever.
    for call in (lambda: math.perm(2**62, 2**62), lambda: math.comb(2**62, 2**61), lambda: math.factorial(2**62)):
        try:
            call()
        except MemoryError:
            print("MemoryError")
else:
    print("MemoryError\n" * 3, end="")
