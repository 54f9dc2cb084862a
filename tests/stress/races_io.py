"""Races on files, sockets, compressors, hashes, databases, parsers: natives with state of their own, or of a C library."""
import bz2
import hashlib
import hmac
import io
import lzma
import mmap
import os
import select
import socket
import sqlite3
import ssl
import tempfile
import threading
import time
import xml.etree.ElementTree
import xml.parsers.expat
import zlib
from compression import zstd

from support.races import race, run_all


@race(lambda o, r: o.write(b"abc" * r.randrange(50)), lambda o, r: o.read(r.randrange(20)), lambda o, r: o.seek(r.randrange(300)), lambda o, r: o.truncate(r.randrange(100)), lambda o, r: o.getvalue(), lambda o, r: o.readline(), lambda o, r: o.readlines(), lambda o, r: o.readinto(bytearray(20)), lambda o, r: o.getbuffer().release(), lambda o, r: o.getbuffer().__setitem__(0, 1), lambda o, r: bytes(o.getbuffer()[:5]),
      lambda o, r: o.__setstate__((b"abc", 1, None)), lambda o, r: o.__getstate__(), lambda o, r: o.__init__(b"xyz" * 30), lambda o, r: next(o), lambda o, r: o.close() if r.randrange(200) == 0 else 0, lambda o, r: o.writelines([b"a", b"b"]), lambda o, r: o.read1(5), lambda o, r: o.detach(), lambda o, r: o.tell())
def bytes_files():
    return io.BytesIO(b"abc\n" * 50)


@race(lambda o, r: o.write("abé" * r.randrange(50)), lambda o, r: o.read(r.randrange(20)), lambda o, r: o.seek(r.randrange(300)), lambda o, r: o.truncate(r.randrange(100)), lambda o, r: o.getvalue(), lambda o, r: o.readline(), lambda o, r: o.readlines(), lambda o, r: o.write("\U0001f600"), lambda o, r: o.__setstate__(("a\nb", "\n", 1, None)), lambda o, r: o.__getstate__(), lambda o, r: o.__init__("xyz\n" * 30), lambda o, r: next(o), lambda o, r: o.close() if r.randrange(200) == 0 else 0, lambda o, r: o.tell(), lambda o, r: o.newlines)
def text_files():
    return io.StringIO("a\nb\n" * 50)


@race(lambda o, r: o.write("abé\n" * r.randrange(50)), lambda o, r: o.read(r.randrange(20)), lambda o, r: o.seek(0), lambda o, r: o.seek(0, 2), lambda o, r: o.truncate(), lambda o, r: o.readline(), lambda o, r: o.readlines(), lambda o, r: next(o), lambda o, r: o.flush(), lambda o, r: o.tell(), lambda o, r: o.seek(o.tell()), lambda o, r: o.reconfigure(newline=r.choice(["", "\n", None]), line_buffering=True), lambda o, r: o.reconfigure(encoding=r.choice(["utf-16", "latin-1"])), lambda o, r: o.buffer.write(b"xyz\n"), lambda o, r: o.buffer.seek(0), lambda o, r: o.buffer.read(9),
      lambda o, r: o.detach() if r.randrange(100) == 0 else 0, lambda o, r: o.close() if r.randrange(200) == 0 else 0, lambda o, r: o.__init__(io.BytesIO(b"abc\n" * 9), encoding="utf-8") if r.randrange(20) == 0 else 0, lambda o, r: o.newlines, lambda o, r: o.encoding, lambda o, r: setattr(o, "_CHUNK_SIZE", r.choice([1, 3, 8192])), lambda o, r: repr(o))
def text_wrappers():
    return io.TextIOWrapper(io.BytesIO("abé\n".encode() * 50), encoding="utf-8")


