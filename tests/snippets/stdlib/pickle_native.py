"""The native pickler and unpickler: streams, errors, odd input."""
import _pickle
import io
import re


def plain(value):
    return re.sub('0x[0-9a-f]+', '0x', str(value))


def t(function, *args, **kwargs):
    try:
        print(plain(function(*args, **kwargs)))
    except Exception as e:
        print(type(e).__name__, plain(e), getattr(e, '__notes__', ''), plain(repr(e.__context__)))


class Plain:
    pass


class R:
    def __init__(self, value):
        self.value = value

    def __reduce_ex__(self, protocol):
        return self.value


def __newobj__(*args):
    pass


def __newobj_ex__(*args):
    pass


instance = Plain()
instance.a, instance.b = 1, 'x'
shared = ['s']
VALUES = [
    None, True, 0, 255, 65536, -1, 2**31, -2**31 - 1, 10**30, -(10**30), 1.5, '', 'é' * 3, '\ud800', 'a\\\n\r\0\x1a\xe9\u1234\U00012345',
    b'', b'ab', bytearray(b'abc'), (), (1,), (1, 2, 3, 4), [shared, shared], {1: 2}, {1: 2, 3: 4}, {1}, frozenset([1]), instance,
    type(None), ..., NotImplemented, int, len, int.from_bytes, str.join, range(3), Plain,
]
for value in VALUES:
    for protocol in range(6):
        data = _pickle.dumps(value, protocol)
        again = _pickle.loads(data)
        print(protocol, data, again == value or type(again) is type(value))
for count in 999, 1000, 1001:
    for value in [None] * count, dict.fromkeys(range(count)), set(range(count)):
        data = _pickle.dumps(value)
        print(len(data), data[-9:], _pickle.loads(data) == value)
recursive = []
recursive.append((recursive,))
again = _pickle.loads(_pickle.dumps(recursive))
print(again[0][0] is again)
for reduced in [
    3, (), (1,), (1, 2), (print, 3), (print, ()), (print, (), 1, 2), (print, (), 1, None, 2), (print, (), 1, None, None, 3), 'x', 'R',
    (__newobj__, ()), (__newobj__, (3,)), (__newobj__, (int,)), (__newobj_ex__, ()), (__newobj_ex__, (R, [], {})), (__newobj_ex__, (R, (), {})),
]:
    t(_pickle.dumps, R(reduced))
    t(_pickle.dumps, R(reduced), 2)
t(_pickle.dumps, [1, R(3)])
t(_pickle.dumps, {'k': R(3)})
for data in [
    b'', b'.', b'N', b'K', b'\x80\x06N.', b'0.', b'1.', b'(.', b't.', b'\x85.', b'R.', b'NNR.', b'N)R.', b'Nb.', b'](N0.', b'}(Nu.', b'(Nd.',
    b'o.', b'(ia\nb\n.', b'I\n.', b'Ia\n.', b'I01\n.', b'I010\n.', b'I0x10\n.', b'L12L\n.', b'Lx\n.', b'F1.5\n.', b"S'\n.", b"S'a\\x00'\n.",
    b'Pab\n.', b'NQ.', b'g0\n.', b'Np-1\n.', b'N)\x81.', b'cbuiltins\nint\nN\x81.', b'cbuiltins\nint\n)N\x92.', b'NN\x93.', b'\x82\0.', b'\x82\x01.',
    b'cos\nx\n.', b'cnomod\nx\n.', b'\x95\xff\0\0\0\0\0\0\0.', b'\x97.', b'\x8b\xff\xff\xff\xff.', b'\xff', b"'", b'N(N\x90.', b'}]Ns.',
    b'\x80\x04\x8c\x02os\x8c\x03a.b\x93.', b'cbuiltins\nint\nK\5b.', b'N}b.', b'\x80\x04\x95\x03\0\0\0\0\0\0\0C\x0ahelloworld.',
]:
    print(data, end=' ')
    t(_pickle.loads, data)
t(_pickle.loads, 'abc')
t(_pickle.loads, b'U\1\xff.', encoding='latin1')
t(_pickle.loads, b'\x97\x98.', buffers=[b'a'])
t(_pickle.Pickler)
t(_pickle.Pickler, 3)
t(_pickle.Pickler, io.BytesIO(), 6)
t(_pickle.Unpickler, 3)


class Writer:
    def write(self, data):
        print(len(data), end=' ')


_pickle.dump(b'a' * 70000, Writer())
_pickle.dump(['a' * 40000, 'b' * 40000, 'c' * 40000], Writer())
_pickle.dump(['a' * 40000, 'b' * 70000, 'c'], Writer(), 3)
print()
buffers = []
data = _pickle.dumps(_pickle.PickleBuffer(bytearray(b'a')), buffer_callback=buffers.append)
print(data, bytes(_pickle.loads(data, buffers=buffers)))
t(_pickle.dumps, _pickle.PickleBuffer(b'a'), 4)
t(_pickle.dumps, _pickle.PickleBuffer(memoryview(b'abc')[::2]))


class ById(_pickle.Pickler):
    def persistent_id(self, value):
        return 'shared' if value is shared else None


class FromId(_pickle.Unpickler):
    def persistent_load(self, name):
        return name.upper()


for protocol in 0, 1, 5:
    file = io.BytesIO()
    ById(file, protocol).dump([shared, 1])
    print(file.getvalue())
    file.seek(0)
    print(FromId(file).load())
