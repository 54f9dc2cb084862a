# BytesIO and StringIO: whole contents that are shared, lines, seeks and their errors, writes.
import io

data = b"one\ntwo\n\nthree"
f = io.BytesIO(data)
assert f.read() is data and f.read() == b"" and f.tell() == len(data)
f.seek(0)
print(f.read(4), f.readline(2), f.readline(), f.readlines(), f.read(5), f.readline())
one = b"one line only"
f = io.BytesIO(one)
assert f.readline() is one and list(f) == [] and f.getvalue() is one
f.seek(0)
print(list(f), f.readline(3))
f.write(b"!")
f.seek(0)
print(f.readline(), f.read(0), f.getvalue(), one)
f.seek(100)
print(f.read(), f.readline(), f.tell(), list(f))
empty = io.BytesIO()
print(empty.read(), empty.readline(), empty.getvalue(), empty.write(b""), empty.tell(), empty.read1(3))

def tried(function, *arguments):
    try:
        return function(*arguments)
    except Exception as error:
        return type(error).__name__, str(error)

for make in (io.BytesIO, io.StringIO):
    f = make(data if make is io.BytesIO else data.decode())
    for arguments in ((0,), (3,), (-1,), (-1, 0), (-1, 1), (0, 1), (2, 1), (0, 2), (-2, 2), (-100, 2), (1, 3), (-1, 3), (0, -1), (2**62, 0), (2**62, 1), (2**63 - 1, 1)):
        print(make.__name__, arguments, tried(f.seek, *arguments), f.tell())
        f.seek(min(f.tell(), 20))
    f.close()
    for name, *arguments in (("seek", 0), ("seek", -1), ("seek", 0, 5), ("read",), ("readline",), ("tell",), ("write", data[:0] if make is io.BytesIO else ""), ("write", 5), ("getvalue",)):
        print(name, arguments, tried(getattr(f, name), *arguments))

view = (f := io.BytesIO(b"abc")).getbuffer()
print(tried(f.write, b"x"), tried(f.write, b""), tried(f.__init__), f.getvalue(), f.read(2))
view.release()
print(f.write(b"xyz"), f.getvalue())

for newline in (None, "", "\n", "\r", "\r\n"):
    f = io.StringIO("a\r\nb\rc\nd", newline=newline)
    print(repr(newline), f.tell(), f.readline(), list(f), f.write("x\ny\r\nz"), f.getvalue(), f.newlines)
    f.__init__("é\n", newline)
    print(ascii(f.getvalue()), f.tell(), f.seek(0, 2), f.write("日"), ascii(f.getvalue()))
f = io.StringIO("hello")
print(f.seek(2), f.write("LL"), f.getvalue(), f.seek(8), f.write("é"), ascii(f.getvalue()), f.seek(0), f.write(""), f.read(3))
f = io.StringIO.__new__(io.StringIO)
print(tried(f.write, "a"), tried(f.write, 1), tried(f.seek, 0), tried(f.read))
print(b"a" + b"" == b"a", b"abc" != bytearray(b"abc"), (lambda x: x == x)(b"q" * 1000), b"a" == "a")

# Characters that lie across the ends of what is read at once, wrong ones among them.
for text in ("日本語 " * 3000, "é" * 9000, "x" + "é" * 9000, "😀a" * 5000, "ab日" * 4000 + "\n" + "é\n" * 5000):
    for shift in range(4):
        data = b"." * shift + text.encode()
        assert "".join(io.TextIOWrapper(io.BytesIO(data), "utf-8", newline="")) == "." * shift + text
for tail in (b"\xe6", b"\xe6\x97", b"\xf0\x9f\x98", b"\xed\xa0", b"\xe0\x80", b"\xf4\x90", b"\xc0", b"\x80", b"\xff"):
    for after in (b"", b"\xa5", b"z", "é".encode()):
        for errors in ("strict", "replace", "surrogateescape", "surrogatepass"):
            data = b"a" * (8192 - len(tail)) + tail + after
            try:
                wrapper = io.TextIOWrapper(io.BytesIO(data), "utf-8", errors)
                print(tail, after, errors, ascii(wrapper.read(8192)[8185:]), ascii(wrapper.read()))
            except UnicodeDecodeError as error:
                print(tail, after, errors, error.start, error.end, error.reason)
