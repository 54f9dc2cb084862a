# Signatures of natives.
import _thread
import atexit
import inspect
import os
import threading
import time
import types
import warnings

for function in [
    abs,
    warnings.warn,
    atexit.register,
    _thread.start_new_thread,
    _thread.start_joinable_thread,
    threading.stack_size,
    threading.Lock().__exit__,
    threading.RLock().__exit__,
    time.struct_time.__replace__,
    os.stat_result.__replace__,
    types.SimpleNamespace.__replace__,
    types.GenericAlias,
    types.GenericAlias.__mro_entries__,
]:
    print(inspect.signature(function))
