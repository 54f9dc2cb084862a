"""What threaded stress programs share: the seed that they are given, and work done by several threads at once."""
import random
import sys
import threading

SEED = int(sys.argv[1]) if len(sys.argv) > 1 else 1
THREADS = 4


def run(work, count=THREADS):
    """Runs work(number, random) on `count` threads at once; an error of any thread is raised here."""
    errors = []
    barrier = threading.Barrier(count)

    def body(number):
        try:
            barrier.wait()
            work(number, random.Random(SEED * 1000 + number))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=body, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
