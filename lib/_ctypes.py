"""C data types and foreign functions: what `ctypes` is made of.

Why it exists: a native module in CPython. Here the types are Python over a few natives for memory by address and calls (`_foreign`).
An object's memory is a bytearray that never changes its size, or somebody else's memory. Not there yet: functions of ours that C
calls back, structures passed by value, variadic parameter flags of COM.
"""
import operator as _operator
import struct as _struct
import sys as _sys

import _foreign

__version__ = '1.1.0'
RTLD_LOCAL = 0
RTLD_GLOBAL = 0x100
SIZEOF_TIME_T = 8
FUNCFLAG_CDECL = 1
FUNCFLAG_PYTHONAPI = 4
FUNCFLAG_USE_ERRNO = 8
FUNCFLAG_USE_LASTERROR = 16
CTYPES_MAX_ARGCOUNT = 1024

_MASK = (1 << 64) - 1
_LITTLE = _sys.byteorder == 'little'


class ArgumentError(Exception):
    pass


# Memory

class _Info:
    """What a type is in C."""
    __slots__ = ('size', 'align', 'format', 'shape')

    def __init__(self, size, align, format, shape=()):
        self.size, self.align, self.format, self.shape = size, align, format, shape


def _info(cls):
    info = getattr(cls, '_c_info', None)
    if info is None:
        raise TypeError('abstract class')
    return info


class _Type(type):
    """Metaclass of all C types."""

    def __mul__(cls, length):
        return _array_type(cls, length)

    __rmul__ = __mul__

    @property
    def __pointer_type__(cls):
        try:
            return cls.__dict__['_c_pointer']
        except KeyError:
            raise AttributeError(f"type {cls.__name__!r} has no attribute '__pointer_type__'") from None

    @__pointer_type__.setter
    def __pointer_type__(cls, pointer):
        type.__setattr__(cls, '_c_pointer', pointer)

    def from_address(cls, address):
        _info(cls)
        return cls._at(_operator.index(address), None)

    def from_buffer(cls, source, offset=0, /):
        size = _info(cls).size
        view = memoryview(source)
        if view.readonly:
            raise TypeError('underlying buffer is not writable')
        if not view.c_contiguous:
            raise TypeError('underlying buffer is not C contiguous')
        if offset < 0:
            raise ValueError('offset cannot be negative')
        if size > view.nbytes - offset:
            raise ValueError(f'Buffer size too small ({view.nbytes} instead of at least {size + offset} bytes)')
        result = cls._at(_foreign.address_of(view) + offset, (source, view))
        result._objects = view
        return result

    def from_buffer_copy(cls, source, offset=0, /):
        size = _info(cls).size
        data = memoryview(source).cast('B')
        if offset < 0:
            raise ValueError('offset cannot be negative')
        if size > len(data) - offset:
            raise ValueError(f'Buffer size too small ({len(data)} instead of at least {size + offset} bytes)')
        result = cls.__new__(cls)
        _foreign.write(result._address, bytes(data[offset:offset + size]))
        return result

    def in_dll(cls, library, name, /):
        _info(cls)
        address = _foreign.symbol(library._handle, name.encode())
        if not address:
            raise ValueError(_foreign.loader_error())
        return cls._at(address, None)

    def from_param(cls, value, /):
        if isinstance(value, cls):
            return value
        if isinstance(value, _Argument) and isinstance(value._obj, getattr(cls, '_type_', ()) if isinstance(cls, _PointerType) else ()):
            return value
        inner = getattr(value, '_as_parameter_', None)
        if inner is not None:
            return cls.from_param(inner)
        raise TypeError(f'expected {cls.__name__} instance instead of {type(value).__name__}')


