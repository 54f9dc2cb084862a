"""Bytes, ints as bytes, and what is built from them piece by piece."""


def shown(function):
    try:
        return repr(function())
    except Exception as error:
        return f"{type(error).__name__}: {error}"


for number in (0, 1, -1, 127, 128, 255, 256, -128, -129, 2**31, 2**47, -(2**48), 2**63 - 1, -(2**63), 2**64):
    for length in (0, 1, 2, 6, 7, 8, 9):
        for signed in (False, True):
            for order in ("big", "little"):
                text = shown(lambda: number.to_bytes(length, order, signed=signed))
                print(number, length, signed, order, text)
print((5).to_bytes(), shown(lambda: (5).to_bytes(-1)), shown(lambda: (5).to_bytes(1, "middle")), shown(lambda: (5).to_bytes(1, "é")))
for data in (b"", b"\0", b"\x7f", b"\x80", b"\xff", b"\x01\x02\x03", b"\xff" * 6, b"\xff" * 7, b"\x80" + b"\0" * 6, b"\xff" * 8, b"\x01" * 9):
    print(data, [int.from_bytes(data, order, signed=signed) for order in ("big", "little") for signed in (False, True)])
print(int.from_bytes([1, 2]), int.from_bytes(bytearray(b"\x01\x02"), "little"), int.from_bytes(memoryview(b"ab")), shown(lambda: int.from_bytes("a")))


class Number(int):
    pass


print(type(Number.from_bytes(b"\x05")), [type(kind.from_bytes(b"\x01")) for kind in (int, bool, Number, int)])
for source in [(1, 2, 255), (), (256,), (-1,), (True, 2), (1, "a"), (2**70,), [1, 2], [300], bytearray(b"abc"), memoryview(b"abc"), range(3), "a", 3, iter([1]), {65}]:
    print(shown(lambda: bytes(source)), shown(lambda: bytearray(source)))
for parts in [[], [b"a"], [b"a", b"b"], (b"a", bytearray(b"b")), [b"a", memoryview(b"b")], [b"a", "b"], [1], "ab", 5]:
    print(shown(lambda: b"-".join(parts)), shown(lambda: bytearray(b"-").join(parts)))
one = b"one"
print(b"".join([one]) is one, type(bytearray().join([one])))
data = b"abcabc"
print(data.find(b"c"), data.find(99), data.find(bytearray(b"ca")), data.rfind(b"a", 0, 3), data.count(b"bc"), shown(lambda: data.index(b"x")), shown(lambda: data.find("a")))
print(data.startswith(b"ab"), data.startswith((b"x", b"a")), data.endswith(b"bc", 2), shown(lambda: data.startswith("a")), shown(lambda: data.startswith(("a",))))
array = bytearray()
for number in range(300):
    array.append(number & 255)
print(shown(lambda: array.__iadd__(array)))
array += bytes(array)
array.extend(array)
print(len(array), array[:4], array[-4:])
view = memoryview(array)
print(shown(lambda: array.append(1)), shown(lambda: array.extend(b"x")))
view.release()
array.append(1)
del array[:1150]
array += b"end"
print(bytes(array), bytes(array) is not array, list(b"\x00\xff"), list(iter(b"")), next(iter(b"z")))
walk = iter(b"abc")
print(next(walk), walk.__length_hint__(), list(walk), list(walk), [byte for byte in b"xyz"])
