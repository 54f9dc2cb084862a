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
    "S('abc'), str(S('abc')), S('abc')[1:], type(S('abc')[:]), type(S('abc').strip()), type(S('x') + ''), S('abc') == 'abc', hash(S('abc')) == hash('abc'), type(S('abc').replace('q','r')), type(S('a').__str__())",
    'f"{S(\'abc\')}|{S(\'abc\'):>5}|{S(\'abc\')!r}", \'%s\' % S(\'abc\'), \'{}\'.format(S(\'q\')), format(S(\'q\')), S(\'a\').__format__(\'\')',
    "type(S('abc').lower()), type(S('') .join(['a'])), type(S('ab') * 1), type(S('a').ljust(0)), type(S('a').expandtabs()), type(S('a').zfill(0)), S('a').partition('x')",
    "'{}'.format(F()), '{:abc}'.format(F()), f'{F():x}', format(F(), 'q')",
    "'{}'.format(F2())",
    "'%d %f' % (FL(), FL()), '%s' % [1, 'a'], '%r' % (('a',),)",
    "'%x' % FL()",
    "'%5d|%-5d|%05d|%+d|% d|%x|%X|%#o|%i|%u' % (42, 42, 42, 42, 42, 255, 255, 8, 3, 4)",
    "'%e %E %g %G %.3f %10.2f|%-10.2f|' % (1.5, 1.5, 1e-10, 1e20, 3.14159, 2.5, 2.5)",
    "'%*d|%-*d|%.*f' % (5, 1, 5, 2, 2, 3.14159), '%*d' % (-5, 3), '%.0s|%.2s|%10.3s|' % ('abc', 'abc', 'abcdef')",
    "'%d' % 10**30, '%x' % 2**70, '%o' % -2**65, '%#X' % 10**20, '%,d' % 3",
    "'{} {}'.format(1, 2), '{:,} {:_} {:x} {:b} {:e} {:%}'.format(1234567, 1234567, 255, 5, 1.5, 0.25), '{:+} {: } {:08.3f} {:>+8}'.format(3, 3, 3.14159, 7)",
    "'}'.format()",
    "'{'.format()",
    "'{a'.format()",
    "'{0[}'.format([1])",
    "'{:'.format(1)",
    "'{0.}'.format(1)",
    "'{-1}'.format(1)",
    "'abcabc'.find('c', 3), 'abcabc'.rfind('c', 0, 5), 'abc'.find(''), 'abc'.find('', 3), 'abc'.find('', 4), 'abc'.rfind(''), 'abc'.find('c', -1), 'abc'.index('c'), 'aaa'.count('a'), 'aaa'.count(''), 'aaa'.count('aa'), 'abc'.count('', 1, 2), ''.count(''), ''.find('')",
    "'abc'.index('z')",
    '\'hello World\'.title(), \'HELLO\'.capitalize(), \'Hello\'.swapcase(), \'ÀÉ\'.lower(), \'ß\'.casefold(), \'ﬁ\'.upper(), \'ǆ\'.capitalize(), "they\'re".title(), \'ŉ\'.upper(), \'K\'.lower(), \'ſ\'.upper(), \'ÿ\'.upper()',
    "'abc'[::-1], 'abcdef'[1:5:2], 'abc'[5:], 'abc'[-2:], 'é€😀'[::-1], 'é€😀'[0], 'a😀'[:1].isascii(), 'abc'[2:1], 'abc'[:], 'abc'[-1], 'abcdef'[::100], 'abc'[None:None:-1]",
    "'abc'.translate({97: 'X', 98: None, 99: 0x20ac}), 'abc'.translate(str.maketrans('ab', 'xy', 'c')), 'aé'.translate({0xe9: 'e'}), 'abc'.translate('xyz' * 50), 'abc'.translate([None] * 98), str.maketrans({'a': 1, 98: 'x'}), str.maketrans('ab', 'cd', 'e')",
    "'a' * (2**62)",
    "'a' * 2**70",
    "format(5, 's')",
    "format(5.0, 'd')",
    "format('a', 'd')",
    "format('a', ',')",
    "format('a', '+')",
    "format(5, '.2')",
    "format(300, 'c'), format(65, '3c') + '|'",
    "format(2**70, 'c')",
    "format(10**5000, 'd')",
    "sum(len(c) for c in 'héllo€😀'), [ord(c) for c in 'a€😀'], ''.join(reversed('a€😀')), sorted('bca'), list(enumerate('ab')), max('abc'), dict.fromkeys('ab')",
    "'a'.__add__(3)",
    'str.upper(3)',
    "'abc'.upper(1)",
    "'abc'.strip(1, 2)",
    "'abc'.lower(x=1)",
    "'abc'.split(foo=1)",
    "'abc'.split(',', maxsplit=None)",
    "'abc'.encode(encoding=None)",
    "'a'.isalpha(1)",
    "'%s' % 'x' * 3, '%%' % (), '%5%|' % ()",
]:
    show(text)
