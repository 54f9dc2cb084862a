def show(text):
    try:
        result = repr(eval(text))
    except Exception as error:
        result = f'{type(error).__name__}: {error}'
    print(ascii(text), '->', result.encode('ascii', 'backslashreplace').decode())

class S(str):
    def __str__(self): return 'S!'
class B(bytes):
    pass
class BA(bytearray):
    pass
class Idx:
    def __index__(self): return 2
class Exp:
    def __init__(self): self.data = bytearray(b'hello'); self.log = []
    def __buffer__(self, flags): self.log.append('get'); return memoryview(self.data)
    def __release_buffer__(self, view): self.log.append('release'); view.release()
class Bad:
    def __buffer__(self, flags): return 3
class HB:
    def __bytes__(self): return b'hb'
class HB2:
    def __bytes__(self): return 'hb'
class F:
    def __format__(self, spec): return 'F(' + spec + ')'
class F2:
    def __format__(self, spec): return 3
class FL:
    def __float__(self): return 2.5
    def __int__(self): return 7
for text in [
    'memoryview(Bad())',
    "b'abc'[1], b'abc'[::-1], b'abc'[1:], b'abc'[-1], b'abcdef'[::2], b'abc'[5:], list(b'abc'), b'abc' + b'd', b'abc' + bytearray(b'd'), bytearray(b'a') + b'b', b'a' + memoryview(b'b'), b'' + b'x', b'abc'.find(b'c'), b'abc'.find(99), b'abc'.rfind(b'', 1), b'abc'.count(b'b'), b'aaa'.replace(b'a', b'bb', 1), b'a-b-c'.split(b'-', 1), b' a b '.split(), b' a b '.rsplit(None, 1), b','.join([b'a', bytearray(b'b'), memoryview(b'c')]), b'abc'.startswith((b'x', b'a')), b'abc'.endswith(b'bc', 1), b'xax'.strip(b'x'), b'a\\tb'.expandtabs(4), b'abc'.removeprefix(b'a'), b'abc'.removesuffix(b'bc'), b'abc'.hex(), b'abc'.hex(':'), b'\\x00\\xff'.hex(), bytes.fromhex('00 ff 1A\\n2b'), bytes.fromhex(b'0aff')",
    "bytes(5), bytes(b'abc'), bytes([1, 2]), bytes((1,)), bytes(bytearray(b'x')), bytes(memoryview(b'abc')[::2]), bytes('é', 'utf-8'), bytes('é', 'latin-1'), bytes(), bytes(range(3)), bytes(i for i in (1, 2)), bytes('a€', 'ascii', 'ignore'), bytes(True), bytes(source=b'x'), bytes('x', encoding='utf-8')",
    "bytearray(3), bytearray(b'abc'), bytearray([1, 2]), bytearray('é', 'utf-8'), bytearray(), bytearray(range(3)), bytearray(memoryview(b'ab')), bytearray(source=b'x'), bytearray('a', encoding='ascii', errors='strict')",
    "memoryview(b'abc') == memoryview(b'abc'), memoryview(b'abc') == b'abc', b'abc' == memoryview(b'abc'), memoryview(b'abc') != b'abd', memoryview(b'abc')[::2] == b'ac', memoryview(b'ab').cast('b') == memoryview(b'ab'), memoryview(bytearray(8)).cast('d') == memoryview(bytearray(8)), memoryview(bytearray(8)).cast('f') == memoryview(bytearray(8)).cast('i'), memoryview(b'') == b'', memoryview(b'a') == 'a', memoryview(b'abc') < 3",
    "memoryview(b'abc') < memoryview(b'abd')",
    "memoryview(b'abcabc').index(98), memoryview(b'abcabc').index(98, 2), memoryview(b'abcabc').count(97), memoryview(b'abc').index(99, -1), list(memoryview(b'ab')), 97 in memoryview(b'ab'), list(reversed(memoryview(b'ab'))), memoryview(b'abc').hex(), memoryview(b'abc').hex(':', 2), memoryview(b'a').toreadonly().readonly, memoryview(bytearray(2)).readonly, memoryview(b'abc').nbytes, memoryview(b'ab').suboffsets, memoryview(b'ab').strides, memoryview(b'ab').obj, memoryview(b'ab').format",
    "memoryview(b'abc').__buffer__(0).tobytes(), b'abc'.__buffer__(0).tobytes(), bytearray(b'x').__buffer__(1).readonly",
    "memoryview._from_flags(b'abc', 0).tobytes(), memoryview._from_flags(bytearray(b'abc'), 1).readonly",
    "memoryview._from_flags(b'abc', 1)",
    "str(b'abc', 'utf-8'), str(b'\\xff', 'latin-1'), str(b'\\xff', 'ascii', 'replace'), str(memoryview(b'ab'), 'ascii'), str(bytearray(b'ab'), errors='strict'), str(object=5), str(3), str()",
]:
    show(text)