class _CData:
    """Memory with a type."""
    _c_info = None
    _objects = None
    _b_base_ = None
    # Whether parts have names: character arrays among those read as text.
    _c_named = False

    def __new__(cls, *args, **kwargs):
        info = _info(cls)
        self = object.__new__(cls)
        memory = bytearray(max(info.size, 1))
        self._owner = memory
        self._address = _foreign.address_of(memory)
        self._size = info.size
        return self

    @classmethod
    def _at(cls, address, owner):
        self = object.__new__(cls)
        self._owner = owner
        self._address = address
        self._size = _info(cls).size
        return self

    @property
    def _b_needsfree_(self):
        return isinstance(self._owner, bytearray) and self._b_base_ is None

    def _read(self):
        return _foreign.read(self._address, self._size)

    def _part(self, cls, offset):
        """An object in this object's memory."""
        part = cls._at(self._address + offset, self)
        part._b_base_ = self
        return part

    def _keep(self, address, value):
        """Holds what C memory of this object refers to."""
        root = self
        while root._b_base_ is not None:
            root = root._b_base_
        if not isinstance(root._objects, dict):
            root._objects = {} if root._objects is None else {'': root._objects}
        root._objects[f'{address - root._address:x}'] = value

    def __buffer__(self, flags):
        root = self
        while root._b_base_ is not None:
            root = root._b_base_
        if not isinstance(root._owner, bytearray):
            raise BufferError('memory of others has no buffer')
        start = self._address - root._address
        view = memoryview(root._owner)[start:start + self._size]
        info = _info(type(self))
        code = info.format.lstrip('<>')
        if len(code) == 1 and code in 'cbBhHiIlLqQfd?':
            shape = info.shape
            if shape and 0 in shape:
                return view
            return view.cast(code, shape) if shape else view.cast(code, ())
        return view

    def __ctypes_from_outparam__(self):
        return self

    def __reduce__(self):
        if self._objects is not None:
            raise ValueError('ctypes objects containing pointers cannot be pickled')
        return (_unpickle, (type(self), ({}, self._read())))

    def __setstate__(self, state):
        _foreign.write(self._address, state[1][:self._size])

    def __hash__(self):
        return id(self) >> 4


def _unpickle(cls, state):
    self = cls.__new__(cls)
    self.__setstate__(state)
    return self


# Simple types

_FORMATS = {'c': 'c', 'b': 'b', 'B': 'B', 'h': 'h', 'H': 'H', 'i': 'i', 'I': 'I', 'l': 'l', 'L': 'L', 'q': 'q', 'Q': 'Q',
            'f': 'f', 'd': 'd', '?': '?', 'P': 'P', 'z': 'z', 'Z': 'Z', 'O': 'O', 'u': 'w', 'v': 'h', 'g': 'g'}
_SIZES = {code: _struct.calcsize(code) for code in 'cbBhHiIlLqQfd?P'} | {'z': 8, 'Z': 8, 'O': 8, 'u': 4, 'v': 2, 'g': 16}
_INTEGERS = 'bBhHiIlLqQ'
_POINTERS = 'PzZO'


class _SimpleType(_Type):
    def __init__(cls, name, bases, namespace, **kwargs):
        super().__init__(name, bases, namespace, **kwargs)
        code = getattr(cls, '_type_', None)
        if code is None:
            if bases == (_CData,):
                return
            raise AttributeError("class must define a '_type_' attribute")
        if not isinstance(code, str):
            raise TypeError("class must define a '_type_' string attribute")
        if len(code) != 1:
            raise ValueError("class must define a '_type_' attribute which must be a string of length 1")
        if code not in _FORMATS:
            raise AttributeError("class must define a '_type_' attribute which must be\na single character string containing one of "
                                 "'cbBhHiIlLdfuzZqQPXOv?g'.")
        size = _SIZES[code]
        swapped = namespace.get('_c_swapped', getattr(cls, '_c_swapped', False))
        cls._c_swapped = swapped
        order = ('>' if _LITTLE else '<') if swapped else ('<' if _LITTLE else '>')
        cls._c_info = _Info(size, size, order + _FORMATS[code])
        cls._c_code = code
        cls._c_struct = order + {'v': 'h', 'l': 'q', 'L': 'Q', 'P': 'Q', 'z': 'Q', 'Z': 'Q', 'O': 'Q', 'u': 'I'}.get(code, code)
        cls._c_direct = cls.__bases__[0] is globals().get('_SimpleCData')

    def __getattr__(cls, name):
        # Types of the other byte order are made when somebody asks.
        if name in ('__ctype_le__', '__ctype_be__') and '_c_code' in cls.__dict__ and cls._c_code in 'hHiIlLqQfd':
            if (name == '__ctype_le__') == (_LITTLE != cls._c_swapped):
                return cls
            other = _SimpleType(cls.__name__, cls.__bases__, {'_type_': cls._type_, '_c_swapped': not cls._c_swapped,
                                                              '__module__': cls.__module__})
            setattr(cls, name, other)
            setattr(other, '__ctype_be__' if name == '__ctype_le__' else '__ctype_le__', cls)
            return other
        raise AttributeError(f'type object {cls.__name__!r} has no attribute {name!r}')

    def from_param(cls, value, /):
        if isinstance(value, cls):
            return value
        code = cls._type_
        if code in 'zZP':
            found = _pointer_param(cls, code, value)
            if found is not None:
                return found
        elif code == 'O':
            return _Argument('i', id(value), value)
        else:
            try:
                made = cls.__new__(cls)
                made.value = value
                return _Argument(*made._argument(), made)
            except (TypeError, ValueError):
                if getattr(value, '_as_parameter_', None) is None:
                    raise
        inner = getattr(value, '_as_parameter_', None)
        if inner is not None:
            return cls.from_param(inner)
        raise TypeError('wrong type')


