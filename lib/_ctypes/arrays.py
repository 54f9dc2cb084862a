"""Arrays."""
import operator as _operator
import sys as _sys

import _foreign

from .memory import _CData, no_delete, _Info, _info, _Type
from .parts import _get, _set
from .simple import PyCSimpleType, _terminated, _text_at

class PyCArrayType(_Type):
    def __init__(cls, name, bases, namespace, **kwargs):
        super().__init__(name, bases, namespace, **kwargs)
        if bases == (_CData,):
            return
        length = getattr(cls, '_length_', None)
        if length is None:
            raise AttributeError("class must define a '_length_' attribute")
        if not isinstance(length, int):
            raise TypeError("The '_length_' attribute must be an integer")
        if length < 0:
            raise ValueError("The '_length_' attribute must not be negative")
        item = getattr(cls, '_type_', None)
        if item is None:
            raise AttributeError("class must define a '_type_' attribute")
        info = _info(item)
        if length * info.size > _sys.maxsize:
            raise OverflowError('array too large')
        cls._c_info = _Info(length * info.size, info.align, info.format, (length, *info.shape))
        code = getattr(item, '_type_', None)
        if code in ('c', 'u') and isinstance(item, PyCSimpleType):
            type.__setattr__(cls, 'value', _char_value if code == 'c' else _text_value)
            if code == 'c':
                type.__setattr__(cls, 'raw', _raw_value)

    def from_param(cls, value, /):
        if isinstance(value, cls):
            return value
        code = getattr(getattr(cls, '_type_', None), '_type_', None)
        if code == 'c' and isinstance(value, bytes) or code == 'u' and isinstance(value, str):
            if len(value) > cls._length_:
                raise ValueError('Invalid length')
            made = cls()
            made.value = value
            return made
        if isinstance(value, tuple):
            return cls(*value)
        return super().from_param(value)


def _get_chars(self):
    data = self._read()
    end = data.find(b'\0')
    return data if end < 0 else data[:end]


def _set_chars(self, value):
    if not isinstance(value, bytes):
        raise TypeError(f'bytes expected instead of {type(value).__name__} instance')
    if len(value) > self._size:
        raise ValueError('byte string too long')
    _foreign.write(self._address, value + b'\0' if len(value) < self._size else value)


def _set_raw(self, value):
    data = bytes(memoryview(value))
    if len(data) > self._size:
        raise ValueError('byte string too long')
    _foreign.write(self._address, data)


def _get_text(self):
    text = _text_at(self._address, self._length_)
    end = text.find('\0')
    return text if end < 0 else text[:end]


def _set_text(self, value):
    if not isinstance(value, str):
        raise TypeError(f'unicode string expected instead of {type(value).__name__} instance')
    if len(value) > self._length_:
        raise ValueError('string too long')
    data = bytes(_terminated(value))
    _foreign.write(self._address, data[:self._size])


_char_value = property(_get_chars, _set_chars, no_delete, doc='string value')
_raw_value = property(lambda self: self._read(), _set_raw, doc='value')
_text_value = property(_get_text, _set_text, no_delete, doc='string value')


class Array(_CData, metaclass=PyCArrayType):
    __slots__ = ()
    _c_kind = 'array'

    def __init__(self, *items):
        for index, item in enumerate(items):
            self[index] = item

    def _offset(self, index):
        index = _operator.index(index)
        if index < 0:
            index += self._length_
        if not 0 <= index < self._length_:
            raise IndexError('invalid index')
        return index * _info(self._type_).size

    def __len__(self):
        return self._length_

    def __iter__(self):
        for index in range(self._length_):
            yield self[index]

    def __getitem__(self, index):
        if isinstance(index, slice):
            return _sliced(self, range(*index.indices(self._length_)))
        return _get(self, self._type_, self._offset(index))

    def __setitem__(self, index, value):
        if isinstance(index, slice):
            places = range(*index.indices(self._length_))
            if len(places) != len(value):
                raise ValueError('Can only assign sequence of same size')
            for place, item in zip(places, value):
                self[place] = item
            return
        _set(self, self._type_, self._offset(index), value)

    def __class_getitem__(cls, item):
        import types
        return types.GenericAlias(cls, item)


def _sliced(items, places):
    code = getattr(items._type_, '_type_', None)
    values = [items[place] for place in places]
    if code == 'c':
        return b''.join(values)
    return ''.join(values) if code == 'u' else values


_array_types = {}


def _array_type(cls, length):
    if not isinstance(length, int):
        raise TypeError("can't multiply sequence by non-int of type " + repr(type(length).__name__))
    if length < 0:
        raise ValueError(f'Array length must be >= 0, not {length}')
    _info(cls)
    found = _array_types.get((cls, length))
    if found is None:
        found = _array_types.setdefault((cls, length), PyCArrayType(f'{cls.__name__}_Array_{length}', (Array,),
                                                                  {'_length_': length, '_type_': cls}))
    return found
