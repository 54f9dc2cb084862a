# The decompressor objects of the four formats behave alike.
import bz2
import lzma
import zlib
from compression import zstd

DATA = bytes(range(256)) * 300


def tell(decompressor):
    return decompressor.eof, decompressor.needs_input, bytes(decompressor.unused_data)


for name, make, packed in (
    ('zlib', zlib._ZlibDecompressor, zlib.compress(DATA)),
    ('bz2', bz2.BZ2Decompressor, bz2.compress(DATA)),
    ('lzma', lzma.LZMADecompressor, lzma.compress(DATA)),
    ('zstd', zstd.ZstdDecompressor, zstd.compress(DATA)),
):
    print(name)
    whole = make()
    print(tell(whole), whole.decompress(packed + b'behind') == DATA, tell(whole))
    try:
        whole.decompress(b'')
    except EOFError as error:
        print(repr(error))

    pieces = make()
    out = pieces.decompress(packed[:7])
    out += pieces.decompress(packed[7:-3], 1000)
    print(len(out) <= 2000, tell(pieces)[0])
    while not pieces.eof:
        out += pieces.decompress(b'' if not pieces.needs_input else packed[-3:], 5000)
        if len(out) == len(DATA) and not pieces.eof and pieces.needs_input:
            out += pieces.decompress(packed[-3:])
    print(out == DATA, tell(pieces))

    nothing = make()
    print(nothing.decompress(b''), nothing.decompress(packed, 0), nothing.eof)
    out = b''
    while not nothing.eof:
        out += nothing.decompress(b'', 4096)
    print(out == DATA)

    broken = make()
    try:
        broken.decompress(b'this is no stream of any kind, however long it may be')
    except Exception as error:
        print(type(error).__name__)

print(zlib.crc32(b'x', 2**40 + 5) == zlib.crc32(b'x', 5), zlib.crc32(b'x', -1), zlib.adler32(b'x', -1))
lz = lzma.LZMADecompressor()
print(lz.check == lzma.CHECK_UNKNOWN)
lz.decompress(lzma.compress(b'a', check=lzma.CHECK_SHA256))
print(lz.check == lzma.CHECK_SHA256)
