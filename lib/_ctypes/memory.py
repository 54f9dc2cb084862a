"""What all C types share: memory with a type, and what `byref` and `from_param` make of it for a call."""
import operator as _operator
import sys as _sys

import _foreign

_MASK = (1 << 64) - 1
_LITTLE = _sys.byteorder == 'little'
_POINTERS = 'PzZO'


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

    def __init__(cls, *args, **kwargs):
        if '_c_done' in cls.__dict__:
            raise SystemError(f"StgInfo of '{cls.__name__}' is already initialized.")
        type.__setattr__(cls, '_c_done', True)
        super().__init__(*args, **kwargs)

    def __mul__(cls, length):
        from .arrays import _array_type
        return _array_type(cls, length)

    __rmul__ = __mul__

    @property
    def __pointer_type__(cls):
        try:
            return cls.__dict__['_c_pointer']
        except KeyError:
            raise AttributeError(f"type {cls!r} has no attribute '__pointer_type__'") from None

    @__pointer_type__.deleter
    def __pointer_type__(cls):
        try:
            type.__delattr__(cls, '_c_pointer')
        except AttributeError:
            raise AttributeError(f"type {cls!r} has no attribute '__pointer_type__'") from None

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
        result._objects = {'ffffffff': view}
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
        if isinstance(value, _Argument) and isinstance(value._obj, getattr(cls, '_type_', ()) if cls._c_kind == 'pointer' else ()):
            return value
        inner = getattr(value, '_as_parameter_', None)
        if inner is not None:
            return cls.from_param(inner)
        raise TypeError(f'expected {cls.__name__} instance instead of {type(value).__name__}')


class _CData:
    """Memory with a type."""
    __slots__ = ('_owner', '_address', '_size', '_objects', '_b_base_')
    _c_info = None
    # What family of types it belongs to.
    _c_kind = None
    # Whether parts have names: character arrays among those read as text.
    _c_named = False

    def __new__(cls, *args, **kwargs):
        info = _info(cls)
        self = object.__new__(cls)
        memory = bytearray(max(info.size, 1))
        self._owner = memory
        self._objects = self._b_base_ = None
        self._address = _foreign.address_of(memory)
        self._size = info.size
        return self

    @classmethod
    def _at(cls, address, owner):
        self = object.__new__(cls)
        self._owner = owner
        self._objects = self._b_base_ = None
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
        info = _info(type(self))
        item_size = info.size
        if self._size != item_size:
            # Resized: nothing tells how what was added is laid out.
            return memoryview(_foreign.lender(self, self._address, 1, 'B', (self._size,), False))
        for count in info.shape:
            item_size = item_size // count if count else 1
        return memoryview(_foreign.lender(self, self._address, item_size, info.format, info.shape, False))

    def __ctypes_from_outparam__(self):
        return self

    def __reduce__(self):
        if self._objects is not None:
            raise ValueError('ctypes objects containing pointers cannot be pickled')
        return (_unpickle, (type(self), (getattr(self, '__dict__', {}), self._read())))

    def __setstate__(self, state):
        if state[0]:
            self.__dict__.update(state[0])
        _foreign.write(self._address, state[1][:self._size])

    def __hash__(self):
        return id(self) >> 4


def _unpickle(cls, state):
    self = cls.__new__(cls)
    self.__setstate__(state)
    return self


class _Argument:
    """What `byref` gives, and what `from_param` makes: a word for a call. `code` says for which type."""

    def __init__(self, kind, word, held=None, target=None, code='P'):
        self._kind, self._word, self._held, self._obj, self._code = kind, word, held, target, code

    def __repr__(self):
        code = self._code
        if code in 'bBhHiIlLqQfd':
            return f"<cparam '{code}' ({self._held.value})>"
        if code == 'c':
            return f"<cparam 'c' ({ascii(chr(self._word))})>"
        if code in 'zZP':
            return f"<cparam '{code}' ({self._word:#x})>"
        return f"<cparam '{code}' at {id(self):#x}>"


def no_delete(self, *args):
    raise TypeError("can't delete attribute")


def _kind(value):
    """What family of types an object is of; None for what is not of C."""
    return getattr(type(value), '_c_kind', None)
