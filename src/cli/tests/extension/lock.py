import gc
import threading

import sample

# A conversion, an iteration and a finalizer, in which another thread is waited for that enters the module.


def while_inside(enter):
    inside, done = threading.Event(), threading.Event()
    seen = []

    def other():
        inside.wait()
        seen.append(sample.answer())
        done.set()

    def meet():
        inside.set()
        assert done.wait(20), "the other thread does not get into the module"

    thread = threading.Thread(target=other)
    thread.start()
    seen.append(enter(meet))
    thread.join()
    return seen


class Number:
    def __init__(self, meet, number):
        self.meet, self.number = meet, number

    def __index__(self):
        self.meet()
        return self.number

    def __del__(self):
        pass


def converted(meet):
    return sample.total(Number(meet, 3), 4)


class Generated:
    def __init__(self, meet):
        self.meet = meet

    def __index__(self):
        def steps():
            self.meet()
            yield 1

        return next(steps())


print([*while_inside(converted), sample.answer() == 42, sample.total(1, 1)])
result = while_inside(lambda meet: sample.total(Generated(meet)))
gc.collect()
print([*result, "closed", sample.total(1, 1)])
