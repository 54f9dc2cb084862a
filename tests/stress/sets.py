"""Sets that are copied while other threads change them: a copy has a place for every key, and finds each of them again."""
import random
import threading

from support.crew import SEED

NUMBERS = 400
ROUNDS = 400


def run(copy):
    """One thread fills and empties a set whose table is wide; two threads copy it."""
    # Few keys and many places: a copy that is sized by the first count overflows when the others come back.
    shared = set(range(NUMBERS))
    shared.difference_update(range(1, NUMBERS))
    done = threading.Event()
    errors = []

    def churn():
        chance = random.Random(SEED)
        while not done.is_set():
            numbers = chance.sample(range(1, NUMBERS), chance.randrange(100, NUMBERS))
            for number in numbers:
                shared.add(number)
            for number in numbers:
                shared.discard(number)

    def take_copies():
        try:
            for _ in range(ROUNDS):
                taken = copy(shared)
                for number in taken:
                    assert number in taken, (number, sorted(taken))
                assert len(taken) == len(set(taken)) == len(list(taken))
                assert 0 in taken and taken <= set(range(NUMBERS))
        except BaseException as error:
            errors.append(error)

    churning = threading.Thread(target=churn)
    copying = [threading.Thread(target=take_copies) for _ in range(2)]
    for thread in (churning, *copying):
        thread.start()
    for thread in copying:
        thread.join()
    done.set()
    churning.join()
    if errors:
        raise errors[0]


def update(shared):
    target = {0, "text"}
    target.update(shared)
    target.remove("text")
    return target


for copy in (set, frozenset, set.copy, lambda shared: shared | {0}, lambda shared: {0} | shared, update):
    run(copy)
print("ok")
