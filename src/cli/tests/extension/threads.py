import gc
import threading

import sample

shared = sample.Pair([0, 0])
errors = []


def work(which):
    try:
        for number in range(500):
            pair = sample.Pair([number])
            shared.first = [which, number]
            assert len(shared.first) == 2
            assert pair.first == [number] and pair + 1 == (pair, 1) and sample.total(number, which) == number + which
            assert sample.text_of("\u20ac") == b"\xe2\x82\xac"
            sample.remember([number])
            assert len(sample.recall()) == 1
    except BaseException as error:
        errors.append(error)
        raise


threads = [threading.Thread(target=work, args=(which,)) for which in range(4)]
for thread in threads:
    thread.start()
while any(thread.is_alive() for thread in threads):
    gc.collect()
print(errors)

thread = threading.Thread(target=sample.away)
thread.start()
collections = 0
while thread.is_alive():
    gc.collect()
    collections += 1
print(collections > 1)
