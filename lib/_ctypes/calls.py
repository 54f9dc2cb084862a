"""How arguments and results travel between Python and C, in both directions.

`_foreign` takes words and a description: `i` and `d` for a word in an integer or float register, `(id)` for a small structure, `[mmm]` for
what lies on the stack (`{mm}`: on a multiple of 16).
"""
import sys as _sys

import _foreign

from .aggregates import Structure, Union
from .memory import _Argument, _CData, _MASK, _Type
from .parts import _word_of
from .simple import _SimpleCData, _terminated


FUNCFLAG_USE_ERRNO = 8
CTYPES_MAX_ARGCOUNT = 1024


class ArgumentError(Exception):
    __module__ = 'ctypes'


# How values travel

def _words(kind, word):
    return (word & (1 << 128) - 1).to_bytes(16, 'little') if kind == '{mm}' else (word & _MASK).to_bytes(8, _sys.byteorder)


def _eightbytes(cls, offset, classes):
    """Enters whether words of a structure are floats; False if it must travel in memory."""
    kind = cls._c_kind
    if kind == 'aggregate':
        return all(_eightbytes(field.type, offset + field.byte_offset, classes) if not field.is_bitfield else
                   _enter(classes, offset + field.byte_offset, field.byte_size, False) for field in _fields(cls))
    if kind == 'array':
        size = cls._type_._c_info.size
        return all(_eightbytes(cls._type_, offset + index * size, classes) for index in range(cls._length_))
    code = cls._c_code if kind == 'simple' else 'P'
    size = cls._c_info.size
    if code == 'g' or offset % size:
        return False
    return _enter(classes, offset, size, code in 'fd')


def _enter(classes, offset, size, is_float):
    for place in {offset // 8, (offset + size - 1) // 8}:
        classes[place] = classes.get(place, True) and is_float
    return True


def _fields(cls):
    for part in reversed(cls.__mro__):
        for field in part.__dict__.get('_fields_', ()):
            yield part.__dict__[field[0]]


def _value_kinds(cls):
    """The description of a structure for a call: in registers, or in memory."""
    kinds = cls.__dict__.get('_c_kinds')
    if kinds is None:
        if _foreign.convention() is None:
            raise NotImplementedError('ctypes: structures by value on this machine')
        size, classes = cls._c_info.size, {}
        count = (size + 7) // 8
        if 0 < size <= 16 and _eightbytes(cls, 0, classes):
            kinds = '(' + ''.join('d' if classes.get(place, False) else 'i' for place in range(count)) + ')'
        else:
            wide = cls._c_info.align > 8
            kinds = ('{' if wide else '[') + 'm' * count + ('}' if wide else ']')
        type.__setattr__(cls, '_c_kinds', kinds)
        type.__setattr__(cls, '_c_final', True)
    return kinds


def _by_value(value):
    kinds = _value_kinds(type(value))
    data = value._read()
    return kinds, data + bytes(-len(data) % 8)


def _convert(value, depth=0):
    """A Python object as (kinds, words, what must stay alive)."""
    if isinstance(value, _Argument):
        return value._kind, _words(value._kind, value._word), value
    if isinstance(value, _SimpleCData):
        kind, word = value._argument()
        return kind, _words(kind, word), value
    if isinstance(value, (Structure, Union)):
        return *_by_value(value), value
    if isinstance(value, _CData):
        return 'i', _words('i', _word_of(value)), value
    if value is None:
        return 'i', bytes(8), None
    if isinstance(value, int):
        if not -(1 << 63) <= value < 1 << 64:
            raise ArgumentError('int too long to convert')
        word = value & 0xffffffff
        return 'i', _words('i', word - (1 << 32) if word >> 31 else word), None
    if isinstance(value, (bytes, str)):
        memory = _terminated(value)
        return 'i', _words('i', _foreign.address_of(memory)), memory
    inner = getattr(value, '_as_parameter_', None)
    if inner is not None and depth < 20:
        return _convert(inner, depth + 1)
    raise TypeError("Don't know how to convert parameter")


# Results

def _returned(restype):
    """How a result comes back, and memory for one that C writes there."""
    kind = getattr(restype, '_c_kind', None)
    if kind == 'simple':
        return {'f': b'f', 'd': b'd', 'g': b'x'}.get(restype._c_code, b'i'), None
    if kind == 'array':
        raise NotImplementedError('ctypes: arrays as results')
    if kind == 'aggregate':
        kinds = _value_kinds(restype)
        if kinds[0] == '(':
            return kinds.encode(), None
        if restype._c_info.size <= 16 and restype._c_info.align > 8:
            raise NotImplementedError('ctypes: structures of long double as results')
        return b'i', restype.__new__(restype)
    return b'i', None


def _result(restype, data, room):
    if restype is None:
        return None
    if not isinstance(restype, _Type):
        return restype(int.from_bytes(data[:4], _sys.byteorder, signed=True))
    result = room
    if result is None:
        result = restype.__new__(restype)
        _foreign.write(result._address, data[:result._size])
    if restype._c_kind == 'simple' and restype._c_direct:
        result = result.value
    check = getattr(restype, '_check_retval_', None)
    return result if check is None else check(result)


# Functions of ours

def _entry(cls, function):
    """An address for C to call, and what keeps it."""
    argtypes, restype = cls._argtypes_, cls._restype_
    if len(argtypes) > CTYPES_MAX_ARGCOUNT:
        raise ArgumentError(f'too many arguments ({len(argtypes)}), maximum is {CTYPES_MAX_ARGCOUNT}')
    parts, kinds = [], ''
    for argtype in argtypes:
        kind = _argument_kinds(argtype)
        parts.append((argtype, 8 * len(kind.strip('()[]{}'))))
        kinds += kind
    returned = b''
    if restype is not None:
        if getattr(restype, '_c_kind', None) != 'simple':
            raise TypeError('invalid result type for callback function')
        returned = {'f': b'f', 'd': b'd', 'g': b'x'}.get(restype._c_code, b'i')

    held = []

    def called(words):
        args, place = [], 0
        for number, (argtype, size) in enumerate(parts):
            try:
                made = argtype.__new__(argtype)
                _foreign.write(made._address, words[place:place + min(size, made._size)])
                args.append(made.value if argtype._c_kind == 'simple' and argtype._c_direct else made)
            except Exception as error:
                _foreign.ignore(error, f'Exception ignored while creating argument {number} for ctypes callback function {function!r}')
                return None
            place += size
        result = function(*args)
        if restype is None:
            return None
        try:
            made = result if isinstance(result, restype) else restype(result)
            if result is None and restype._c_code not in 'zZP':
                made.value = result
            if made._objects is not None:
                # Nobody knows how long C needs the memory that is pointed to; objects are looked for when they are asked for.
                if restype._c_code == 'O':
                    held.clear()
                held.append(made)
            return _words(*made._argument())
        except Exception as error:
            _foreign.ignore(error, f'Exception ignored while converting result of ctypes callback function {function!r}')
            return None

    callback = _foreign.callback(called, function, kinds.encode(), returned, bool(cls._flags_ & FUNCFLAG_USE_ERRNO))
    return callback.address, callback


def _argument_kinds(argtype):
    kind = getattr(argtype, '_c_kind', None)
    if kind == 'aggregate':
        return _value_kinds(argtype)
    if kind == 'simple':
        return {'f': 'd', 'd': 'd', 'g': '{mm}'}.get(argtype._c_code, 'i')
    if kind in ('pointer', 'function'):
        return 'i'
    raise TypeError(f'cannot build parameter: {argtype!r}')
