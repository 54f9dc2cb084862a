"""Threads on shared lists, dicts, sets and deques: every operation is atomic, nothing is lost, nothing crashes."""
from support.crew import THREADS, run

ROUNDS = 400


def appends_are_not_lost():
    shared = []

    def work(number, _):
        for index in range(ROUNDS):
            shared.append((number, index))

    run(work)
    assert len(shared) == THREADS * ROUNDS
    for number in range(THREADS):
        assert [index for who, index in shared if who == number] == list(range(ROUNDS))


def pops_give_each_item_once():
    shared = list(range(THREADS * ROUNDS))
    taken = [[] for _ in range(THREADS)]

    def work(number, _):
        while True:
            try:
                taken[number].append(shared.pop())
            except IndexError:
                return

    run(work)
    assert sorted(item for items in taken for item in items) == list(range(THREADS * ROUNDS))


def setdefault_has_one_winner():
    shared = {}
    seen = [[] for _ in range(THREADS)]

    def work(number, _):
        for key in range(ROUNDS):
            seen[number].append(shared.setdefault(key, (number, key)))

    run(work)
    for key in range(ROUNDS):
        assert len({id(seen[number][key]) for number in range(THREADS)}) == 1


def dicts_survive_everything():
    shared = {}

    def work(number, chance):
        for _ in range(ROUNDS):
            key = "k%d" % chance.randrange(40)
            action = chance.randrange(7)
            if action < 3:
                shared[key] = number
            elif action == 3:
                shared.pop(key, None)
            elif action == 4:
                shared.get(key)
            elif action == 5:
                list(shared.items())
            else:
                try:
                    for name in shared:
                        assert name.startswith("k")
                except RuntimeError as error:
                    assert "changed" in str(error), error

    run(work)
    assert all(key.startswith("k") and 0 <= value < THREADS for key, value in shared.items())


def lists_survive_everything():
    shared = list(range(50))

    def work(number, chance):
        for _ in range(ROUNDS):
            action = chance.randrange(9)
            try:
                if action == 0:
                    shared.append(number)
                elif action == 1:
                    shared.insert(chance.randrange(20), number)
                elif action == 2:
                    shared.extend([number] * 3)
                elif action == 3:
                    del shared[: chance.randrange(6)]
                elif action == 4:
                    shared[chance.randrange(10)] = number
                elif action == 5:
                    sum(shared)
                elif action == 6:
                    shared[2:4] = [number]
                elif action == 7:
                    shared.reverse()
                else:
                    sorted(shared)
            except IndexError:
                pass
            if len(shared) > 500:
                del shared[100:]

    run(work)
    assert all(isinstance(item, int) for item in shared)


def sets_survive_everything():
    shared = set()

    def work(number, chance):
        for _ in range(ROUNDS):
            item = chance.randrange(60)
            action = chance.randrange(5)
            if action < 2:
                shared.add(item)
            elif action == 2:
                shared.discard(item)
            elif action == 3:
                shared | {item}
            else:
                item in shared

    run(work)
    assert shared <= set(range(60))


for test in (
    appends_are_not_lost,
    pops_give_each_item_once,
    setdefault_has_one_winner,
    dicts_survive_everything,
    lists_survive_everything,
    sets_survive_everything,
):
    test()
print("ok")
