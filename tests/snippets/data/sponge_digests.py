# SHA-3 and SHAKE over lengths about their rates, in pieces and at once.
import hashlib
for name in ("sha3_224", "sha3_256", "sha3_384", "sha3_512", "shake_128", "shake_256"):
    total = hashlib.sha256()
    for length in (*range(0, 20), *range(60, 80), *range(100, 110), *range(130, 180), 335, 336, 337, 1000):
        data = bytes((i * 7 + length) % 256 for i in range(length))
        whole, pieces = hashlib.new(name, data), hashlib.new(name)
        for start in range(0, length, 13):
            pieces.update(data[start:start + 13])
        size = (length * 3,) if "shake" in name else ()
        assert whole.digest(*size) == pieces.digest(*size) == whole.copy().digest(*size)
        total.update(whole.digest(*size))
    print(name, total.hexdigest())
