# Text and binary streams: newlines, positions, errors.
import io
import os
import tempfile

path = os.path.join(tempfile.mkdtemp(), "sample")


def attempt(function):
    try:
        return function()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


with open(path, "w", encoding="utf-8", newline="") as file:
    print(file.write("one\r\ntwo é\rthree\nfour"))
for newline in (None, "", "\n", "\r", "\r\n"):
    with open(path, encoding="utf-8", newline=newline) as file:
        print(repr(newline), list(file), file.newlines)

with open(path, encoding="utf-8") as file:
    file.readline()
    place = file.tell()
    rest = file.read()
    file.seek(place)
    print(place, file.read() == rest)
    print(attempt(lambda: file.write("x")))
print(attempt(file.read), file.closed)

wide = io.TextIOWrapper(io.BytesIO("\ufeffa\u20acb".encode("utf-16-le")), encoding="utf-16")
print(repr(wide.read(2)), repr(wide.read()))

raw = io.BytesIO(b"abc\ndef")
reader = io.BufferedReader(raw, 4)
print(reader.peek(1)[:1], reader.readline(), reader.tell(), reader.read1(2), reader.seek(0), reader.read())
print(attempt(lambda: reader.seek(0, 9)), attempt(lambda: io.BufferedReader(raw, 0)))

view = raw.getbuffer()
print(attempt(lambda: raw.write(b"longer than before")))
view.release()
print(raw.seek(1), raw.write(b"XY"), raw.getvalue())

text = io.StringIO("a\r\nb\rc\n", newline=None)
print(text.readlines(), text.newlines, text.seek(0), text.write("Z€"), repr(text.getvalue()))
print(attempt(lambda: text.seek(1, 1)), attempt(lambda: io.StringIO(b"")))


class Raw(io.RawIOBase):
    def __init__(self):
        self.parts = [b"12", b"3", None, b""]

    def readable(self):
        return True

    def readinto(self, target):
        part = self.parts.pop(0)
        if part is None:
            return None
        target[: len(part)] = part
        return len(part)


print(io.BufferedReader(Raw()).read(5), Raw().read(2), Raw().readall())
for mode in ("q", "rw", "rbt", "b", "r+w"):
    print(mode, attempt(lambda: open(path, mode)))
print(attempt(lambda: open(path, encoding="hex")), attempt(lambda: open("a\0b")), attempt(lambda: open(path, "rb", newline="")))
os.unlink(path)
os.rmdir(os.path.dirname(path))
