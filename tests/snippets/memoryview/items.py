def setitems():
    b = bytearray(16)
    r = []
    for f, v in (('b', -3), ('h', -300), ('H', 60000), ('i', -70000), ('I', 4000000000), ('q', -2**40), ('Q', 2**63), ('f', 1.5), ('d', -2.25), ('?', 5), ('e', 0.1), ('n', 5), ('N', 6), ('P', 7), ('@l', -9)):
        m = memoryview(b).cast(f)
        m[1] = v
        r.append((f, m[1], m.itemsize, m.format, m.tolist()[:2]))
    m = memoryview(b).cast('c')
    m[0] = b'x'
    r.append(m[0])
    for f, v in (('b', 128), ('B', -1), ('c', b'ab'), ('c', 3), ('f', 'x'), ('i', 1.5), ('Q', -1), ('h', 2**80)):
        try: memoryview(b).cast(f)[0] = v
        except Exception as e: r.append(type(e).__name__ + str(e))
    return r
def slices():
    b = bytearray(b'0123456789')
    m = memoryview(b)
    m[2:4] = b'ab'
    m[::2] = m[1::2]
    m[3:6] = m[2:5]
    r = [bytes(b), m[::-1].tobytes(), m[::3].tolist(), m[-3:].tobytes(), m[5:2].tolist(), m[::-2].strides, m[::2].contiguous, m[::-1].c_contiguous, m[2:5].shape]
    x = m.cast('B', (2, 5))
    r += [x.tobytes('F'), x.tobytes('C'), x.tobytes('A'), x.strides, x.ndim, x.f_contiguous, x.c_contiguous, x[1, 2], x[::-1].tolist(), x[-1, -1], len(x), x.nbytes]
    x[1, 1] = 65
    r.append(x.tolist())
    return r
for run in (setitems, slices):
    for item in run():
        print(run.__name__, item)
