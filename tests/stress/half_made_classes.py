"""Struct sequence classes for which memory was out in the middle are finished by who needs them next: there is one class, and it is whole.

A child makes one with the n-th allocation failing. Where the making ends is found by halving, then each allocation before has its turn.
"""
import os
import subprocess
import sys

CHILD = """
import os
os.write(1, b"begins ")
def use():
    import resource
    return resource.getrusage(0)
try:
    use()
    os.write(1, b"at once ")
except MemoryError:
    os.write(1, b"failed ")
used = use()
made = [one for one in tuple.__subclasses__() if one.__name__ == "struct_rusage"]
assert made == [type(used)], made
assert used.n_fields == 16 and len(used) == 16 and used.ru_maxrss > 0 and "ru_nivcsw" in repr(used), used
assert len(type(used).__match_args__) == 16
os.write(1, b"whole")
"""
MOST = 200_000


def child(number):
    environment = {**os.environ, "PROTOPY_FAIL_ALLOC": str(number), "PYTHONHASHSEED": "0"}
    for name in "PROTOPY_GC_STRESS", "PROTOPY_GC_VERIFY":
        environment.pop(name, None)
    done = subprocess.run([sys.executable, "-S", "-c", CHILD], env=environment, capture_output=True)
    return done.stdout.decode(), done


# The first allocation behind the use.
low, high = 1, MOST
while low < high:
    middle = (low + high) // 2
    if "at once" in child(middle)[0]:
        high = middle
    else:
        low = middle + 1
failed = 0
for number in range(low - 1, max(low - 300, 0), -1):
    text, done = child(number)
    if not text or text == "begins ":
        break
    failed += "failed" in text
    assert text.endswith("whole"), (number, text, done)
assert failed > 20, failed
print("ok")
