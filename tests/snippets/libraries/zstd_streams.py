# Compression in the format of zstd.
from compression import zstd
import _zstd

def t(f, *a, **k):
    try:
        r = f(*a, **k)
        print(repr(r)[:120])
    except BaseException as e:
        print(type(e).__name__, e)

C, D, P, Q = zstd.ZstdCompressor, zstd.ZstdDecompressor, zstd.CompressionParameter, zstd.DecompressionParameter
data = b"hello zstandard " * 1000
packed = zstd.compress(data)
print(zstd.decompress(packed) == data, len(packed) < 100, zstd.get_frame_info(packed), zstd.get_frame_size(packed) == len(packed))
c = C(level=5)
pieces = [c.compress(data[:100]), c.compress(data[100:], C.FLUSH_BLOCK), c.flush()]
print(zstd.decompress(b"".join(pieces)) == data, c.last_mode)
d = D()
print(d.decompress(packed + b"rest", 10), d.needs_input, d.eof, d.unused_data)
print(len(d.decompress(b"")), d.needs_input, d.eof, d.unused_data); t(d.decompress, b"")
print(zstd.decompress(packed + packed) == data * 2)
t(zstd.decompress, packed[:-3]); t(zstd.decompress, b"garbage12"); t(D().decompress, b"garbage12")
for kw in ({"level": 1000}, {"level": "x"}, {"level": 3, "options": {}}, {"options": 5}, {"options": {5: 1}}, {"options": {P.window_log: 100}},
           {"options": {Q.window_log_max: 20}}, {"options": {P.window_log: 2**40}}, {"zstd_dict": b"x"}):
    t(lambda: C(**kw))
for kw in ({"options": {P.window_log: 20}}, {"options": {Q.window_log_max: 100}}, {"options": {5: 1}}):
    t(lambda: D(**kw))
t(zstd.ZstdDict, b"x"); t(zstd.ZstdDict, b"12345678")
raw = zstd.ZstdDict(b"hello zstandard ", is_raw=True)
print(raw, raw.dict_id, len(raw), raw.dict_content)
for how in (raw, raw.as_prefix, raw.as_undigested_dict, raw.as_digested_dict):
    x = zstd.compress(data, zstd_dict=how)
    print(zstd.decompress(x, zstd_dict=how) == data)
samples = [b"sample number %d of some text" % i for i in range(500)]
trained = zstd.train_dict(samples, 2000)
print(trained.dict_id != 0, zstd.decompress(zstd.compress(samples[7], zstd_dict=trained), zstd_dict=trained))
c = C(); t(c.compress, b"x", 5); t(c.flush, 0); t(c.set_pledged_input_size, -1); c.compress(b"x"); t(c.set_pledged_input_size, 5)
print(P.window_log.bounds(), Q.window_log_max.bounds()); t(_zstd.get_param_bounds, 9999, True)
t(zstd.get_frame_info, b"x"); t(zstd.get_frame_size, b"x")
