class Exp:
    def __init__(self): self.data = bytearray(b'hello'); self.log = []
    def __buffer__(self, flags): self.log.append('get'); return memoryview(self.data)
    def __release_buffer__(self, view): self.log.append('release'); view.release()
def locked():
    b = bytearray(b'abc')
    m = memoryview(b)
    r = []
    for f in (lambda: b.append(1), lambda: b.extend(b'x'), lambda: b.pop(), lambda: b.clear(), lambda: b.__delitem__(0), lambda: b.__setitem__(slice(0,0), b'zz'), lambda: b.__iadd__(b'x'), lambda: b.__imul__(2), lambda: b.insert(0, 1), lambda: b.remove(97), lambda: b.__init__(b'q'), lambda: b.resize(10), lambda: b.__delitem__(slice(0,2))):
        try: r.append(f())
        except BufferError as e: r.append(str(e))
    b[0] = 122
    b[0:2] = b'XY'
    m.release()
    b.append(33)
    return r, b
def implicit():
    b = bytearray(b'abc')
    def use():
        m = memoryview(b)
        return m[0]
    use()
    b.append(1)
    return b
def exporting():
    e = Exp()
    with memoryview(e) as m:
        r = [bytes(m), m.obj is e, e.log[:]]
        m[0] = 72
    r.append(e.log)
    r.append(bytes(e.data))
    r.append(bytes(e))
    r.append(e.log)
    e.data.append(3)
    return r
def nested():
    m = memoryview(b'abcdef')
    n = m[2:]
    m.release()
    r = [n.tobytes()]
    try: m[0]
    except ValueError as e: r.append(str(e))
    n.release()
    try: n.tobytes()
    except ValueError as e: r.append(str(e))
    r.append(repr(n).startswith('<released memory at'))
    with memoryview(b'a') as k: pass
    try: k.__enter__()
    except ValueError as e: r.append(str(e))
    return r
for run in (locked, implicit, exporting, nested):
    print(run.__name__, run())
