"""The functions of CPython's C interface that programs call through ctypes.pythonapi."""
import ctypes, signal, threading, time
from ctypes import c_int, c_void_p, pythonapi

getsig, setsig = pythonapi.PyOS_getsig, pythonapi.PyOS_setsig
getsig.restype = c_void_p
getsig.argtypes = (c_int,)
setsig.restype = c_void_p
setsig.argtypes = (c_int, c_void_p)
signal.signal(signal.SIGUSR1, signal.SIG_IGN)
print(getsig(signal.SIGUSR1))
signal.signal(signal.SIGUSR1, lambda number, frame: print("handled", number))
handler = getsig(signal.SIGUSR1)
print(type(handler))
print(setsig(signal.SIGUSR1, 1) == handler, getsig(signal.SIGUSR1))
signal.raise_signal(signal.SIGUSR1)
print(setsig(signal.SIGUSR1, handler))
signal.raise_signal(signal.SIGUSR1)
print(pythonapi.PyErr_SetInterruptEx(signal.SIGUSR1), pythonapi.PyErr_SetInterruptEx(0), pythonapi.PyErr_SetInterruptEx(1000))


class Stop(Exception):
    pass


def work():
    started.set()
    try:
        while True:
            time.sleep(0.001)
    except Stop as error:
        print("stopped", repr(error))


raise_in = pythonapi.PyThreadState_SetAsyncExc
started = threading.Event()
thread = threading.Thread(target=work)
thread.start()
started.wait()
print(raise_in(ctypes.c_ulong(thread.ident), ctypes.py_object(Stop)))
thread.join()
print(raise_in(ctypes.c_ulong(1), ctypes.py_object(Stop)))
try:
    raise_in(ctypes.c_ulong(threading.get_ident()), ctypes.py_object(Stop))
    for number in range(1000):
        pass
except Stop:
    print("stopped myself")
try:
    pythonapi.PyNo_Such
except AttributeError as error:
    print(str(error).rpartition(": ")[2])