def _pointer_param(cls, code, value):
    if value is None:
        return _Argument('i', 0)
    if code == 'P' and isinstance(value, int):
        return _Argument('i', value & _MASK)
    if isinstance(value, bytes) and code in 'zP' or isinstance(value, str) and code in 'ZP':
        memory = _terminated(value)
        return _Argument('i', _foreign.address_of(memory), memory)
    wanted = {'z': 'c', 'Z': 'u', 'P': None}[code]
    if isinstance(value, (Array, _Pointer)):
        item = getattr(type(value)._type_, '_type_', None)
        if wanted is None or item == wanted:
            return value
    if isinstance(value, _Argument) and value._obj is not None:
        if wanted is None or getattr(value._obj, '_type_', None) == wanted:
            return value
    if code == 'P' and (isinstance(value, CFuncPtr) or isinstance(value, _SimpleCData) and value._type_ in 'zZ'):
        return value
    return None


def _terminated(text):
    """Bytes or text as C has them, in memory that stays where it is."""
    if isinstance(text, str):
        return bytearray(text.encode('utf-32-le' if _LITTLE else 'utf-32-be', 'surrogatepass') + bytes(4))
    return bytearray(text + b'\0')


def _text_at(address, size=-1):
    if size < 0:
        size = _foreign.length(address, 4)
    return _foreign.read(address, size * 4).decode('utf-32-le' if _LITTLE else 'utf-32-be', 'surrogatepass')


def _long_double(data):
    """The value of an extended float; where there are none, of a quadruple one."""
    bits = int.from_bytes(data, 'little')
    if _sys.implementation._multiarch.startswith('x86_64'):
        mantissa, exponent, one = bits & _MASK, bits >> 64 & 0x7fff, 63
    else:
        mantissa, exponent, one = bits & (1 << 112) - 1 | 1 << 112, bits >> 112 & 0x7fff, 112
        if exponent == 0:
            return 0.0
    sign = -1.0 if bits >> (79 if one == 63 else 127) & 1 else 1.0
    if exponent == 0x7fff:
        return sign * (float('inf') if not mantissa << 1 & _MASK else float('nan'))
    import math
    return sign * math.ldexp(float(mantissa), exponent - 16383 - one)


def _long_double_bytes(number):
    import math
    sign = 1 if math.copysign(1.0, number) < 0 else 0
    extended = _sys.implementation._multiarch.startswith('x86_64')
    one = 63 if extended else 112
    if number != number or number in (math.inf, -math.inf):
        mantissa, exponent = (1 << one) | ((1 << one - 1) if number != number else 0), 0x7fff
    elif number == 0:
        mantissa = exponent = 0
    else:
        fraction, exponent = math.frexp(abs(number))
        mantissa, exponent = int(math.ldexp(fraction, 53)) << one + 1 - 53, exponent - 1 + 16383
    if not extended:
        mantissa &= (1 << 112) - 1
    bits = mantissa | exponent << (64 if extended else 112) | sign << (79 if extended else 127)
    return bits.to_bytes(16, 'little')


