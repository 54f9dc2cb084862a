# What borrows memory for the time of a call, and what holds it: bytearrays, memoryviews, arrays.
import array
import gc
import io
import struct
import sys


def attempt(what, *args):
    try:
        return what(*args)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


data = bytearray(b"0123456789")
struct.pack_into("<I", data, 2, 0x41424344)
print(data, struct.unpack_from("<I", data, 2))
data.append(1)
view = memoryview(data)
print(attempt(data.append, 2), attempt(data.extend, b"xy"), attempt(data.clear))
print(io.BytesIO(b"abcdef").readinto(view), data, view[:3].tobytes())
print(attempt(struct.pack_into, "<I", memoryview(b"12345678"), 0, 1))
part = view[2:6]
view.release()
print(attempt(data.append, 3))
print(attempt(bytes, view), attempt(struct.unpack_from, "<I", view, 0))
part.release()
data.append(4)
print(data, bytearray(data), bytearray(memoryview(data)[::2]), bytes(memoryview(data)[::-1]))

with memoryview(data) as held:
    print(attempt(data.pop), held.nbytes)
print(data.pop())


class Odd:
    """Changes the array while its memory is borrowed."""

    def __init__(self, target):
        self.target = target

    def __index__(self):
        print(attempt(self.target.extend, b"more"))
        return 7


target = bytearray(8)
struct.pack_into("<II", target, 0, 1, Odd(target))
print(target)
target.extend(b"more")
print(target)

wide = memoryview(array.array("i", range(6)))
grid = wide.cast("B").cast("i", [2, 3])
print(grid.tolist(), grid.shape, attempt(lambda: bytes(grid) == wide.tobytes()))
del grid, wide


def churn(count):
    for number in range(count):
        buffer = bytearray(16)
        first = memoryview(buffer)
        second = first[2:8]
        table = first.cast("H", [2, 4])
        second[0] = number & 255
        struct.pack_into("<H", buffer, 4, number & 0xFFFF)
        assert first[2] == number & 255 and table[1, 3] == 0
        if number % 3 == 0:
            table.release()
            second.release()
            first.release()
            buffer.append(1)


churn(20000)
gc.collect()
buffers = [bytearray(8) for _ in range(1000)]
views = [memoryview(buffer) for buffer in buffers]
print(sum(view.nbytes for view in views))
del views
gc.collect()
print(sum(attempt(buffer.append, 1) is None for buffer in buffers), sum(map(len, buffers)))


class Own(bytearray):
    pass


own = Own(b"abc")
own.note = "kept"
lent = memoryview(own)
print(attempt(own.append, 1), lent.obj is own)
del lent
gc.collect()
own.append(100)
print(own, own.note, bytearray(own), type(bytearray(own)) is bytearray)
same = bytearray(b"same")
same.__init__(same)
print(same)
for source in (b"", bytearray(), bytearray(b"ab"), memoryview(b"abc"), 3, [1, 2], array.array("h", [1])):
    fresh = bytearray(source)
    fresh += b"!"
    print(fresh, end=" ")
print()
file = io.BytesIO(b"abc" * 5)
target = bytearray(4)
print(file.readinto(target), target, file.readinto(memoryview(target)[1:3]), target, file.readinto1(target), target)

# Slices that are assigned bytes.
memory = bytearray(b"abcdefghij")
whole = memoryview(memory)
whole[2:5] = b"CDE"
whole[:2] = bytearray(b"AB")
whole[5:5] = b""
whole[-1:] = b"J"
whole[3:7] = memory[1:5]
print(memory)
whole[::3] = b"wxyz"
whole[::-1] = bytes(memory)
print(memory)


class Negative:
    def __index__(self):
        return -3


whole[Negative():] = b"end"
for slice_, value in ((slice(0, 3), b"ab"), (slice(0, 3), "abc"), (slice(0, 2), memoryview(b"abcd").cast("H")), (slice(0, 0, 0), b"")):
    print(attempt(whole.__setitem__, slice_, value))
signed = whole.cast("b")
print(attempt(signed.__setitem__, slice(0, 2), b"ab"), attempt(memoryview(b"ab").__setitem__, slice(0, 1), b"x"))
wide = memoryview(bytearray(8)).cast("H")
print(attempt(wide.__setitem__, slice(0, 2), b"abcd"), attempt(wide.__setitem__, slice(0, 2), b"ab"), memory)
