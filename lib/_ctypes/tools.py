"""Sizes, addresses, libraries: the functions of the module."""
import sys as _sys

import _foreign

from .memory import _CData, _info, _Type

RTLD_LOCAL = 0

def sizeof(obj, /):
    if isinstance(obj, type):
        if isinstance(obj, _Type) and obj._c_info is not None:
            return obj._c_info.size
    elif isinstance(obj, _CData):
        return obj._size
    raise TypeError('this type has no size')


def alignment(obj, /):
    cls = obj if isinstance(obj, type) else type(obj)
    if not isinstance(cls, _Type) or cls._c_info is None:
        raise TypeError('no alignment info')
    return cls._c_info.align


def addressof(obj, /):
    if not isinstance(obj, _CData):
        raise TypeError('invalid type')
    return obj._address


def buffer_info(obj, /):
    cls = obj if isinstance(obj, type) else type(obj)
    if not isinstance(cls, _Type) or cls._c_info is None:
        raise TypeError('not a ctypes type or object')
    return cls._c_info.format, len(cls._c_info.shape), cls._c_info.shape


def resize(obj, size, /):
    if not isinstance(obj, _CData):
        raise TypeError('excepted ctypes instance')
    if size < _info(type(obj)).size:
        raise ValueError(f'minimum size is {_info(type(obj)).size}')
    if not obj._b_needsfree_:
        raise ValueError('Memory cannot be resized because this object doesn\'t own it')
    memory = bytearray(obj._read().ljust(size, b'\0'))
    obj._owner, obj._address, obj._size = memory, _foreign.address_of(memory), size


def dlopen(name, mode=RTLD_LOCAL, /):
    _sys.audit('ctypes.dlopen', name)
    if isinstance(name, str):
        import os
        name = os.fsencode(name)
    return _foreign.open(name, mode)


def dlsym(handle, name, /):
    address = _foreign.symbol(handle, name.encode())
    if not address:
        raise OSError(_foreign.loader_error())
    return address


def dlclose(handle, /):
    _foreign.close(handle)


def dllist():
    """The names of the libraries that are loaded."""
    return _foreign.libraries()


get_errno = _foreign.get_errno
set_errno = _foreign.set_errno


def POINTER(cls, /):
    from ctypes import POINTER
    return POINTER(cls)


def pointer(obj, /):
    return POINTER(type(obj))(obj)


def call_function(address, arguments, /):
    return _plain(address)(*arguments)


call_cdeclfunction = call_function


def _plain(address):
    from ctypes import CFUNCTYPE, c_int
    return CFUNCTYPE(c_int)(address)


def PyObj_FromPtr(address, /):
    return _foreign.object_at(address)
