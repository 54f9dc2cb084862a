# What is told when an abandoned generator, coroutine or asynchronous generator fails while it is closed.
import gc
import sys
import types


def told(unraisable):
    print(unraisable.err_msg.split(" at 0x")[0], unraisable.object, repr(unraisable.exc_value))


sys.unraisablehook = told


def stubborn():
    try:
        yield 1
    except GeneratorExit:
        yield 2


def failing():
    try:
        yield 1
    finally:
        1 / 0


@types.coroutine
def pause():
    yield


async def stubborn_coroutine():
    try:
        await pause()
    except GeneratorExit:
        await pause()


async def failing_async():
    try:
        yield 1
    finally:
        1 / 0


class Finalized:
    def __del__(self):
        raise ValueError("in __del__")


def abandon(generator, step):
    try:
        step(generator)
    except StopIteration:
        pass


abandon(stubborn(), next)
gc.collect()
abandon(failing(), next)
gc.collect()
abandon(stubborn_coroutine(), lambda coroutine: coroutine.send(None))
gc.collect()
abandon(failing_async(), lambda generator: generator.__anext__().send(None))
gc.collect()
Finalized()
gc.collect()
