"""Hash files of keys and values, as the ndbm interface of Unix has them.

CPython wraps a library of the system; here the files of SDBM, the free one of those libraries, are read and written directly. A database is two
files. NAME.pag is pages of 1024 bytes with the items; the hash of a key says which page it is on, by as many of its low bits as that page has been
split for. NAME.dir is the tree of splits, one bit for each page that was split. An item that is longer than a page is refused, as by the library.
"""

import os as _os
from _thread import allocate_lock as _allocate_lock
from operator import index as _index

library = 'SDBM'

_PAGE = 1024
_DIRECTORY_BLOCK = 4096
# How often a page is split to make room for one item.
_SPLITS = 10
_FLAGS = {'r': _os.O_RDONLY, 'w': _os.O_RDWR, 'rw': _os.O_RDWR, 'c': _os.O_RDWR | _os.O_CREAT,
          'n': _os.O_RDWR | _os.O_CREAT | _os.O_TRUNC}


class error(OSError):
    pass


error.__module__ = '_dbm'


def _hash(key):
    """The library's hash: bytes count as signed, as they do in C."""
    value = 0
    for byte in key:
        value = (byte - (byte > 127) * 256 + 65599 * value) & 0xffffffff
    return value


def _items(page):
    """The items of a page: a count of offsets, the offsets of keys and values in turn, and these from the end of the page on."""
    count = int.from_bytes(page[:2], 'little')
    offsets = [int.from_bytes(page[2 * place:2 * place + 2], 'little') for place in range(1, count + 1)]
    end, items = _PAGE, []
    if count % 2 or 2 * count + 2 > _PAGE:
        raise error('the database is damaged')
    for key, value in zip(offsets[::2], offsets[1::2]):
        if not 2 * count + 2 <= value <= key <= end:
            raise error('the database is damaged')
        items.append((bytes(page[key:end]), bytes(page[value:key])))
        end = value
    return items


def _fits(items):
    return 2 + sum(4 + len(key) + len(value) for key, value in items) <= _PAGE


def _page(items):
    page, end, offsets = bytearray(_PAGE), _PAGE, [2 * len(items)]
    for item in items:
        for part in item:
            page[end - len(part):end] = part
            end -= len(part)
            offsets.append(end)
    page[:2 * len(offsets)] = b''.join(offset.to_bytes(2, 'little') for offset in offsets)
    return page


def _bytes(value):
    if isinstance(value, str):
        return value.encode()
    try:
        return bytes(memoryview(value))
    except TypeError:
        raise TypeError(f"a bytes-like object is required, not '{type(value).__name__}'") from None


def _part(value, what):
    try:
        return _bytes(value)
    except TypeError:
        raise TypeError(f'dbm mappings have bytes or string {what} only') from None