BUFFERED = [lambda o, r: o.read(r.randrange(30)), lambda o, r: o.read1(5), lambda o, r: o.peek(), lambda o, r: o.readinto(bytearray(20)), lambda o, r: o.readinto1(bytearray(20)), lambda o, r: o.seek(r.randrange(500)), lambda o, r: o.seek(3, 1), lambda o, r: o.tell(), lambda o, r: o.readline(), lambda o, r: next(o), lambda o, r: o.readlines(20), lambda o, r: o.write(b"abc" * r.randrange(60)), lambda o, r: o.flush(), lambda o, r: o.truncate(300),
            lambda o, r: o.raw, lambda o, r: repr(o), lambda o, r: o.detach() if r.randrange(200) == 0 else 0, lambda o, r: o.close() if r.randrange(200) == 0 else 0, lambda o, r: o.__init__(io.BytesIO(b"abc\n" * 300), 16) if r.randrange(20) == 0 else 0, lambda o, r: o.fileno()]


@race(*BUFFERED)
def buffered_readers():
    return io.BufferedReader(io.BytesIO(b"abc\n" * 300), 16)


@race(*BUFFERED)
def buffered_writers():
    return io.BufferedWriter(io.BytesIO(), 16)


@race(*BUFFERED)
def buffered_random():
    return io.BufferedRandom(io.BytesIO(b"abc\n" * 300), 16)


@race(*BUFFERED)
def buffered_pairs():
    return io.BufferedRWPair(io.BytesIO(b"abc\n" * 300), io.BytesIO(), 16)


class Reenters(io.RawIOBase):
    """A raw file that uses the buffer over it."""
    def __init__(self):
        self.over = io.BufferedRandom(self, 16)

    readable = writable = seekable = lambda self: True

    def readinto(self, buffer):
        self.over.peek()
        return len(buffer)

    def write(self, data):
        self.over.flush()
        return len(data)

    def seek(self, *_):
        return 5

    tell = seek


@race(*BUFFERED)
def buffered_reentrant():
    return Reenters().over


@race(*BUFFERED)
def real_files():
    return tempfile.TemporaryFile()


@race(lambda o, r: o.decode("a\r\nb\r", r.randrange(2)), lambda o, r: o.getstate(), lambda o, r: o.setstate((b"", r.randrange(4))), lambda o, r: o.reset(), lambda o, r: o.newlines, lambda o, r: o.__init__(None, True))
def newline_decoders():
    return io.IncrementalNewlineDecoder(None, True)


@race(lambda o, r: o[0].compress(b"abc" * 100), lambda o, r: o[0].flush(zlib.Z_SYNC_FLUSH), lambda o, r: o[0].copy(), lambda o, r: o[0].flush() if r.randrange(30) == 0 else 0, lambda o, r: o[1].decompress(zlib.compress(b"abc" * 100), 10), lambda o, r: o[1].decompress(o[1].unconsumed_tail, 10), lambda o, r: o[1].unused_data, lambda o, r: o[1].copy(), lambda o, r: o[1].flush(), lambda o, r: o[1].eof)
def zlib_streams():
    return zlib.compressobj(), zlib.decompressobj()


@race(lambda o, r: o[0].compress(b"abc" * 100), lambda o, r: o[0].flush() if r.randrange(30) == 0 else 0, lambda o, r: o[1].decompress(bz2.compress(b"abc" * 100), r.choice([-1, 0, 10])), lambda o, r: o[1].unused_data, lambda o, r: o[1].needs_input, lambda o, r: o[1].eof)
def bz2_streams():
    return bz2.BZ2Compressor(1), bz2.BZ2Decompressor()


LZMA = lzma.compress(b"abc" * 100, preset=0)


@race(lambda o, r: o[0].compress(b"abc" * 100), lambda o, r: o[0].flush() if r.randrange(30) == 0 else 0, lambda o, r: o[1].decompress(LZMA, r.choice([-1, 0, 10])), lambda o, r: o[1].unused_data, lambda o, r: o[1].needs_input, lambda o, r: o[1].check)
def lzma_streams():
    return lzma.LZMACompressor(preset=0), lzma.LZMADecompressor()


