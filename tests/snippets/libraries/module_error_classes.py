# Exception classes of native modules are classes as Python would make them: changeable, without a text of their own.
import binascii
import lzma
import pyexpat
import signal
import sqlite3
import struct
import zlib
from compression import zstd

for cls in (zlib.error, lzma.LZMAError, zstd.ZstdError, binascii.Error, binascii.Incomplete, struct.error, sqlite3.Error,
            sqlite3.IntegrityError, pyexpat.ExpatError, signal.ItimerError):
    cls.note = cls.__name__
    error = cls('text')
    error.mark = 1
    print(cls, cls.__bases__, cls.note, error.__dict__, str(error), bool(cls.__flags__ & 1 << 9), bool(cls.__flags__ & 1 << 8))
    del cls.note

for cls in (zlib.error, binascii.Error, struct.error, sqlite3.Error, pyexpat.ExpatError, signal.ItimerError):
    print(cls.__name__, cls.__doc__)

try:
    signal.setitimer(99, 1)
except signal.ItimerError as error:
    print(type(error), error.errno, error)
