# An object with a finalizer in Python finds what it holds whole, in cycles and at the end of the process too.
import asyncio
import gc
import io
import os
import socket
import tempfile


class Owner:
    """Older than what it holds, and in a cycle with it."""

    def __init__(self, name):
        self.name = name
        self.me = self
        self.file = open(os.path.join(tempfile.gettempdir(), f"finalizers-{os.getpid()}"), "w+b")
        self.buffer = io.BufferedWriter(io.FileIO(os.dup(self.file.fileno()), "w"))
        self.left, self.right = socket.socketpair()

    def __del__(self):
        self.buffer.write(b"last words")
        self.left.send(b"bye")
        print(self.name, self.file.closed, self.buffer.closed, self.right.recv(10))
        self.left.close()
        self.right.close()
        self.buffer.close()
        self.file.seek(0)
        print(self.name, self.file.read())
        self.file.close()
        os.unlink(self.file.name)


def collect_one():
    Owner("collected")
    # What is left on the stack of the call must not count.
    return [0] * 100


collect_one()
gc.collect()
at_exit = Owner("at exit")
loop = asyncio.new_event_loop()
print(loop.run_until_complete(asyncio.sleep(0, "slept")))
