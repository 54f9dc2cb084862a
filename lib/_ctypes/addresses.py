"""What `ctypes` calls by address: casts, texts and views of memory."""
import struct as _struct
import sys as _sys

import _foreign

from .arrays import Array
from .calls import ArgumentError, _convert
from .functions import CFuncPtr, PyCFuncPtrType, _natives
from .memory import _Argument, _CData, _MASK, _POINTERS
from .pointers import _Pointer, PyCPointerType
from .simple import _SimpleCData, PyCSimpleType, _text_at

def _address_of_param(value):
    if isinstance(value, int):
        return value & _MASK
    return int.from_bytes(_convert(value)[1][:8], _sys.byteorder)


def _string_at(pointer, size=-1):
    address = _address_of_param(pointer)
    return _foreign.read(address, _foreign.length(address, 1) if size < 0 else size)


def _wstring_at(pointer, size=-1):
    return _text_at(_address_of_param(pointer), size)


def _memoryview_at(pointer, size, readonly=False):
    return memoryview(_foreign.lender(pointer, _address_of_param(pointer), 1, 'B', (size,), bool(readonly)))


def _cast(obj, held, cls):
    if not (isinstance(cls, (PyCPointerType, PyCFuncPtrType)) or isinstance(cls, PyCSimpleType) and cls._type_ in _POINTERS):
        raise TypeError(f'cast() argument 2 must be a pointer, not {getattr(cls, "__name__", type(cls).__name__)}')
    if isinstance(obj, int):
        word, alive = obj & _MASK, None
    else:
        if not (obj is None or isinstance(obj, (bytes, str, _Pointer, Array, CFuncPtr, _Argument))
                or isinstance(obj, _SimpleCData) and obj._type_ in _POINTERS):
            if getattr(obj, '_as_parameter_', None) is None:
                raise ArgumentError('argument 1: TypeError: wrong type')
        _, data, alive = _convert(obj)
        word = int.from_bytes(data[:8], _sys.byteorder)
    result = cls.__new__(cls)
    if isinstance(result, CFuncPtr):
        result.__init__(word)
    _foreign.write(result._address, _struct.pack('Q', word))
    result._objects = {'': alive, id(obj): obj}
    return result


# Numbers that no function has as its address.
_cast_addr, _string_at_addr, _wstring_at_addr, _memoryview_at_addr = range(1, 5)
_natives |= {_cast_addr: _cast, _string_at_addr: _string_at, _wstring_at_addr: _wstring_at, _memoryview_at_addr: _memoryview_at}
_memmove_addr = _foreign.symbol(0, b'memmove')
_memset_addr = _foreign.symbol(0, b'memset')