class _SimpleCData(_CData, metaclass=_SimpleType):
    def __init__(self, value=None):
        if value is not None:
            self.value = value

    @property
    def value(self):
        code = self._c_code
        data = self._read()
        if code == 'c':
            return data
        if code == 'g':
            return _long_double(data)
        word, = _struct.unpack(self._c_struct, data)
        if code == 'u':
            return chr(word)
        if code == 'v':
            return bool(word)
        if code == 'P':
            return word or None
        if code == 'z':
            return _foreign.read(word, _foreign.length(word, 1)) if word else None
        if code == 'Z':
            return _text_at(word) if word else None
        if code == 'O':
            if not word:
                raise ValueError('PyObject is NULL')
            held = self._objects
            if isinstance(held, _Held) and id(held.value) == word:
                return held.value
            raise NotImplementedError('ctypes: objects by address')
        return word

    @value.setter
    def value(self, value):
        code = self._c_code
        if code in _INTEGERS:
            if isinstance(value, float):
                raise TypeError('int expected instead of float instance')
            number = _operator.index(value) & (1 << 8 * self._size) - 1
            if code.islower() and number >> 8 * self._size - 1:
                number -= 1 << 8 * self._size
            data = _struct.pack(self._c_struct, number)
        elif code in 'fd':
            if not isinstance(value, (int, float)) and not hasattr(value, '__float__') and not hasattr(value, '__index__'):
                raise TypeError('must be real number, not ' + type(value).__name__)
            data = _struct.pack(self._c_struct, float(value))
        elif code == 'g':
            data = _long_double_bytes(float(value))
        elif code == '?':
            data = _struct.pack('?', bool(value))
        elif code == 'v':
            data = _struct.pack('h', -1 if value else 0)
        elif code == 'c':
            if isinstance(value, int) and 0 <= value < 256:
                value = bytes([value])
            if not isinstance(value, (bytes, bytearray)) or len(value) != 1:
                raise TypeError('one character bytes, bytearray, or an integer in range(256) expected')
            data = bytes(value)
        elif code == 'u':
            if not isinstance(value, str):
                raise TypeError(f'a unicode character expected, not instance of {type(value).__name__}')
            if len(value) != 1:
                raise TypeError(f'a unicode character expected, not a string of length {len(value)}')
            data = _struct.pack(self._c_struct, ord(value))
        elif code == 'O':
            self._objects = _Held(value)
            data = _struct.pack(self._c_struct, id(value))
        else:
            data = self._pointer_data(code, value)
        _foreign.write(self._address, data)

    def _pointer_data(self, code, value):
        if value is None:
            word = 0
        elif isinstance(value, int):
            word = value & _MASK
        elif code != 'P' and isinstance(value, bytes if code == 'z' else str):
            memory = _terminated(value)
            if self._b_base_ is None:
                self._objects = value if code == 'z' else memory
                self._held_memory = memory
            self._keep_memory(memory)
            word = _foreign.address_of(memory)
        elif code == 'P':
            raise TypeError('cannot be converted to pointer')
        else:
            what = 'bytes' if code == 'z' else 'unicode string'
            raise TypeError(f'{what} or integer address expected instead of {type(value).__name__} instance')
        return _struct.pack(self._c_struct, word)

    def _keep_memory(self, memory):
        self._owner = (self._owner, memory) if self._b_base_ is not None else self._owner
        if self._b_base_ is not None:
            self._keep(self._address, memory)

    def _argument(self):
        """Where a call puts it, and the word."""
        code = self._c_code
        data = self._read()
        if code in 'fd':
            return 'd', int.from_bytes(data, _sys.byteorder)
        if code == 'g':
            raise NotImplementedError('ctypes: long double in calls')
        signed = code.islower() and code in _INTEGERS + 'v'
        order = 'big' if self._c_swapped == _LITTLE else 'little'
        return 'i', int.from_bytes(data, order, signed=signed) & _MASK

    def __bool__(self):
        return any(self._read())

    def __repr__(self):
        if self._c_direct:
            return f'{type(self).__name__}({self.value!r})'
        return object.__repr__(self)

    def __ctypes_from_outparam__(self):
        return self.value if self._c_direct else self


class _Held:
    __slots__ = ('value',)

    def __init__(self, value):
        self.value = value


