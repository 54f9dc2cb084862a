"""Items of arrays and fields of structures: objects in the memory of larger ones."""
import struct as _struct
import sys as _sys

import _foreign

from .memory import _CData, _kind
from .simple import _SimpleCData, PyCSimpleType

def _get(owner, cls, offset):
    part = owner._part(cls, offset)
    if isinstance(part, _SimpleCData) and cls._c_direct:
        return part.value
    if _kind(part) == 'array' and getattr(cls._type_, '_type_', None) in ('c', 'u') and type(owner)._c_named:
        return part.value
    return part


def _root(owner):
    while owner._b_base_ is not None:
        owner = owner._b_base_
    return owner


def _made(cls, values):
    try:
        return cls(*values)
    except Exception as error:
        raise RuntimeError(f'({cls.__name__}) {type(error).__name__}: {error}') from None


def _set(owner, cls, offset, value):
    if isinstance(cls, PyCSimpleType) and not isinstance(value, cls):
        if isinstance(value, _CData) and not (cls._c_code == 'P'):
            raise TypeError(f'incompatible types, {type(value).__name__} instance instead of {cls.__name__} instance')
        if isinstance(value, _CData):
            word = _word_of(value)
            _foreign.write(owner._address + offset, _struct.pack('Q', word))
            owner._keep(owner._address + offset, value)
            return
        part = owner._part(cls, offset)
        part.value = value
        if cls._c_code == 'O':
            owner._keep(owner._address + offset, value)
        return
    if isinstance(value, cls):
        _foreign.write(owner._address + offset, value._read())
        if value._objects is not None or _kind(value) in ('pointer', 'function'):
            owner._keep(owner._address + offset, (value, value._objects, getattr(value, '_held_memory', None)))
        return
    kind = cls._c_kind
    if kind == 'pointer':
        if value is None:
            _foreign.write(owner._address + offset, bytes(8))
            return
        if _kind(value) == 'array' and issubclass(type(value)._type_, cls._type_):
            _foreign.write(owner._address + offset, _struct.pack('Q', value._address))
            owner._keep(owner._address + offset, value)
            return
    elif kind == 'array' and type(owner)._c_named and getattr(cls._type_, '_type_', None) == 'c':
        if not isinstance(value, bytes):
            raise TypeError(f'expected bytes, {type(value).__name__} found')
        text = value.partition(b'\0')[0]
        if len(text) > cls._length_:
            raise ValueError(f'bytes too long ({len(text)}, maximum length {cls._length_})')
        _foreign.write(owner._address + offset, text + b'\0' if len(text) < cls._length_ else text)
        return
    elif kind == 'array' and isinstance(value, (tuple, list)):
        _set(owner, cls, offset, _made(cls, value))
        return
    elif kind == 'array' and isinstance(value, (bytes, str)) and hasattr(cls, 'value'):
        owner._part(cls, offset).value = value
        return
    elif kind == 'aggregate' and isinstance(value, tuple):
        _set(owner, cls, offset, _made(cls, value))
        return
    elif kind == 'function' and value is None:
        _foreign.write(owner._address + offset, bytes(8))
        return
    raise TypeError(f'incompatible types, {type(value).__name__} instance instead of {cls.__name__} instance')


def _word_of(value):
    """The address that an object stands for in a call."""
    kind = value._c_kind
    if kind in ('pointer', 'function'):
        return int.from_bytes(value._read(), _sys.byteorder)
    return value._argument()[1] if kind == 'simple' else value._address