ZSTD = zstd.compress(b"abc" * 100)


@race(lambda o, r: o[0].compress(b"abc" * 100), lambda o, r: o[0].flush() if r.randrange(30) == 0 else 0, lambda o, r: o[1].decompress(ZSTD, r.choice([-1, 0, 10])), lambda o, r: o[1].unused_data, lambda o, r: o[1].needs_input, lambda o, r: o[0].last_mode, lambda o, r: o[0].set_pledged_input_size(5))
def zstd_streams():
    return zstd.ZstdCompressor(), zstd.ZstdDecompressor()


@race(lambda o, r: o[0].update(b"abc" * 2000), lambda o, r: o[0].digest(), lambda o, r: o[0].copy().hexdigest(), lambda o, r: o[1].update(o[3]), lambda o, r: o[1].digest(30), lambda o, r: o[2].update(b"x" * 3000), lambda o, r: o[2].copy().digest(), lambda o, r: o[3].extend(b"abc"), lambda o, r: o[3].clear(), lambda o, r: o[4].update(o[3]), lambda o, r: o[4].hexdigest())
def hashes():
    return hashlib.sha256(), hashlib.shake_128(), hmac.new(b"k", digestmod="md5"), bytearray(b"abc" * 1000), hashlib.blake2b()


def open_database():
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    connection.execute("create table t (a, b)")
    connection.executemany("insert into t values (?, ?)", [(i, "x" * i) for i in range(20)])
    return connection, connection.cursor(), [None]


def open_blob(o):
    o[2][0] = o[0].blobopen("t", "b", 1)