# Parts of larger types

def _get(owner, cls, offset):
    part = owner._part(cls, offset)
    if isinstance(part, _SimpleCData) and cls._c_direct:
        if cls._c_code == 'O':
            held = (root._objects if isinstance((root := _root(owner))._objects, dict) else {}).get(f'{part._address - root._address:x}')
            part._objects = _Held(held) if held is not None else None
        return part.value
    if isinstance(part, Array) and getattr(cls._type_, '_type_', None) in ('c', 'u') and type(owner)._c_named:
        return part.value
    return part


def _root(owner):
    while owner._b_base_ is not None:
        owner = owner._b_base_
    return owner


def _set(owner, cls, offset, value):
    if isinstance(cls, _SimpleType) and not isinstance(value, cls):
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
        if value._objects is not None or isinstance(value, (_Pointer, CFuncPtr)):
            owner._keep(owner._address + offset, (value, value._objects, getattr(value, '_held_memory', None)))
        return
    if isinstance(cls, _PointerType):
        if value is None:
            _foreign.write(owner._address + offset, bytes(8))
            return
        if isinstance(value, Array) and issubclass(type(value)._type_, cls._type_):
            _foreign.write(owner._address + offset, _struct.pack('Q', value._address))
            owner._keep(owner._address + offset, value)
            return
    elif issubclass(cls, Array) and isinstance(value, (tuple, list)):
        _set(owner, cls, offset, cls(*value))
        return
    elif issubclass(cls, Array) and isinstance(value, (bytes, str)) and hasattr(cls, 'value'):
        owner._part(cls, offset).value = value
        return
    elif isinstance(value, tuple) and issubclass(cls, (Structure, Union)):
        _set(owner, cls, offset, cls(*value))
        return
    elif issubclass(cls, CFuncPtr) and value is None:
        _foreign.write(owner._address + offset, bytes(8))
        return
    raise TypeError(f'incompatible types, {type(value).__name__} instance instead of {cls.__name__} instance')


# Arrays

class _ArrayType(_Type):
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
        if code in ('c', 'u') and isinstance(item, _SimpleType):
            type.__setattr__(cls, 'value', _char_value if code == 'c' else _text_value)
            if code == 'c':
                type.__setattr__(cls, 'raw', _raw_value)

    def from_param(cls, value, /):
        if isinstance(value, cls):
            return value
        code = getattr(cls._type_, '_type_', None)
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


_char_value = property(_get_chars, _set_chars, doc='string value')
_raw_value = property(lambda self: self._read(), _set_raw, doc='value')
_text_value = property(_get_text, _set_text, doc='string value')


class Array(_CData, metaclass=_ArrayType):
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
        found = _array_types.setdefault((cls, length), _ArrayType(f'{cls.__name__}_Array_{length}', (Array,),
                                                                  {'_length_': length, '_type_': cls}))
    return found


# Pointers

class _PointerType(_Type):
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
        cls._type_ = target
        type.__setattr__(target, '_c_pointer', cls)

    def from_param(cls, value, /):
        if value is None:
            return _Argument('i', 0)
        target = cls._type_
        if isinstance(value, target):
            return byref(value)
        if isinstance(value, (_Pointer, Array)) and issubclass(type(value)._type_, target):
            return value
        return super().from_param(value)


class _Pointer(_CData, metaclass=_PointerType):
    def __new__(cls, *args):
        if not hasattr(cls, '_type_'):
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


# Structures and unions