class dbm:
    __slots__ = ('_pages', '_directory', '_splits', '_writable', '_lock')
    __module__ = '_dbm'

    # Not a sequence, in spite of what it has.
    __iter__ = None

    def __new__(cls, *args, **kwargs):
        raise TypeError("cannot create '_dbm.dbm' instances")

    def __del__(self):
        try:
            self.close()
        except AttributeError:
            pass

    # ---- the files; the lock is held ----

    def _check(self):
        if self._pages is None:
            raise error('DBM object has already been closed')

    def _read(self, number):
        page = _os.pread(self._pages, _PAGE, number * _PAGE)
        return _items(page) if len(page) == _PAGE else []

    def _write(self, number, items):
        _os.pwrite(self._pages, _page(items), number * _PAGE)

    def _is_split(self, node):
        return node >> 3 < len(self._splits) and self._splits[node >> 3] >> (node & 7) & 1

    def _set_split(self, node):
        block = node >> 3
        while block >= len(self._splits):
            self._splits.extend(bytes(_DIRECTORY_BLOCK))
        self._splits[block] |= 1 << (node & 7)
        begin = block - block % _DIRECTORY_BLOCK
        _os.pwrite(self._directory, self._splits[begin:begin + _DIRECTORY_BLOCK], begin)

    def _find(self, key):
        """The page of a key: (number, how many bits of the hash say so as a mask, node of the tree, hash)."""
        size = _os.fstat(self._directory).st_size
        if size != len(self._splits):
            self._splits = bytearray(_os.pread(self._directory, size, 0))
        hashed, node, bits = _hash(key), 0, 0
        while self._is_split(node):
            node = 2 * node + (2 if hashed >> bits & 1 else 1)
            bits += 1
        mask = (1 << bits) - 1
        return hashed & mask, mask, node, hashed

    def _lookup(self, key):
        with self._lock:
            self._check()
            for found, value in self._read(self._find(key)[0]):
                if found == key:
                    return value

    def _store(self, key, value):
        number, mask, node, hashed = self._find(key)
        items = [item for item in self._read(number) if item[0] != key]
        if not self._writable or not _fits([(key, value)]):
            raise error('cannot add item to database')
        for _ in range(_SPLITS):
            if _fits(items + [(key, value)]):
                self._write(number, items + [(key, value)])
                return
            bit = mask + 1
            stays = [item for item in items if not _hash(item[0]) & bit]
            goes = [item for item in items if _hash(item[0]) & bit]
            self._write(number | bit, goes)
            self._write(number, stays)
            self._set_split(node)
            mask |= bit
            node = 2 * node + (2 if hashed & bit else 1)
            number, items = (number | bit, goes) if hashed & bit else (number, stays)
        raise error('cannot add item to database')

    # ---- what programs see ----

    def __len__(self):
        return len(self.keys())

    def __bool__(self):
        with self._lock:
            self._check()
            count = -(-_os.fstat(self._pages).st_size // _PAGE)
            return any(self._read(number) for number in range(count))

    def __getitem__(self, key):
        value = self._lookup(_bytes(key))
        if value is None:
            raise KeyError(key)
        return value

    def __setitem__(self, key, value):
        key_bytes = _part(key, 'keys')
        with self._lock:
            self._check()
            self._store(key_bytes, _part(value, 'elements'))

    def __delitem__(self, key):
        key_bytes = _part(key, 'keys')
        with self._lock:
            self._check()
            number = self._find(key_bytes)[0]
            items = self._read(number)
            left = [item for item in items if item[0] != key_bytes]
            if not self._writable:
                raise error('cannot delete item from database')
            if len(left) == len(items):
                raise KeyError(key)
            self._write(number, left)

    def __contains__(self, key):
        if not isinstance(key, (str, bytes)):
            raise TypeError(f'dbm key must be bytes or string, not {type(key).__name__}')
        return self._lookup(_bytes(key)) is not None

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()

    def close(self, /):
        """Close the database."""
        with self._lock:
            if self._pages is not None:
                pages, self._pages = self._pages, None
                _os.close(pages)
                _os.close(self._directory)

    def keys(self, /):
        """The list of all keys in the database."""
        with self._lock:
            self._check()
            count = -(-_os.fstat(self._pages).st_size // _PAGE)
            return [key for number in range(count) for key, _ in self._read(number)]

    def get(self, key, default=None, /):
        """The value of the key if it is there, else the default."""
        value = self._lookup(_bytes(key))
        return default if value is None else value

    def setdefault(self, key, default=b'', /):
        """The value of the key if it is there, else the default.

        A key that is not there is stored with the default."""
        key = _bytes(key)
        value = self._lookup(key)
        if value is None:
            value = default
            with self._lock:
                self._check()
                self._store(key, _part(default, 'elements'))
        return value

    def clear(self, /):
        """Remove all items from the database."""
        with self._lock:
            self._check()
            if not self._writable:
                if _os.fstat(self._pages).st_size:
                    raise error('cannot delete item from database')
                return
            _os.ftruncate(self._directory, 0)
            _os.ftruncate(self._pages, 0)


def open(filename, flags='r', mode=0o666, /):
    """A database object.

    flags: 'r' to read, 'w' to write, 'c' to make the files if need be, 'n' for new files.
    mode: the permissions of files that are made."""
    if not isinstance(flags, str):
        raise TypeError(f'open() argument 2 must be str, not {type(flags).__name__}')
    mode = _index(mode)
    name = _os.fsencode(filename)
    if b'\0' in name:
        raise ValueError('embedded null byte')
    if flags not in _FLAGS:
        raise error("arg 2 to open should be 'r', 'w', 'c', or 'n'")
    how = _FLAGS[flags] | _os.O_CLOEXEC
    opened = []
    try:
        for suffix in (b'.pag', b'.dir'):
            opened.append(_os.open(name + suffix, how, mode))
    except OSError as problem:
        for number in opened:
            _os.close(number)
        raise error(problem.errno, problem.strerror, filename) from None
    self = object.__new__(dbm)
    self._pages, self._directory = opened
    self._splits, self._writable, self._lock = bytearray(), how & _os.O_RDWR != 0, _allocate_lock()
    return self
