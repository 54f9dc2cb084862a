# hashlib: the names that OpenSSL has for algorithms, HMAC and keys with them.
import hashlib
import hmac
import re

print(sorted(hashlib.algorithms_available))
for name in ["ripemd160", "RIPEMD", "rmd160", "SHA256", "sha-256", "SHA512-256", "SM3", "md5-sha1", "blake2b512", "BLAKE2S256", "sha3-256",
             "shake128", "SHA2-512/224", "ssl3-sha1", "sha1 "]:
    found = hashlib.new(name, b"abc")
    digest = found.hexdigest(20) if found.digest_size == 0 else found.hexdigest()
    print(name, found.name, found.digest_size, found.block_size, digest)
for name in ["whirlpool", "md4", "SHA3_256", " md5", ""]:
    try:
        hashlib.new(name)
    except ValueError as error:
        print(error)

running = hashlib.sha512(b"one")
copy = running.copy()
running.update(b"two" * 5000)
print(running.hexdigest()[:32], copy.hexdigest()[:32], re.sub("0x.*", "0x", repr(running)))
print(hashlib.sha256(usedforsecurity=False).digest() == hashlib.sha256(b"").digest())
for wrong in [lambda: hashlib.sha1("text"), lambda: hashlib.sha1(1), lambda: hashlib.sha1(b"", string=b""), lambda: running.update(),
              lambda: type(running)(), lambda: hashlib.new(1), lambda: hashlib.shake_128(b"").digest()]:
    try:
        wrong()
    except TypeError as error:
        print(error)

for name in ["sha256", "sm3", "ripemd160", "sha3_512", "md5-sha1", "sha512_256"]:
    keyed = hmac.new(b"key" * 60, b"message", name)
    print(keyed.name, keyed.hexdigest()[:32], hmac.digest(b"key" * 60, b"message", name) == keyed.digest())
    print(hashlib.pbkdf2_hmac(name, b"password", b"salt", 3, 50).hex()[:40])
print(hmac.new(b"k", b"m", hashlib.sha1).hexdigest(), hashlib.scrypt(b"password", salt=b"NaCl", n=16, r=8, p=1).hex()[:40])
try:
    hmac.new(b"k", b"m", "nothing")
except ValueError as error:
    print(error)