class CField:
    """A field of a structure or union."""

    def __init__(self, *, name, type, byte_size, byte_offset, index, _internal_use, bit_size=None, bit_offset=None):
        self.name, self.type, self.byte_size, self.byte_offset = name, type, byte_size, byte_offset
        self.is_bitfield = bit_size is not None
        self.bit_size = byte_size * 8 if bit_size is None else bit_size
        self.bit_offset = bit_offset or 0
        self.is_anonymous = False
        self._index = index

    @property
    def offset(self):
        return self.byte_offset

    @property
    def size(self):
        return self.bit_size << 16 | self.bit_offset if self.is_bitfield else self.byte_size

    def __get__(self, owner, cls=None):
        if owner is None:
            return self
        if not self.is_bitfield:
            return _get(owner, self.type, self.byte_offset)
        word = self._word(owner) >> self.bit_offset & (1 << self.bit_size) - 1
        code = self.type._type_
        if code == '?':
            return bool(word)
        if code.islower() and word >> self.bit_size - 1:
            word -= 1 << self.bit_size
        return word

    def __delete__(self, owner):
        raise TypeError("can't delete attribute")

    def __set__(self, owner, value):
        if not self.is_bitfield:
            _set(owner, self.type, self.byte_offset, value)
            return
        if isinstance(value, _SimpleCData):
            value = value.value
        mask = (1 << self.bit_size) - 1
        word = self._word(owner) & ~(mask << self.bit_offset) | (_operator.index(value) & mask) << self.bit_offset
        _foreign.write(owner._address + self.byte_offset, word.to_bytes(self.byte_size, self._order()))

    def _order(self):
        return 'big' if self.type._c_swapped == _LITTLE else 'little'

    def _word(self, owner):
        return int.from_bytes(_foreign.read(owner._address + self.byte_offset, self.byte_size), self._order())

    def __repr__(self):
        size = f'bits={self.bit_size} at {self.bit_offset}' if self.is_bitfield else f'size={self.byte_size}'
        return f'<ctypes.CField {self.name!r} type={self.type.__name__}, ofs={self.byte_offset}, {size}>'


class _AnonymousPart:
    """A name of an unnamed part, seen from the whole."""

    def __init__(self, outer, inner, offset):
        self.outer, self.inner = outer, inner
        self.offset = self.byte_offset = offset
        self.is_anonymous = False

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def __get__(self, owner, cls=None):
        return self if owner is None else self.inner.__get__(self.outer.__get__(owner))

    def __set__(self, owner, value):
        self.inner.__set__(self.outer.__get__(owner), value)


class _AggregateType(_Type):
    def __init__(cls, name, bases, namespace, **kwargs):
        super().__init__(name, bases, namespace, **kwargs)
        if bases == (_CData,):
            return
        base = cls._c_info
        cls._c_info = base if base is not None else _Info(0, 1, 'B')
        cls._c_own = '_fields_' in namespace
        if '_fields_' in namespace:
            # Metaclasses for the other byte order change the fields on their way.
            cls._fields_ = namespace['_fields_']

    def __setattr__(cls, name, value):
        if name == '_fields_':
            if cls.__dict__.get('_c_final'):
                raise AttributeError('_fields_ is final')
            cls._lay_out(value)
        super().__setattr__(name, value)

    def _lay_out(cls, fields):
        from ctypes import _layout
        is_struct = issubclass(cls, Structure)
        base = cls.__mro__[1]
        base = base if base not in (Structure, Union) and issubclass(base, (Structure, Union)) and base._c_info.size else None
        for field in fields:
            if not isinstance(field, tuple) or len(field) < 2 or not isinstance(field[0], str) or not isinstance(field[1], _Type):
                if isinstance(field, tuple) and len(field) > 1 and not isinstance(field[1], _Type):
                    raise TypeError('second item in _fields_ tuple (index %d) must be a C type' % list(fields).index(field))
                raise TypeError('_fields_ must be a sequence of pairs')
            if len(field) > 2 and getattr(field[1], '_type_', None) not in tuple(_INTEGERS + '?c'):
                raise TypeError(f'bit fields not allowed for type {field[1].__name__}')
        layout = _layout.get_layout(cls, fields, is_struct, base)
        for field in layout.fields:
            type.__setattr__(cls, field.name, field)
            type.__setattr__(field.type, '_c_final', True) if isinstance(field.type, _AggregateType) else None
        cls._c_info = _Info(layout.size, layout.align, layout.format_spec)
        for name in getattr(cls, '_anonymous_', ()):
            outer = cls.__dict__.get(name)
            if not isinstance(outer, CField):
                raise AttributeError(name)
            outer.is_anonymous = True
            for part in _names(outer.type):
                inner = getattr(outer.type, part)
                type.__setattr__(cls, part, _AnonymousPart(outer, inner, outer.offset + inner.offset))


def _names(cls):
    names = []
    for part in reversed(cls.__mro__):
        names += [field[0] for field in part.__dict__.get('_fields_', ())]
    return names


