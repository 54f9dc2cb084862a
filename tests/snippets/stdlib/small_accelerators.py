"""_hmac, _statistics, _uuid."""
import _hmac
import _statistics
import _uuid
import uuid


def t(function, *args, **kwargs):
    try:
        print(function(*args, **kwargs))
    except Exception as error:
        print(type(error).__name__, error)


for name in 'md5 sha1 sha224 sha256 sha384 sha512 sha3_224 sha3_256 sha3_384 sha3_512 blake2s_32 blake2b_32'.split():
    print(name, getattr(_hmac, 'compute_' + name)(b'key' * 60, b'message').hex())
h = _hmac.new(b'k', b'a', 'sha256')
again = h.copy()
h.update(b'b')
print(h.name, h.digest_size, h.block_size, h.hexdigest(), again.hexdigest() != h.hexdigest(), len(again.digest()))
t(_hmac.new, b'a')
t(_hmac.new, b'a', b'', 'xx')
t(_hmac.new, 'a', digestmod='md5')
t(_hmac.compute_digest, b'a', b'b', 3)
t(_hmac.HMAC)
for p in 1e-20, 0.01, 0.3, 0.5, 0.99, 1 - 1e-12:
    print(repr(_statistics._normal_dist_inv_cdf(p, 1.0, 2.0)))
t(_statistics._normal_dist_inv_cdf, 2, 0, 1)
first, second = uuid.uuid1(), uuid.uuid1()
print(first.version, first.variant, first.node == second.node, first.time < second.time, len(_uuid.generate_time_safe()))
