# Long numbers are computed while another thread allocates and collects.
import gc
import math
import sys
import threading

sys.set_int_max_str_digits(0)
done = threading.Event()


def collect():
    while not done.is_set():
        [[] for _ in range(1000)]
        gc.collect()


collector = threading.Thread(target=collect)
collector.start()
a, b = 3 ** 50_000, 7 ** 40_000
print((a * b) % 1_000_003, a // b % 1_000_003, b % a % 1_000_003, divmod(a * 5 + 3, a))
print(pow(5, 3 ** 1500, 2 ** 3000 - 1) % 1_000_003, math.isqrt(a * a) == a, math.gcd(a * 12, b * 12), math.lcm(a, 9) == a)
print(math.factorial(5000) % 1_000_003 ** 2, math.comb(9000, 4000) % 1_000_003, math.perm(4000, 3000) % 1_000_003)
print(len(str(a)), int(str(b)) == b, int('-' + str(a)) == -a)
for work in (lambda: a // 0, lambda: a % 0, lambda: divmod(a, 0), lambda: pow(a, b, 0), lambda: math.isqrt(-a), lambda: 1 << (1 << 62)):
    try:
        work()
    except (ArithmeticError, ValueError, MemoryError) as error:
        print(type(error).__name__, error)
done.set()
collector.join()
