"""Types of one number, character, pointer or text."""
import operator as _operator
import struct as _struct
import sys as _sys

import _foreign

from .extended import _long_double, _long_double_bytes
from .memory import _CData, no_delete, _Type, _Argument, _Info, _kind, _LITTLE, _MASK

_FORMATS = {'c': 'c', 'b': 'b', 'B': 'B', 'h': 'h', 'H': 'H', 'i': 'i', 'I': 'I', 'l': 'q', 'L': 'Q', 'q': 'q', 'Q': 'Q',
            'f': 'f', 'd': 'd', '?': '?', 'P': 'P', 'z': 'z', 'Z': 'Z', 'O': 'O', 'u': 'w', 'v': 'h', 'g': 'g'}
_SIZES = {code: _struct.calcsize(code) for code in 'cbBhHiIlLqQfd?P'} | {'z': 8, 'Z': 8, 'O': 8, 'u': 4, 'v': 2, 'g': 16}
_INTEGERS = 'bBhHiIlLqQ'


class PyCSimpleType(_Type):
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
                                 "'cbBhHiIlLdfuzZqQPOv?g'.")
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
            other = PyCSimpleType(cls.__name__, cls.__bases__, {'_type_': cls._type_, '_c_swapped': not cls._c_swapped,
                                                              '__module__': cls.__module__})
            setattr(cls, name, other)
            setattr(other, '__ctype_be__' if name == '__ctype_le__' else '__ctype_le__', cls)
            return other
        raise AttributeError(f'type object {cls.__name__!r} has no attribute {name!r}')

    def from_param(cls, value, /):
        if isinstance(value, cls):
            return value
        code = getattr(cls, '_type_', None)
        if code is None:
            raise TypeError('abstract class')
        if code in 'zZP':
            found = _pointer_param(cls, code, value)
            if found is not None:
                return found
        elif code == 'O':
            return _Argument('i', id(value), value, value, code)
        else:
            try:
                made = cls.__new__(cls)
                made.value = value
                return _Argument(*made._argument(), made, code=code)
            except (TypeError, ValueError):
                if getattr(value, '_as_parameter_', None) is None:
                    raise
        inner = getattr(value, '_as_parameter_', None)
        if inner is not None:
            return cls.from_param(inner)
        raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as ctypes.{cls.__name__}" if code in 'zZP' else 'wrong type')


def _pointer_param(cls, code, value):
    if value is None:
        return _Argument('i', 0)
    if code == 'P' and isinstance(value, int):
        return _Argument('i', value & _MASK)
    if isinstance(value, bytes) and code in 'zP' or isinstance(value, str) and code in 'ZP':
        memory = _terminated(value)
        return _Argument('i', _foreign.address_of(memory), memory, value, 'z' if isinstance(value, bytes) else 'Z')
    wanted = {'z': 'c', 'Z': 'u', 'P': None}[code]
    if _kind(value) in ('array', 'pointer'):
        item = getattr(type(value)._type_, '_type_', None)
        if wanted is None or item == wanted:
            return value
    if isinstance(value, _Argument) and value._obj is not None:
        if wanted is None or getattr(value._obj, '_type_', None) == wanted:
            return value
    if code == 'P' and (_kind(value) == 'function' or isinstance(value, _SimpleCData) and value._type_ in 'zZ'):
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


class _SimpleCData(_CData, metaclass=PyCSimpleType):
    __slots__ = ('_held_memory',)
    _c_kind = 'simple'

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
            return _foreign.object_at(word)
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
                what = f'{type(value).__name__} of length {len(value)}' if isinstance(value, (bytes, bytearray)) else type(value).__name__
                raise TypeError(f'one character bytes, bytearray, or an integer in range(256) expected, not {what}')
            data = bytes(value)
        elif code == 'u':
            if not isinstance(value, str):
                raise TypeError(f'a unicode character expected, not instance of {type(value).__name__}')
            if len(value) != 1:
                raise TypeError(f'a unicode character expected, not a string of length {len(value)}')
            data = _struct.pack(self._c_struct, ord(value))
        elif code == 'O':
            self._objects = value
            data = _struct.pack(self._c_struct, id(value))
        else:
            data = self._pointer_data(code, value)
        _foreign.write(self._address, data)

    value = value.deleter(no_delete)

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
            return '{mm}', int.from_bytes(data, 'little')
        signed = code.islower() and code in _INTEGERS + 'v'
        order = 'big' if self._c_swapped == _LITTLE else 'little'
        return 'i', int.from_bytes(data, order, signed=signed) & _MASK

    def __bool__(self):
        return any(self._read())

    def __repr__(self):
        if self._c_direct:
            return f'{type(self).__name__}({self.value!r})'
        return f'<{type(self).__name__} object at {id(self):#x}>'

    def __ctypes_from_outparam__(self):
        return self.value if self._c_direct else self
