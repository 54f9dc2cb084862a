"""Functions: of libraries, by address, and of ours for C to call."""
import struct as _struct
import sys as _sys

import _foreign

from .calls import ArgumentError, CTYPES_MAX_ARGCOUNT, FUNCFLAG_USE_ERRNO, _convert, _entry, _result, _returned
from .memory import _CData, _Info, _MASK, _Type

# Functions of Python under numbers that no function has as its address.
_natives = {}

def _checked(argtypes):
    argtypes = tuple(argtypes)
    if len(argtypes) > CTYPES_MAX_ARGCOUNT:
        raise ArgumentError(f'_argtypes_ has too many arguments ({len(argtypes)}), maximum is {CTYPES_MAX_ARGCOUNT}')
    for index, item in enumerate(argtypes):
        if not hasattr(item, 'from_param'):
            raise TypeError(f'item {index + 1} in _argtypes_ has no from_param method')
    return argtypes


class PyCFuncPtrType(_Type):
    def __init__(cls, name, bases, namespace, **kwargs):
        super().__init__(name, bases, namespace, **kwargs)
        if bases != (_CData,):
            if not isinstance(getattr(cls, '_flags_', None), int):
                raise TypeError("class must define _flags_ which must be an integer")
            argtypes = getattr(cls, '_argtypes_', None)
            # For functions that are only memory yet.
            cls._argtypes = None if argtypes is None else _checked(argtypes)
            cls._restype = getattr(cls, '_restype_', None)
            cls._c_info = _Info(8, 8, 'X{}')


class CFuncPtr(_CData, metaclass=PyCFuncPtrType):
    _c_kind = 'function'
    # What stands in for C code, and what keeps the entry of a function of ours.
    _native = None
    _callback = None
    _argtypes = _restype = None
    errcheck = None

    def __new__(cls, *args):
        return super().__new__(cls)

    def __init__(self, *args):
        if not args:
            return
        source = args[0]
        if len(args) > 1 and args[1] is not None:
            raise NotImplementedError('ctypes: parameter flags')
        if isinstance(source, tuple):
            name, library = source
            if isinstance(name, int):
                raise TypeError('functions by ordinal are of another system')
            text = name if isinstance(name, bytes) else name.encode()
            address = _foreign.symbol(library._handle, text)
            if not address:
                raise AttributeError(_foreign.loader_error())
            self._objects = library
        elif isinstance(source, int):
            address = source & _MASK
            self._native = _natives.get(source)
        elif callable(source):
            address, self._callback = _entry(type(self), source)
            self._objects = {'0': self._callback}
        else:
            raise TypeError('argument must be callable or integer function address')
        _foreign.write(self._address, _struct.pack('Q', address))

    @property
    def restype(self):
        return self._restype

    @restype.setter
    def restype(self, restype):
        if restype is not None and not isinstance(restype, _Type) and not callable(restype):
            raise TypeError('restype must be a type, a callable, or None')
        self._restype = restype

    @restype.deleter
    def restype(self):
        self.__dict__.pop('_restype', None)

    @property
    def argtypes(self):
        return self._argtypes

    @argtypes.setter
    def argtypes(self, argtypes):
        if argtypes is not None:
            argtypes = _checked(argtypes)
        self._argtypes = argtypes

    @argtypes.deleter
    def argtypes(self):
        self.__dict__.pop('_argtypes', None)

    def __bool__(self):
        return any(self._read())

    def __call__(self, *args, **kwargs):
        if kwargs:
            raise TypeError('this function takes no keyword arguments')
        argtypes = self._argtypes
        if argtypes is not None and len(args) < len(argtypes):
            count = len(argtypes)
            raise TypeError(f"this function takes at least {count} argument{'s' if count != 1 else ''} ({len(args)} given)")
        if self._native is not None:
            return self._native(*args)
        if len(args) > CTYPES_MAX_ARGCOUNT:
            raise ArgumentError(f'too many arguments ({len(args)}), maximum is {CTYPES_MAX_ARGCOUNT}')
        kinds, words, alive = '', b'', []
        restype = self._restype
        returned, room = _returned(restype)
        if room is not None:
            # Where C puts a large structure is an argument in front of the others.
            kinds, words = 'i', _struct.pack('Q', room._address)
        for index, value in enumerate(args):
            try:
                if argtypes is not None and index < len(argtypes):
                    value = argtypes[index].from_param(value)
                kind, data, held = _convert(value)
            except NotImplementedError:
                raise
            except Exception as error:
                text = str(error)
                if text.startswith("Don't know how"):
                    text += f' {index + 1}'
                name = '' if isinstance(error, ArgumentError) else f'{type(error).__name__}: '
                raise ArgumentError(f'argument {index + 1}: {name}{text}') from None
            kinds += kind
            words += data
            alive.append((value, held))
        address = int.from_bytes(self._read(), _sys.byteorder)
        data = _foreign.call(address, kinds.encode(), words, returned, bool(self._flags_ & FUNCFLAG_USE_ERRNO))
        result = _result(restype, data, room)
        if self.errcheck is not None:
            result = self.errcheck(result, self, args)
        return result

    def __repr__(self):
        return f'<{type(self).__name__} object at {id(self):#x}>'