class _Aggregate:
    __slots__ = ()

    def __init__(self, *args, **kwargs):
        names = _names(type(self))
        if len(args) > len(names):
            raise TypeError('too many initializers')
        for name, value in zip(names, args):
            if name in kwargs:
                raise TypeError(f'duplicate values for field {name!r}')
            setattr(self, name, value)
        for name, value in kwargs.items():
            setattr(self, name, value)


class Structure(_CData, metaclass=_AggregateType):
    _c_named = True
    __init__ = _Aggregate.__init__


class Union(_CData, metaclass=_AggregateType):
    _c_named = True
    __init__ = _Aggregate.__init__


# Functions

class _Argument:
    """What `byref` gives, and what `from_param` makes: a word for a call."""

    def __init__(self, kind, word, held=None, target=None):
        self._kind, self._word, self._held, self._obj = kind, word, held, target

    def __repr__(self):
        return f"<cparam '{'P' if self._obj is not None else self._kind}' ({self._word:#x})>"


def byref(obj, offset=0, /):
    if not isinstance(obj, _CData):
        raise TypeError(f'byref() argument must be a ctypes instance, not {type(obj).__name__!r}')
    return _Argument('i', obj._address + offset & _MASK, obj, obj)


def _word_of(value):
    """The address that an object stands for in a call."""
    if isinstance(value, CFuncPtr) and value._callback:
        raise NotImplementedError('ctypes: functions for C to call back')
    if isinstance(value, (_Pointer, CFuncPtr)):
        return int.from_bytes(value._read(), _sys.byteorder)
    if isinstance(value, _SimpleCData):
        return value._argument()[1]
    return value._address


def _convert(value, depth=0):
    """A Python object as (kind, word, what must stay alive)."""
    if isinstance(value, _Argument):
        return value._kind, value._word, value
    if isinstance(value, _SimpleCData):
        return *value._argument(), value
    if isinstance(value, (Structure, Union)):
        raise NotImplementedError('ctypes: structures passed by value')
    if isinstance(value, _CData):
        return 'i', _word_of(value), value
    if value is None:
        return 'i', 0, None
    if isinstance(value, int):
        if not -(1 << 63) <= value < 1 << 64:
            raise ArgumentError('int too long to convert')
        word = value & 0xffffffff
        return 'i', (word - (1 << 32) if word >> 31 else word) & _MASK, None
    if isinstance(value, (bytes, str)):
        memory = _terminated(value)
        return 'i', _foreign.address_of(memory), memory
    inner = getattr(value, '_as_parameter_', None)
    if inner is not None and depth < 20:
        return _convert(inner, depth + 1)
    raise TypeError("Don't know how to convert parameter")


class _FunctionType(_Type):
    def __init__(cls, name, bases, namespace, **kwargs):
        super().__init__(name, bases, namespace, **kwargs)
        if bases != (_CData,):
            if not isinstance(getattr(cls, '_flags_', None), int):
                raise TypeError("class must define _flags_ which must be an integer")
            cls._c_info = _Info(8, 8, 'X{}')


