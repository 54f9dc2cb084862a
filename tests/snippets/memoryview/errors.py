def show(text):
    try:
        result = repr(eval(text))
    except Exception as error:
        result = f'{type(error).__name__}: {error}'
    print(ascii(text), '->', result.encode('ascii', 'backslashreplace').decode())

mv = memoryview(bytearray(b'abcdefgh'))
m2 = mv.cast('B', [2, 4])
m0 = memoryview(b'\x01').cast('B', [])
for text in [
    "memoryview('a')",
    'memoryview()',
    "memoryview(b'a')[3]",
    "memoryview(b'a')['a']",
    "memoryview(b'a').__setitem__(0, 3)",
    'mv.__setitem__(0, 300)',
    "mv.__setitem__(0, 'a')",
    "mv.__setitem__(slice(0,2), b'abc')",
    'mv.__setitem__(slice(0,2), 3)',
    'mv.__delitem__(0)',
    'm2[0]',
    'm2[0,0]',
    'm2[0,0,0]',
    'm2[0,9]',
    'm2[0:1].tolist()',
    'm2[0:1,0:1]',
    "m2.__setitem__(slice(0,1), b'a')",
    'm2.__setitem__(0, 3)',
    'list(m2)',
    'len(m0), m0[()]',
    'm0[0]',
    'm0[()]',
    'm0.tolist()',
    'hash(mv)',
    "hash(memoryview(b'abc')) == hash(b'abc')",
    "hash(mv.cast('b').toreadonly())",
    "mv.cast('x')",
    "mv.cast('i').cast('h')",
    "mv.cast('B', 3)",
    "mv.cast('B', [3])",
    "mv.cast('B', [0])",
    "mv.cast('B', ['a'])",
    "mv.cast('B', [2,4]).cast('B',[4,2])",
    "mv[::2].cast('B')",
    "mv[:3].cast('i')",
    'mv.cast(3)',
    "mv.tobytes('x')",
    'mv.tobytes(3)',
    'mv.index(3000)',
    'm2.index(3)',
    'm2.count(3)',
    'mv == 3',
    "mv == b'abcdefgh'",
    "mv.hex('-')",
]:
    show(text)
