"""Threads on shared instances, classes, closures and generators: attributes are whole, shapes never mix, errors are Python's."""
from support.crew import THREADS, run

ROUNDS = 300


class Record:
    kind = 0

    def value(self):
        return self.kind


def instances_keep_their_attributes():
    shared = [Record() for _ in range(8)]

    def work(number, chance):
        for index in range(ROUNDS):
            one = shared[chance.randrange(len(shared))]
            name = "a%d" % chance.randrange(12)
            setattr(one, name, (name, number))
            other = "a%d" % chance.randrange(12)
            found = getattr(one, other, None)
            assert found is None or found[0] == other, (found, other)
            if index % 9 == 0:
                try:
                    delattr(one, name)
                except AttributeError:
                    pass
            if index % 31 == 0:
                assert all(key == value[0] for key, value in list(vars(one).items()))

    run(work)


def classes_change_under_way():
    def work(number, chance):
        one = Record()
        for _ in range(ROUNDS):
            if chance.randrange(10) == 0:
                Record.kind = number
            assert one.value() in range(THREADS)

    run(work)


def garbage_of_all_threads_is_collected():
    import gc

    def work(number, chance):
        for index in range(ROUNDS):
            ring = [Record() for _ in range(5)]
            for left, right in zip(ring, ring[1:] + ring[:1]):
                left.next = right
            if index % 100 == 0:
                gc.collect()

    run(work)


def a_generator_runs_in_one_thread_at_a_time():
    def count():
        number = 0
        while True:
            yield number
            number += 1

    shared = count()
    taken = [[] for _ in range(THREADS)]

    def work(number, _):
        while len(taken[number]) < ROUNDS // 4:
            try:
                taken[number].append(next(shared))
            except ValueError as error:
                assert "already executing" in str(error)

    run(work)
    items = sorted(item for items in taken for item in items)
    assert items == list(range(len(items)))


def locks_and_conditions_work():
    import queue

    box = queue.Queue(maxsize=5)
    total = []

    def work(number, _):
        if number % 2:
            for index in range(ROUNDS):
                box.put(index)
        else:
            total.append(sum(box.get() for _ in range(ROUNDS)))

    run(work)
    assert sum(total) == (THREADS // 2) * sum(range(ROUNDS))


for test in (
    instances_keep_their_attributes,
    classes_change_under_way,
    garbage_of_all_threads_is_collected,
    a_generator_runs_in_one_thread_at_a_time,
    locks_and_conditions_work,
):
    test()
print("ok")
