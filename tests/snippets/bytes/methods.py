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
    "B(b'abc'), type(B(b'abc')[:]), type(B(b'abc') + b''), B(b'abc') == b'abc', type(B(b'x').strip()), type(bytes(B(b'q'))), B.fromhex('6162'), type(B.fromhex('61')), B(b'ab').__bytes__().__class__",
    "BA(b'abc'), type(BA(b'abc')[:]), type(BA(b'a') + b'b'), BA.fromhex('61'), type(BA(b'x').copy()), BA(b'a').__reduce__()",
    "bytes(HB()), b'%b' % HB(), bytes(Exp()), bytearray(Exp()), b''.join([Exp(), b'x', bytearray(b'y')]), b'lo' in Exp().data",
    'bytes(HB2())',
    "b'%b' % Exp()",
    "bytes(Idx()), bytearray(Idx()), 'abc'[Idx()], b'abc'[Idx()], 'ab' * Idx(), 'abcdef'.find('c', Idx()), 'abc'.center(Idx())",
    "bytes([Idx(), 5]), bytearray([Idx()]), b'a\\x02'.find(Idx()), Idx() in b'\\x02'",
    "'%(a)s %(b)d %%' % {'a': 1, 'b': 2}, '%(a(b))s' % {'a(b)': 3}, '%c%c' % (65, 'é'), '%5c|%-5c|' % ('x', 'y')",
    "'%s' % (('a', 'b'),), '%s' % {'x': 1}, '%s %s' % ('é', '😀'), '%a' % 'é', '%r' % 'é', 'é%sé' % 'a'",
    "b'%s %d %x %c %c %a %5.1f|%-4d|' % (b'a', 5, 255, 65, b'z', 'é', 2.25, 3), bytearray(b'%s') % b'x', type(bytearray(b'%s') % b'x')",
    "'{0} {1} {0}'.format('a', 'b'), '{a.real} {b[x]} {c[0]}'.format(a=3, b={'x': 5}, c=[7]), '{:{w}.{p}}'.format('abcdef', w=10, p=3), '{{}}'.format(), '{0!r:>6}'.format('a'), '{!a}'.format('é')",
    "'{a b}'.format_map({'a b': 1}), '{x}'.format_map({'x': 1}), '{x.y}'.format_map({'x': 1})",
    "'  a b  c '.split(), '  a b  c '.split(None, 1), '  a b  c '.rsplit(None, 1), 'a,b,,c'.split(','), 'a,b,,c'.split(',', 2), 'a,b,,c'.rsplit(',', 1), ''.split(), ''.split(','), 'é,€'.split(','), 'a\\u2003b'.split(), 'abc'.split('😀'), ' a '.split(maxsplit=0), ','.split(',')",
    "'a\\nb\\r\\nc\\rd\\x0be\\x1cf\\x85g\\u2028h'.splitlines(), 'a\\n\\nb\\n'.splitlines(True), ''.splitlines(), b'a\\nb\\r\\nc\\x0bd'.splitlines(), b'a\\n'.splitlines(keepends=True)",
    "','.join(['a', 'b']), ''.join(['é', 'a', '€']), 'x'.join([]), 'x'.join(('a',)), 'é'.join(['a', 'b']), '--'.join(str(i) for i in range(3)), ''.join(['a'] * 100)[:3]",
    "'aXbXc'.replace('X', ''), 'aaa'.replace('a', 'bb', 2), 'aaa'.replace('', '-'), 'aaa'.replace('', '-', count=2), 'abc'.replace('b', '€'), '€b'.replace('€', 'a'), 'abc'.replace('z', 'y'), 'é'.replace('é', 'e').isascii(), 'aaa'.replace('a', 'b', -5), 'aaa'.replace('a', 'b', 0)",
    "'abc'.startswith('ab'), 'abc'.startswith(('x', 'a')), 'abc'.startswith('b', 1), 'abc'.endswith('c', 0, 2), 'abc'.startswith('', 3), 'abc'.startswith('', 4), 'abc'.endswith(''), 'abc'.startswith(()), 'a€'.endswith('€'), 'abc'.startswith('abcd')",
    "'  x '.strip(), '  x '.lstrip(), '  x '.rstrip(), 'xxaxx'.strip('x'), 'xyayx'.strip('yx'), '\\u2003a\\u2003'.strip(), 'abc'.strip(''), 'é€aé'.strip('é€'), 'aaa'.strip('a'), '\\x1fa\\x1f'.strip(), b'\\x1fa '.strip()",
    "'a=b=c'.partition('='), 'a=b=c'.rpartition('='), 'abc'.partition('x'), 'abc'.rpartition('x'), b'a=b'.partition(b'='), bytearray(b'a=b').rpartition(b'='), b'ab'.partition(bytearray(b'x'))",
    "'abc'.center(10, '*'), 'abc'.center(4), 'abcd'.center(7), 'a'.ljust(3) + '|', 'a'.rjust(3, '€'), '-5'.zfill(5), '+5'.zfill(5), 'abc'.zfill(2), '--5'.zfill(6), ''.zfill(2), b'-5'.zfill(4), b'a'.center(4, b'*'), bytearray(b'a').ljust(3)",
    "'a' < 'b', 'a' < 'é' < '€' < '😀', 'abc' > 'abd', 'a' <= 'a', 'a' != 'b', 'a' == 'a', '' < 'a', 'é' == 'é', 'a' == None, '\\ud800' < '\\U00010000'",
    "'abc'.isalpha(), 'ab1'.isalnum(), '123'.isdigit(), '²'.isdigit(), '²'.isdecimal(), '½'.isnumeric(), 'Ab'.istitle(), 'ab'.islower(), 'AB'.isupper(), ' \\t'.isspace(), 'a b'.isidentifier(), 'é1'.isidentifier(), '1a'.isidentifier(), ''.isidentifier(), 'a\\n'.isprintable(), ''.isprintable(), ''.isascii(), ''.isalpha(), 'ª'.islower(), 'ǅ'.istitle(), 'ⅷ'.islower()",
    "b'abc'.isalpha(), b'ab1'.isalnum(), b'12'.isdigit(), b'Ab'.istitle(), b'ab'.islower(), b'AB'.isupper(), b' \\t'.isspace(), b'\\xff'.isascii(), b''.isalpha(), b'aBc'.swapcase(), b'hello world'.title(), b'ABC'.lower(), b'abc'.upper(), b'abC'.capitalize(), b'\\xe9'.upper()",
    "b'abc'.translate(bytes(range(256)), b'b'), b'abc'.translate(None, b'a'), b'abc'.translate(bytes.maketrans(b'ab', b'xy')), bytearray(b'abc').translate(None, delete=b'c')",
    'repr(\'a\\\'b\'), repr(\'a"b\'), repr(\'a\\\'"b\'), repr(\'\\n\\t\\r\\\\\\x00\\x7f\\x80é\\u200b€\\U0001f600\\ud800\\U000e0001\'), ascii(\'é€😀\'), repr(b\'a\\\'b"\\n\\xff\'), repr(bytearray(b"a\'")), str(b\'x\'), repr(\'\'), repr(b\'\')',
    "'a' * 3, 'ab' * 0, 'é' * 2, 'ab' * -1, 3 * 'ab', b'ab' * 3, 3 * b'a', bytearray(b'ab') * 2, 2 * bytearray(b'a'), b'' * 5",
    "b'ab' * (2**62)",
    "b'abc'.__buffer__(1)",
    "str(b'a', encoding=3)",
    "hash('') == hash(''), hash('abc') == hash('ab' + 'c'), hash(b'abc') == hash(bytes(bytearray(b'abc'))), {'a': 1}['a'], {'é€': 2}['é' + '€']",
    "'a' 'b' + 'é', 'é' + '€' + '😀', ('x' * 300 + 'y')[-2:], len('x' * 300 + 'é' * 300), ('a' * 300 + '€')[300], ('é' * 200 + 'b' * 200)[199:201]",
    "format(5, '5'), format(-5, '05'), format(255, '08b'), format(3.5, '10'), format(3.0), format(1e100), format(2.5, '.0f'), format(10**20, ','), format(-3, '+'), format(True, '5'), format('a', '5') + '|', format(1.5, 'e'), format(0.1, '.20f'), format(12345.678, ',.2f'), format(1+2j, '.1f'), format(float('nan'), '5'), format(float('-inf'), '08')",
    "S('abc').__getnewargs__(), 'a'.__sizeof__() > 20, 'abc'.__add__('d'), 'abc'.__mod__(()), 'abc'.__rmod__('%s'), 'abc'.__contains__('b'), 'abc'.__len__(), 'abc'.__mul__(2), 'abc'.__getitem__(0), b'%d'.__rmod__(3), b'a'.__mod__(()), 'abc'.__rmul__(2), 'a'.__ne__('a')",
    "'a'.__lt__(3), 'a'.__hash__() == hash('a'), b'a'.__eq__('a'), bytearray(b'a').__eq__(3), bytearray(b'a').__lt__(b'b')",
    'hash(bytearray())',
    "str.join(',', ['a']), str.upper('é'), bytes.join(b',', [b'a']), str.find('abc', 'c')",
    "bytes.upper('a')",
    "bytearray.append(b'a', 3)",
    "b'abc'.hex(sep=':', bytes_per_sep=2)",
]:
    show(text)