@race(lambda o, r: o[0].execute("select * from t").fetchall(), lambda o, r: o[1].execute("select a, b from t where a > ?", (r.randrange(20),)), lambda o, r: o[1].fetchone(), lambda o, r: next(o[1]), lambda o, r: o[1].fetchmany(3), lambda o, r: o[0].execute("insert into t values (1, 'y')"), lambda o, r: o[0].commit(), lambda o, r: o[0].rollback(), lambda o, r: o[1].description, lambda o, r: o[1].close() if r.randrange(99) == 0 else 0, lambda o, r: o[0].close() if r.randrange(400) == 0 else 0,
      lambda o, r: o[0].create_function("f", 1, lambda x: x), lambda o, r: o[0].execute("select f(a) from t").fetchall(), lambda o, r: o[0].create_collation("c", lambda a, b: (a > b) - (a < b)), lambda o, r: o[0].execute("select a from t order by b collate c").fetchone(), lambda o, r: o[0].set_trace_callback(r.choice([None, str])), lambda o, r: o[0].set_progress_handler(r.choice([None, lambda: 0]), 5), lambda o, r: o[0].set_authorizer(r.choice([None, lambda *a: 0])), lambda o, r: o[0].interrupt(), lambda o, r: o[0].total_changes,
      lambda o, r: setattr(o[0], "row_factory", r.choice([None, sqlite3.Row])), lambda o, r: setattr(o[0], "text_factory", r.choice([str, bytes])), lambda o, r: setattr(o[0], "isolation_level", r.choice([None, ""])), lambda o, r: o[0].backup(sqlite3.connect(":memory:"), progress=lambda *counts: 1 // counts[1], sleep=0.001), lambda o, r: o[0].iterdump(), lambda o, r: o[0].serialize(), lambda o, r: o[0].deserialize(o[0].serialize()), lambda o, r: open_blob(o), lambda o, r: o[2][0].read(5), lambda o, r: o[2][0].close(), lambda o, r: o[0].cursor().executescript("select 1; select 2"), lambda o, r: o[0].getlimit(1), lambda o, r: o[1].__init__(o[0]), lambda o, r: o[0].__init__(":memory:", check_same_thread=False) if r.randrange(100) == 0 else 0)
def databases():
    return open_database()


@race(lambda o, r: o[0].Parse("<a>"), lambda o, r: o[0].Parse("</a>"), lambda o, r: o[0].Parse("text &amp; <b x='1'/>"), lambda o, r: setattr(o[0], "StartElementHandler", r.choice([None, lambda *a: 0, lambda *a: o[0].Parse("<c>")])), lambda o, r: setattr(o[0], "CharacterDataHandler", r.choice([None, lambda *a: 0])), lambda o, r: setattr(o[0], "buffer_text", r.randrange(2)), lambda o, r: o[0].CurrentLineNumber, lambda o, r: o[0].GetInputContext(), lambda o, r: o[0].ExternalEntityParserCreate(None), lambda o, r: o[0].Parse("", True) if r.randrange(50) == 0 else 0, lambda o, r: setattr(o[0], "buffer_size", 10 + r.randrange(99)),
      lambda o, r: o[1].feed("<a><b>text</b>"), lambda o, r: o[1].close() if r.randrange(30) == 0 else 0, lambda o, r: xml.etree.ElementTree.fromstring("<a><b/></a>"), lambda o, r: setattr(o[0], "intern", {}))
def parsers():
    return xml.parsers.expat.ParserCreate(), xml.etree.ElementTree.XMLParser()


@race(lambda o, r: o.append(xml.etree.ElementTree.Element("b", x="1")), lambda o, r: o.remove(o[0]), lambda o, r: o.clear(), lambda o, r: list(o), lambda o, r: list(o.iter()), lambda o, r: o.insert(0, xml.etree.ElementTree.Element("c")), lambda o, r: o.find("b"), lambda o, r: o.findall("b"), lambda o, r: list(o.itertext()), lambda o, r: o.extend(list(o)[:20]), lambda o, r: o.__delitem__(slice(None, None, 2)), lambda o, r: o.__setitem__(slice(0, 2), []), lambda o, r: o.set("a", "b"), lambda o, r: o.attrib.clear(), lambda o, r: o.items(), lambda o, r: setattr(o, "text", "x"), lambda o, r: o.text,
      lambda o, r: o.__copy__(), lambda o, r: o.__deepcopy__({}), lambda o, r: xml.etree.ElementTree.tostring(o), lambda o, r: o.__setstate__({"tag": "x", "_children": [], "attrib": {}}), lambda o, r: o.__getstate__(), lambda o, r: len(o), lambda o, r: [x.tag for x in o])
def elements():
    return xml.etree.ElementTree.Element("a")


def tls_pair():
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    return context.wrap_bio(incoming, outgoing, server_hostname="localhost"), incoming, outgoing, context


@race(lambda o, r: o[0].do_handshake(), lambda o, r: o[0].read(9), lambda o, r: o[0].write(b"abc"), lambda o, r: o[1].write(b"\x16\x03\x01" + bytes(r.randrange(20))), lambda o, r: o[2].read(9), lambda o, r: o[2].read(), lambda o, r: o[1].write_eof() if r.randrange(40) == 0 else 0, lambda o, r: o[0].cipher(), lambda o, r: o[0].getpeercert(), lambda o, r: o[0].version(), lambda o, r: o[0].pending(), lambda o, r: o[0].unwrap(), lambda o, r: o[0].selected_alpn_protocol(), lambda o, r: setattr(o[0], "context", ssl.create_default_context()) if r.randrange(60) == 0 else 0,
      lambda o, r: o[3].set_alpn_protocols(["h2"]), lambda o, r: o[3].set_ciphers("ALL"), lambda o, r: o[3].get_ciphers(), lambda o, r: setattr(o[3], "sni_callback", None), lambda o, r: o[3].cert_store_stats(), lambda o, r: setattr(o[3], "minimum_version", ssl.TLSVersion.TLSv1_2), lambda o, r: o[1].pending, lambda o, r: o[0].session, lambda o, r: o[0].get_channel_binding())
def tls():
    return tls_pair()


@race(lambda o, r: o[0].send(b"abc"), lambda o, r: o[1].recv(9), lambda o, r: o[1].recv_into(bytearray(20)), lambda o, r: o[0].close() if r.randrange(90) == 0 else 0, lambda o, r: o[0].fileno(), lambda o, r: o[0].shutdown(2) if r.randrange(90) == 0 else 0, lambda o, r: o[0].getsockname(), lambda o, r: o[1].settimeout(0.001), lambda o, r: o[1].setblocking(False), lambda o, r: o[0].sendall(b"x" * 500), lambda o, r: select.select([o[1]], [], [], 0.001), lambda o, r: o[2].register(o[1], 1), lambda o, r: o[2].unregister(o[1]), lambda o, r: o[2].poll(1), lambda o, r: o[3].register(o[1]), lambda o, r: o[3].poll(0.001), lambda o, r: o[3].close() if r.randrange(90) == 0 else 0,
      lambda o, r: o[0].dup().close(), lambda o, r: o[0].sendmsg([b"a", b"b"]), lambda o, r: o[1].recvmsg(5), lambda o, r: repr(o[0]), lambda o, r: o[2].modify(o[1], 3))
def sockets():
    first, second = socket.socketpair()
    first.settimeout(0.01)
    second.settimeout(0.01)
    return first, second, select.poll(), select.epoll()


@race(lambda o, r: o.write(b"abc"), lambda o, r: o.read(5), lambda o, r: o.seek(r.randrange(4000)), lambda o, r: o[5], lambda o, r: o[5:50], lambda o, r: o[::7], lambda o, r: o.__setitem__(slice(0, 3), b"xyz"), lambda o, r: o.find(b"xyz"), lambda o, r: o.readline(), lambda o, r: memoryview(o)[:5].tobytes(), lambda o, r: o.flush(), lambda o, r: o.move(0, 10, 10), lambda o, r: o.close() if r.randrange(50) == 0 else 0, lambda o, r: len(o), lambda o, r: o.resize(r.choice([4096, 8192])) if r.randrange(9) == 0 else 0, lambda o, r: o.rfind(b"abc"), lambda o, r: bytes(o), lambda o, r: [x for x in o[:50]], lambda o, r: o.tell(), lambda o, r: o.size(), lambda o, r: o.madvise(0))
def maps():
    return mmap.mmap(-1, 4096)


@race(lambda o, r: o.acquire(timeout=0.0001), lambda o, r: o.release(), lambda o, r: o.acquire(False), lambda o, r: o.locked(), lambda o, r: o.__enter__() if r.randrange(3) == 3 else 0, lambda o, r: repr(o))
def locks():
    return threading.Lock()


@race(lambda o, r: o.acquire(timeout=0.0001), lambda o, r: o.release(), lambda o, r: o.acquire(False), lambda o, r: o._is_owned(), lambda o, r: o._release_save(), lambda o, r: o._recursion_count(), lambda o, r: repr(o))
def rlocks():
    return threading.RLock()


@race(lambda o, r: setattr(o, "x%d" % r.randrange(9), 1), lambda o, r: o.__dict__.clear(), lambda o, r: delattr(o, "x1"), lambda o, r: vars(o).copy(), lambda o, r: threading.Thread(target=setattr, args=(o, "y", [])).start() if r.randrange(20) == 0 else 0)
def thread_locals():
    return threading.local()


@race(lambda o, r: os.scandir(".").__next__(), lambda o, r: next(o), lambda o, r: o.close() if r.randrange(20) == 0 else 0, lambda o, r: [e.stat() for e in o][:3], lambda o, r: time.strftime("%A", time.localtime(r.randrange(2**31))), lambda o, r: os.environ.__setitem__("X%d" % r.randrange(9), "1" * r.randrange(99)), lambda o, r: os.environ.pop("X1"), lambda o, r: time.tzset(), lambda o, r: time.mktime(time.localtime()), lambda o, r: os.environ.copy(), lambda o, r: os.getenv("X2"), lambda o, r: os.path.expanduser("~"))
def environments():
    return os.scandir("/")


if __name__ == "__main__":
    run_all()
