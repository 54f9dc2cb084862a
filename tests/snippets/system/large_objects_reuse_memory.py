"""Objects that are a little larger than a block of the heap do not ask the system for memory again and again."""
import resource

for size in (30_000, 66_000, 100_000):
    third = "x" * (size // 3)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    count = 5000
    for number in range(count):
        text = third * 3
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
    print(size, len(text), faults < 2 * count)
