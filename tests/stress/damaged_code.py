"""Stored code with damage that a right checksum hides: it is refused, or it runs and does what it likes within the language."""
import io
import marshal
import random
import signal
import struct
import sys
import types

SEED = int(sys.argv[1]) if len(sys.argv) > 1 else 1
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 60
FACTOR, MASK = 0x9E3779B97F4A7C15, (1 << 64) - 1

SOURCE = '''
def plain(x=5, y=1, *z, k=2, **w):
    t = []
    for i in range(x):
        t.append(i + y)
        try:
            t[i] += len(w)
            if i == 3: raise ValueError(i)
        except ValueError as e:
            t[i] = len(str(e))
        finally:
            k += 1
    with io.StringIO() as f:
        f.write(f"{t!r:>5}{k}")
    return [q * 2 for q in t], {q: 1 for q in z}, (lambda: (x, t))

def loops(n=4):
    total = 0
    while n:
        total += n
        n -= 1
    del n
    return total, {**{'a': 1}}, [*range(3)], max(*[1, 2], **{}), {1, *[2]}

def generator(n=3):
    for i in range(n):
        r = yield i
        try:
            yield from [i, r]
        except* OSError as e:
            r = e

class Class:
    y: int = 1
    def method(self, v=3):
        self.v = v
        return super().__init__(), self.v

def matching(x=(1, {"a": 2})):
    match x:
        case [a, {"a": b, **c}]: return a, b, c
        case str() | int(): return a
'''


def checksum(data):
    """As `serialize.rs` has it."""
    lanes = [FACTOR, ~FACTOR & MASK, len(data), 0]

    def fold(state, word):
        product = (state ^ word) * (FACTOR | 1)
        return (product & MASK) ^ (product >> 64) ^ (((word << 32) | (word >> 32)) & MASK)
    whole = len(data) // 32 * 32
    for at in range(0, whole, 32):
        for lane in range(4):
            lanes[lane] = (fold(lanes[lane], int.from_bytes(data[at + 8 * lane:at + 8 * lane + 8], "little")) + FACTOR) & MASK
    total = 1
    for lane in lanes:
        total = fold(total, lane)
    for byte in data[whole:]:
        total = (fold(total, byte) + FACTOR) & MASK
    return total


class Late(BaseException):
    pass


def late(*_):
    raise Late


def attempt(data, chance):
    namespace = {"io": io, "__name__": "damaged"}
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        exec(marshal.loads(data), namespace)
        for thing in list(namespace.values()):
            if isinstance(thing, types.FunctionType):
                result = thing()
                if isinstance(result, types.GeneratorType):
                    for _ in range(20):
                        next(result, None)
            elif isinstance(thing, type):
                thing().method()
        return "ran"
    except Late:
        return "late"
    except SystemError as error:
        assert "internal error" not in str(error), error
        return "refused"
    except ValueError:
        return "refused"
    except Exception:
        return "failed"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def main():
    chance = random.Random(SEED)
    signal.signal(signal.SIGALRM, late)
    whole = marshal.dumps(compile(SOURCE, "damaged", "exec"))
    if b"PPYU" not in whole:
        print("ok")
        return
    start = whole.index(b"PPYU")
    place = next(at for at in range(start + 5, start + 30) if struct.unpack_from("<Q", whole, at)[0] == checksum(whole[at + 8:]))
    assert attempt(whole, chance) == "ran"
    seen = {}
    for _ in range(ROUNDS):
        data = bytearray(whole)
        for _ in range(chance.choice([1, 1, 1, 2, 3])):
            # Code and tables lie behind the texts.
            at = chance.randrange(place + 8 + (len(data) - place) // 3, len(data))
            data[at] = chance.choice([chance.randrange(256), chance.randrange(16), data[chance.randrange(place + 8, len(data))]])
        struct.pack_into("<Q", data, place, checksum(data[place + 8:]))
        result = attempt(bytes(data), chance)
        seen[result] = seen.get(result, 0) + 1
    print(seen, file=sys.stderr)
    # Damage without the checksum, and other data, is refused outright.
    for _ in range(ROUNDS):
        data = bytearray(whole)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        attempt(bytes(data), chance)
        try:
            marshal.loads(bytes(chance.randrange(256) for _ in range(chance.randrange(40))))
        except (ValueError, EOFError, TypeError, MemoryError):
            pass
    print("ok")


main()
