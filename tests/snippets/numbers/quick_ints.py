# Ints as text, bytes, bits and in number theory, around the sizes where the way changes.
import math

for text in (" 42 ", "1_000", "\t-7\n", "+0", "-0", "0_0", "1__0", "_1", "1_", "", " ", "+", "- 1", "0x1f", "\x0b5\x0c", "\x1c5", "5\0",
             "72057594037927936", "72057594037927937", "-72057594037927937", "281474976710656", "-281474976710657",
             "9" * 18, "9" * 19, "9" * 20, "1" * 30, "1" * 760, "1_2" * 260, "\u0661\u0662", "\u00a07", "1\u00e9"):
    for convert in (int, lambda text: int(text.encode())):
        try:
            print(convert(text))
        except (ValueError, UnicodeError) as error:
            print(type(error).__name__, str(error)[:80])
for text in ("ff", "FF", "0xff", "0Xf_f", "-0xF", "0x", "0x_f", "0x__f", "0b101", "0o17", "017", "00", "0", "z", "1e", "10" * 40, "-" + "7" * 70):
    for base in (0, 2, 8, 10, 16, 36):
        try:
            print(text[:12], base, int(text, base))
        except ValueError as error:
            print(text[:12], base, str(error)[:60])
for power in (47, 48, 49, 62, 63, 64, 65, 127, 128, 200, 640, 2500, 2559, 2560, 2561):
    for number in (2**power, 2**power - 1, -2**power, 10**(power // 4), 10**(power // 4) - 1):
        assert int(str(number)) == number and str(number).lstrip("-").isdigit() and eval(repr(number)) == number
        assert int(hex(number), 16) == number and int(oct(number), 8) == number and int(bin(number), 2) == number
        assert f"{number:x}" == hex(number).replace("0x", "") and len(bin(abs(number))) - 2 == number.bit_length()
        for shift in (0, 1, 63, 64, 65, 128, 1000):
            assert number << shift == number * 2**shift
        length = (number.bit_length() + 8) // 8
        for order in ("little", "big"):
            assert int.from_bytes(number.to_bytes(length, order, signed=True), order, signed=True) == number
            assert int.from_bytes(abs(number).to_bytes(length + 3, order), order) == abs(number)
            for short in (0, length - 1 - (number.bit_length() % 8 == 0)):
                try:
                    print(number.to_bytes(short, order, signed=True))
                except OverflowError as error:
                    print(error)
print(str(10**640)[:3], len(str(2**2128)), len(str(2**2560)))
import sys
sys.set_int_max_str_digits(640)
for digits in (640, 641):
    try:
        print(len(str(10**(digits - 1))))
    except ValueError as error:
        print(error)
sys.set_int_max_str_digits(4300)
total = 0
for n in range(0, 140):
    for k in range(0, n + 2, 3):
        value = math.comb(n, k)
        assert value == (math.factorial(n) // (math.factorial(k) * math.factorial(n - k)) if k <= n else 0)
        assert math.perm(n, k) == (math.factorial(n) // math.factorial(n - k) if k <= n else 0)
        total += value
print(total, math.comb(2**70, 3), math.comb(5000, 2400) % 10**9, math.comb(10**6, 5), math.perm(2**64 - 1, 2), math.perm(True), math.comb(True, True))
print(math.factorial(500) % 10**9 + 7, math.factorial(21), math.factorial(3000).bit_length())
for args in ((), (0,), (0, 0), (12, 18), (-12, 18), (2**63, 6), (2**64, 2**40), (7**50, 7**20 * 3), (True, 2), (0, 5), (-5,), (12, 18, 27)):
    print(math.gcd(*args), math.lcm(*args))
for n in (0, 1, 2, 3, 4, 99, 2**48 - 1, 2**52, 94906267**2, 94906267**2 - 1, 2**60 + 1, 3037000499**2 - 1, 2**63 - 1, 2**64):
    root = math.isqrt(n)
    assert root * root <= n < (root + 1) ** 2
print("ok")
