# Interpreters have modules, builtins and exit functions of their own; what crosses is copied; errors come back as pictures.
from concurrent import interpreters
import _interpreters
import builtins
import sys

sys.stdout.reconfigure(line_buffering=True)
interp = interpreters.create()
interp.exec('import sys; sys.stdout.reconfigure(line_buffering=True)')
print(interp, interp.whence, interp.is_running(), interpreters.get_current(), interpreters.get_main())

# State of modules.
builtins.shared_name = 1
sys.path.append('/nowhere/at/all')
import csv
csv.register_dialect('mine', delimiter=';')
interp.exec('''
import builtins, sys, csv, warnings, _interpreters
print(hasattr(builtins, 'shared_name'), '/nowhere/at/all' in sys.path, 'mine' in csv.list_dialects())
print(__name__, sys.modules['__main__'].__dict__ is globals(), _interpreters.get_current()[0] != 0)
print(sys.exc_info(), sys._getframe().f_back)
builtins.other_name = 2
import codecs
codecs.register_error('here', lambda error: ('?', error.end))
print('\\xe9'.encode('ascii', 'here'))
''')
print(hasattr(builtins, 'other_name'))
try:
    '\xe9'.encode('ascii', 'here')
except LookupError as error:
    print(error)

# Values.
for value in (None, True, 5, -1.5, 'text', b'bytes', (1, ('a', None)), [1, {2: 3}], {'k': (1,)}, int, len):
    print(interp.call(lambda x: x, value) == value, _interpreters.is_shareable(value))
interp.prepare_main(a=1, b='two')
interp.exec('print(a, b)')
try:
    interp.prepare_main(c=[])
except interpreters.NotShareableError as error:
    print(error)
data = bytearray(b'abc')
view = memoryview(data)
interp.prepare_main(view=view)
interp.exec('view[0] = 122')
print(data)
crossed = interp.call(lambda v: v, view)
data[1] = 33
print(crossed == view, type(crossed.obj).__name__, crossed.readonly, bytes(crossed), crossed.format)

# Functions, and what fails.
def stateless(a, b=None):
    import sys
    return a + 1, __builtins__ is not None

def failing():
    raise ValueError('over there')

print(interp.call(divmod, 7, 2), interp.call(eval, 'a + 1'), sorted(interp.call(dir))[:3])
try:
    interp.call(failing)
except interpreters.ExecutionFailed as error:
    print(error.excinfo.type.__name__, error.excinfo.formatted, str(error).splitlines()[0])
try:
    interp.exec('1/0')
except interpreters.ExecutionFailed as error:
    print(error)
for code in ('raise SystemExit(3)', 'x = ', 10):
    try:
        interp.exec(code)
    except Exception as error:
        print(type(error).__name__, str(error).splitlines()[0])
try:
    raise KeyError('here')
except KeyError:
    interp.exec('try: 1/0\nexcept ZeroDivisionError as e: print(e.__context__)')

# What isolated interpreters may not.
interp.exec('''
import os, signal, threading
for what in (os.fork, lambda: os.execv('/bin/true', ['true']), lambda: signal.signal(2, signal.SIG_DFL),
             lambda: threading.Thread(target=print, daemon=True)):
    try:
        what()
    except Exception as error:
        print(type(error).__name__, error)
found = []
t = threading.Thread(target=lambda: found.append(_interpreters.get_current()))
t.start(); t.join()
print(found == [_interpreters.get_current()], threading.current_thread() is threading.main_thread())
''')

# The end.
interp.exec('import atexit; atexit.register(print, "exit function")')
interp.exec('import threading, time; threading.Thread(target=lambda: (time.sleep(0.05), print("thread"))).start()')
interp.close()
try:
    interp.exec('1')
except interpreters.InterpreterNotFoundError as error:
    print(type(error).__name__)
try:
    interpreters.get_main().close()
except interpreters.InterpreterError as error:
    print(error)
print(interpreters.list_all())
