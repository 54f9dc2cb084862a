"""Calls that take many buffers at once, of objects that nobody else holds, while others collect; messages that were cut off."""
import os
import socket
import threading


class Fresh:
    """A sequence whose items are made when they are asked for, each with memory of its own behind a view."""
    def __init__(self, make):
        self.make = make

    def __len__(self):
        return 40

    def __getitem__(self, index):
        if index >= 40:
            raise IndexError
        return self.make(index)


class Exporter:
    def __init__(self, index):
        self.index = index

    def __buffer__(self, flags):
        return memoryview(bytearray([self.index]) * 100)


def fill():
    while not over.is_set():
        for _ in range(50):
            kept = [bytearray(b"\xff" * 100) for _ in range(200)]


EXPECTED = b"".join(bytes([index]) * 100 for index in range(40))
MAKERS = [lambda index: bytes([index]) * 100, lambda index: bytearray([index]) * 100, lambda index: memoryview(bytearray([index]) * 100), Exporter]


def written():
    for make in MAKERS:
        ends = os.pipe()
        assert os.writev(ends[1], Fresh(make)) == 4000
        assert os.read(ends[0], 5000) == EXPECTED
        for end in ends:
            os.close(end)
        a, b = socket.socketpair()
        assert a.sendmsg(Fresh(make)) == 4000
        assert b.recv(5000, socket.MSG_WAITALL | socket.MSG_DONTWAIT) == EXPECTED
        a.send(EXPECTED)
        assert b.recvmsg_into(Fresh(lambda index: bytearray(100)))[0] == 4000
        a.close()
        b.close()


def cut_off():
    a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    for _ in range(3):
        a.send(b"x" * 100)
    assert b.recv(10, socket.MSG_TRUNC) == b"x" * 10
    assert b.recvfrom(10, socket.MSG_TRUNC)[0] == b"x" * 10
    assert b.recvmsg(10, 0, socket.MSG_TRUNC)[0] == b"x" * 10
    for room in (1 << 60, 0), (10, (1 << 31) - 1):
        try:
            b.recvmsg(*room, socket.MSG_DONTWAIT)
        except (MemoryError, BlockingIOError):
            pass


over = threading.Event()
filler = threading.Thread(target=fill)
filler.start()
try:
    for _ in range(20):
        written()
    cut_off()
finally:
    over.set()
    filler.join()
print("ok")
