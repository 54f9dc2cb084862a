"""Arithmetic of long ints: around the borders of limbs, with short and long operands, all signs."""
import zlib

borders = [0, 1, 2, 3, 7, 10, 2**31, 2**32 - 1, 2**48, 2**48 + 1, 2**63 - 1, 2**63, 2**64 - 1, 2**64, 2**64 + 1, 2**127, 2**128 - 1, 2**128]
numbers = list(borders)
state = 12345
for size in (3, 5, 17, 24, 25, 26, 31, 32, 33, 40, 70):
    number = 0
    for _ in range(size):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        number = number << 64 | state
    numbers += [number, 2 ** (64 * size), 2 ** (64 * size) - 1, number >> 63]
numbers += [-number for number in numbers]


def digest(operate):
    total = 0
    for a in numbers:
        for b in numbers:
            try:
                total = zlib.crc32(repr(operate(a, b)).encode(), total)
            except (ZeroDivisionError, ValueError) as error:
                total = zlib.crc32(str(error).encode(), total)
    return total


print(len(numbers))
print("sum", digest(lambda a, b: a + b))
print("difference", digest(lambda a, b: a - b))
print("product", digest(lambda a, b: a * b))
print("floor", digest(lambda a, b: a // b))
print("rest", digest(lambda a, b: a % b))
print("both", digest(divmod))
print("and", digest(lambda a, b: a & b))
print("or", digest(lambda a, b: a | b))
print("xor", digest(lambda a, b: a ^ b))
print("right", digest(lambda a, b: a >> (b % 300 if b > 0 else -b % 7)))
print("right far", [a >> 10**9 for a in (5, -5, 2**70, -(2**70))], -(2**70) >> 69, -(2**70) - 1 >> 70, -(2**64) >> 64, 2**64 >> 64)
print("order", digest(lambda a, b: (a < b, a == b)))
print(sum(numbers), -(2**64) // 3, -(2**64) % 3, 2**64 // -3, 2**64 % -3, (2**64 + 2) % -3, divmod(-(2**200), 10**9), divmod(2**200, -(10**18)))
print(2**64 - (2**64 - 5), 2**64 - 2**64, 2**49 - 2**48, -(2**65) + 2**65 - 1, 2**48 * 2**16, (2**48 + 1) * -1, -(2**48), -(2**48) - 1)
print([type(a & b) for a, b in [(True, 2**70 + 1), (2**70, True)]], (2**70 + 1) & True, (2**70) | False)
