def iters():
    i = iter('héy'); r = [next(i), i.__length_hint__(), i.__reduce__()[1:], list(i), i.__length_hint__(), next(i, 'end'), i.__reduce__()[1:]]
    i = iter('abc'); i.__setstate__(2); r += [list(i), type(i).__name__]
    i = iter(bytearray(b'ab')); r += [next(i), i.__length_hint__(), i.__reduce__()[1:], list(i), i.__reduce__()[1:], type(i).__name__]
    i = iter(b'ab'); i.__setstate__(-5); r += [list(i), type(i).__name__, type(iter(memoryview(b''))).__name__]
    b = bytearray(b'abc'); i = iter(b); next(i); b.clear(); r.append(list(i)); b.extend(b'zzzz'); r.append(list(i))
    return r
for item in iters():
    print(ascii(item))
