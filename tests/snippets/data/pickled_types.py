# The module of static types is one string in a pickle; what cannot be pickled is named as messages name it.
import datetime
import functools
import hashlib
import pickle
import re
import zlib

for value in [
    [int, set, ValueError],
    [datetime.date(2000, 1, 1), datetime.time(3), datetime.timezone.utc],
    [1j, slice(None, 1), range(3)],
    list[int],
    map(str, [1]),
    super(int, 5),
]:
    print(pickle.dumps(value, 4))

for value in [
    memoryview(b"a"),
    compile("1", "c", "eval"),
    functools.cmp_to_key(max)(1),
    hashlib.md5(),
    re.match("a", "a"),
    zlib.compressobj(),
    zlib.decompressobj(),
]:
    try:
        pickle.dumps(value)
    except TypeError as error:
        print(error)
