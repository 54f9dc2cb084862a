# Seeding and refilling the Mersenne Twister.
import _random
import hashlib
import random


def digest(generator):
    return hashlib.sha256(repr(generator.getstate()).encode()).hexdigest()[:16]


blank = _random.Random.__new__(_random.Random)
print(blank.random(), blank.getrandbits(5), blank.getstate()[:3], blank.getstate()[-1])
for seed in (0, 1, -1, 5, 2**31, 2**32, 2**32 - 1, 2**40 + 3, 2**64, -(2**70), 2**96, 2**20000 + 1, True):
    generator = _random.Random(seed)
    print(digest(generator), generator.random(), digest(generator))
for seed in ("abc", b"abc", 2.5, "", bytearray(b"x")):
    print(random.Random(seed).random())
generator = random.Random(42)
for count in (1, 623, 624, 625, 2000):
    for _ in range(count):
        generator.getrandbits(32)
    print(count, digest(generator), generator.getstate()[1][-1])
copy = random.Random()
copy.setstate(generator.getstate())
print(copy.random() == generator.random(), generator.getrandbits(100), generator.randbytes(5))