class CFuncPtr(_CData, metaclass=_FunctionType):
    _native = None
    _callback = False
    errcheck = None

    def __new__(cls, *args):
        return super().__new__(cls)

    def __init__(self, *args):
        self._argtypes = getattr(type(self), '_argtypes_', None)
        self._restype = getattr(type(self), '_restype_', None)
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
            # Python can call it; C cannot (see `_word_of`).
            address, self._native, self._callback = 0, source, True
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
        self._restype = getattr(type(self), '_restype_', None)

    @property
    def argtypes(self):
        return self._argtypes

    @argtypes.setter
    def argtypes(self, argtypes):
        if argtypes is not None:
            argtypes = tuple(argtypes)
            for index, item in enumerate(argtypes):
                if not hasattr(item, 'from_param'):
                    raise TypeError(f'item {index + 1} in _argtypes_ has no from_param method')
        self._argtypes = argtypes

    @argtypes.deleter
    def argtypes(self):
        self._argtypes = getattr(type(self), '_argtypes_', None)

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
        kinds, words, alive = '', b'', []
        for index, value in enumerate(args):
            try:
                if argtypes is not None and index < len(argtypes):
                    value = argtypes[index].from_param(value)
                kind, word, held = _convert(value)
            except NotImplementedError:
                raise
            except Exception as error:
                text = str(error)
                if text.startswith("Don't know how"):
                    text += f' {index + 1}'
                name = '' if isinstance(error, ArgumentError) else f'{type(error).__name__}: '
                raise ArgumentError(f'argument {index + 1}: {name}{text}') from None
            kinds += kind
            words += _struct.pack('Q', word)
            alive.append((value, held))
        result = self._finish(kinds.encode(), words)
        if self.errcheck is not None:
            result = self.errcheck(result, self, args)
        return result

    def _finish(self, kinds, words):
        restype = self._restype
        address = int.from_bytes(self._read(), _sys.byteorder)
        if isinstance(restype, _AggregateType) or isinstance(restype, _ArrayType):
            raise NotImplementedError('ctypes: structures as results')
        code = getattr(restype, '_type_', None) if isinstance(restype, _SimpleType) else None
        if code in ('g', 'O'):
            raise NotImplementedError(f'ctypes: results of type {restype.__name__}')
        float_size = {'f': 4, 'd': 8}.get(code, 0)
        word = _foreign.call(address, kinds, words, float_size, bool(self._flags_ & FUNCFLAG_USE_ERRNO))
        if restype is None:
            return None
        if not isinstance(restype, _Type):
            word &= 0xffffffff
            return restype(word - (1 << 32) if word >> 31 else word)
        result = restype.__new__(restype)
        _foreign.write(result._address, word.to_bytes(8, _sys.byteorder)[:result._size])
        if code is not None and restype._c_direct:
            result = result.value
        check = getattr(restype, '_check_retval_', None)
        return result if check is None else check(result)

    def __repr__(self):
        return f'<{type(self).__name__} object at {id(self):#x}>'


# What `ctypes` calls by address.

def _address_of_param(value):
    kind, word, held = _convert(value)
    return word & _MASK if not isinstance(value, int) else value & _MASK


def _string_at(pointer, size=-1):
    address = _address_of_param(pointer)
    return _foreign.read(address, _foreign.length(address, 1) if size < 0 else size)


def _wstring_at(pointer, size=-1):
    return _text_at(_address_of_param(pointer), size)


def _memoryview_at(pointer, size, readonly=False):
    if isinstance(pointer, _CData):
        view = memoryview(pointer)
        view = view.cast('B') if view.ndim or view.format != 'B' else view
        if not isinstance(pointer, _Pointer) and view.nbytes >= size:
            view = view[:size]
            return view.toreadonly() if readonly else view
    raise NotImplementedError('ctypes: memoryview_at of foreign memory')


def _cast(obj, held, cls):
    if not (isinstance(cls, (_PointerType, _FunctionType)) or isinstance(cls, _SimpleType) and cls._type_ in _POINTERS):
        raise TypeError(f'cast() argument 2 must be a pointer, not {getattr(cls, "__name__", type(cls).__name__)}')
    if isinstance(obj, int):
        word, alive = obj & _MASK, None
    else:
        if not (obj is None or isinstance(obj, (bytes, str, _Pointer, Array, CFuncPtr, _Argument))
                or isinstance(obj, _SimpleCData) and obj._type_ in _POINTERS):
            if getattr(obj, '_as_parameter_', None) is None:
                raise ArgumentError('argument 1: TypeError: wrong type')
        _, word, alive = _convert(obj)
    result = cls.__new__(cls)
    if isinstance(result, CFuncPtr):
        result.__init__(word)
    _foreign.write(result._address, _struct.pack('Q', word))
    result._objects = {'': alive, id(obj): obj}
    return result


# Numbers that no function has as its address.
_cast_addr, _string_at_addr, _wstring_at_addr, _memoryview_at_addr = range(1, 5)
_natives = {_cast_addr: _cast, _string_at_addr: _string_at, _wstring_at_addr: _wstring_at, _memoryview_at_addr: _memoryview_at}
_memmove_addr = _foreign.symbol(0, b'memmove')
_memset_addr = _foreign.symbol(0, b'memset')


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
    raise NotImplementedError('ctypes: objects by address')
