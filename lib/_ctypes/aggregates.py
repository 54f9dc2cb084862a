"""Structures and unions. Their layout is worked out by the library (`ctypes._layout`)."""
import operator as _operator
import _foreign

from .memory import _CData, _Info, _LITTLE, _Type
from .parts import _get, _set
from .simple import _INTEGERS, _SimpleCData

class CField:
    """A field of a structure or union."""

    def __init__(self, *, name, type, byte_size, byte_offset, index, _internal_use, bit_size=None, bit_offset=None):
        info = type._c_info
        if not _internal_use:
            raise TypeError('CField cannot be created')
        if byte_size != info.size:
            raise ValueError(f'byte size of field {name!r} ({byte_size}) does not match type size ({info.size})')
        if bit_size is not None and (bit_offset or 0) + bit_size > 8 * byte_size:
            raise ValueError(f'bit field {name!r} overflows its type ({bit_offset or 0} + {bit_size} > {8 * byte_size})')
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
        if not isinstance(owner, _CData):
            raise TypeError('not a ctype instance')
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
        if not isinstance(owner, _CData):
            raise TypeError('not a ctype instance')
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
        if bases and isinstance(bases[0], _AggregateType) and bases[0].__bases__ != (_CData,):
            type.__setattr__(bases[0], '_c_final', True)
        base = cls._c_info
        cls._c_info = base if base is not None else _Info(0, 1, 'B')
        cls._c_own = '_fields_' in namespace
        if '_fields_' in namespace:
            # Metaclasses for the other byte order change the fields on their way.
            cls._fields_ = namespace['_fields_']

    def __call__(cls, *args, **kwargs):
        if '_abstract_' in cls.__dict__ or cls.__bases__ == (_CData,) or '_c_done' not in cls.__dict__:
            raise TypeError('abstract class')
        if '_c_final' not in cls.__dict__:
            type.__setattr__(cls, '_c_final', True)
        return super().__call__(*args, **kwargs)

    def __setattr__(cls, name, value):
        if name == '_fields_':
            if '_c_done' not in cls.__dict__:
                raise TypeError('ctypes state is not initialized')
            if cls.__dict__.get('_c_final'):
                raise AttributeError('_fields_ is final')
            if any(isinstance(field, tuple) and len(field) > 1 and field[1] is cls for field in value):
                raise AttributeError('Structure or union cannot contain itself')
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
        type.__setattr__(cls, '_c_final', True)
        for name in getattr(cls, '_anonymous_', ()):
            outer = cls.__dict__.get(name)
            if not isinstance(outer, CField):
                raise AttributeError(name)
            outer.is_anonymous = True
            for part in (name for name in dir(outer.type) if isinstance(getattr(outer.type, name), (CField, _AnonymousPart))):
                inner = getattr(outer.type, part)
                if inner.is_anonymous:
                    # Its own parts are among those of the type.
                    continue
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


class PyCStructType(_AggregateType):
    pass


class UnionType(_AggregateType):
    pass


class Structure(_CData, metaclass=PyCStructType):
    __slots__ = ()
    _c_kind = 'aggregate'
    _c_named = True
    __init__ = _Aggregate.__init__


class Union(_CData, metaclass=UnionType):
    __slots__ = ()
    _c_kind = 'aggregate'
    _c_named = True
    __init__ = _Aggregate.__init__
