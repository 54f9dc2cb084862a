"""C data types and foreign functions: what `ctypes` is made of.

Why it exists: a native module in CPython. Here the types are Python over a few natives for memory by address and calls (`_foreign`).
An object's memory is a bytearray that never changes its size, or somebody else's memory. Not there: objects of Python by address, flags of
parameters; on machines other than x86-64 callbacks and structures by value.
"""
from .addresses import (_cast_addr, _memmove_addr, _memoryview_at_addr, _memset_addr, _string_at_addr,
                        _wstring_at_addr)
from .aggregates import CField, Structure, Union
from .arrays import Array
from .calls import ArgumentError, CTYPES_MAX_ARGCOUNT, FUNCFLAG_USE_ERRNO
from .functions import CFuncPtr
from .memory import _CData, _unpickle
from .pointers import _Pointer, byref
from .simple import _SimpleCData
from .tools import (POINTER, PyObj_FromPtr, RTLD_LOCAL, addressof, alignment, buffer_info, call_cdeclfunction, call_function,
                    dlclose, dllist, dlopen, dlsym, get_errno, pointer, resize, set_errno, sizeof)

from _foreign import freeze as _freeze

for _part in (_CData, Structure, Union, Array, CFuncPtr, _Pointer, _SimpleCData):
    for _class in {_part, type(_part)} - {type}:
        type.__setattr__(_class, '__module__', '_ctypes')
type.__setattr__(CField, '__module__', 'ctypes')
# The types are fixed, as native ones are; those that programs derive from them are not.
for _part in (_CData, CField, Structure, Union, Array, CFuncPtr, _Pointer, _SimpleCData):
    for _class in {_part, type(_part)} - {type}:
        _freeze(_class)
del _part, _class

__version__ = '1.1.0'
RTLD_GLOBAL = 0x100
SIZEOF_TIME_T = 8
FUNCFLAG_CDECL = 1
FUNCFLAG_PYTHONAPI = 4
FUNCFLAG_USE_LASTERROR = 16
