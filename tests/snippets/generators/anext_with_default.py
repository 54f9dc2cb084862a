# anext(iterator, default) with coroutines, generators and what is no awaitable; awaitables that nobody awaits.
import gc
import warnings


class Counter:
    def __init__(self):
        self.count = 0

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.count >= 2:
            raise StopAsyncIteration
        self.count += 1
        return self.count


async def consume():
    it = Counter()
    return [await anext(it, "end"), await anext(it, "end"), await anext(it, "end")]


def run(coroutine):
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value


print(run(consume()))


class Bad:
    def __aiter__(self):
        return self

    def __anext__(self):
        return self.what


class NoIterator:
    def __await__(self):
        return 42


async def ask(what):
    bad = Bad()
    bad.what = what
    try:
        await anext(bad, "default")
    except TypeError as error:
        return str(error)


print(run(ask(NoIterator())))
print(run(ask(iter("abc"))))
print(run(ask((x for x in []))))


async def gen():
    yield 1


for make in [lambda g: g.asend(None), lambda g: g.aclose(), lambda g: g.athrow(ValueError)]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        g = gen()
        make(g)
        del g
        gc.collect()
        print([str(one.message) for one in caught])
