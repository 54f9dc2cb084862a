"""Pointers."""
import operator as _operator
import struct as _struct
import sys as _sys

import _foreign

from .arrays import Array, _sliced
from .memory import _Argument, _CData, no_delete, _Info, _info, _MASK, _Type
from .parts import _get, _set

class PyCPointerType(_Type):
    def __init__(cls, name, bases, namespace, **kwargs):
        super().__init__(name, bases, namespace, **kwargs)
        target = namespace.get('_type_')
        if target is not None:
            if not isinstance(target, _Type):
                raise TypeError('_type_ must have storage info')
            type.__setattr__(target, '_c_pointer', cls)
            cls._c_info = _Info(8, 8, '&' + (target._c_info.format if target._c_info else 'B'))
        elif bases != (_CData,):
            cls._c_info = _Info(8, 8, 'P')

    def set_type(cls, target):
        if not isinstance(target, _Type):
            raise TypeError('_type_ must have storage info')
        type.__setattr__(cls, '_type_', target)
        cls._c_info = _Info(8, 8, '&' + (target._c_info.format if target._c_info else 'B'))
        if '_c_pointer' not in target.__dict__:
            type.__setattr__(target, '_c_pointer', cls)

    def from_param(cls, value, /):
        if value is None:
            return None
        target = getattr(cls, '_type_', None)
        if target is None:
            raise TypeError('abstract class')
        if isinstance(value, target):
            return byref(value)
        if isinstance(value, (_Pointer, Array)) and issubclass(type(value)._type_, target):
            return value
        return super().from_param(value)


class _Pointer(_CData, metaclass=PyCPointerType):
    __slots__ = ()
    _c_kind = 'pointer'

    def __new__(cls, *args):
        if not isinstance(cls.__dict__.get('_type_'), _Type):
            raise TypeError('Cannot create instance: has no _type_')
        return super().__new__(cls)

    def __init__(self, target=None):
        if target is not None:
            self.contents = target

    def _target(self):
        return int.from_bytes(self._read(), _sys.byteorder)

    @property
    def contents(self):
        address = self._target()
        if not address:
            raise ValueError('NULL pointer access')
        return self._type_._at(address, self)

    @contents.setter
    def contents(self, target):
        if not isinstance(target, self._type_):
            raise TypeError(f'expected {self._type_.__name__} instead of {type(target).__name__}')
        _foreign.write(self._address, _struct.pack('Q', target._address))
        if self._b_base_ is None:
            self._objects = {'1': target}
        else:
            self._keep(self._address, target)

    contents = contents.deleter(no_delete)

    def _memory(self, index):
        address = self._target()
        if not address:
            raise ValueError('NULL pointer access')
        whole = self._type_._at(address, self)
        return whole, _operator.index(index) * _info(self._type_).size

    def __getitem__(self, index):
        if isinstance(index, slice):
            step = 1 if index.step is None else index.step
            if step == 0:
                raise ValueError('slice step cannot be zero')
            if index.start is None and step < 0:
                raise ValueError('slice start is required for step < 0')
            if index.stop is None:
                raise ValueError('slice stop is required')
            return _sliced(self, range(index.start or 0, index.stop, step))
        whole, offset = self._memory(index)
        return _get(whole, self._type_, offset)

    def __setitem__(self, index, value):
        whole, offset = self._memory(index)
        _set(whole, self._type_, offset, value)

    def __bool__(self):
        return self._target() != 0


def byref(obj, offset=0, /):
    if not isinstance(obj, _CData):
        raise TypeError(f'byref() argument must be a ctypes instance, not {type(obj).__name__!r}')
    return _Argument('i', obj._address + offset & _MASK, obj, obj)
