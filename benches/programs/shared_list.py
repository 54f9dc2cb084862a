"""Threads that append to one list: the cost of the byte lock under contention. The same work on any number of threads."""
import sys
import threading

GROUP = "threads"
DEFAULT_SIZE = 400_000
THREADS = (1, 2)

size = int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_SIZE
count = int(sys.argv[2]) if len(sys.argv) > 2 else 1
shared = []


def work():
    for number in range(size // count):
        shared.append(number)


threads = [threading.Thread(target=work) for _ in range(count)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(shared))
