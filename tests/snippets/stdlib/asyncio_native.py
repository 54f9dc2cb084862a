"""The native futures and tasks."""
import _asyncio
import asyncio
import re


def plain(value):
    return re.sub(r'running at [^>]*>|0x[0-9a-f]+', '', str(value))


def t(function):
    try:
        print(plain(function()))
    except BaseException as error:
        print(type(error).__name__, plain(error)[:90])


loop = asyncio.new_event_loop()
Future, Task = _asyncio.Future, _asyncio.Task
t(lambda: Future(3))
t(lambda: Task())
t(lambda: Future(loop=3))
blank = Future.__new__(Future)
t(lambda: blank.result())
t(lambda: blank.done())
t(lambda: blank.set_result(1))
t(lambda: next(iter(blank)))
f = Future(loop=loop)
t(lambda: f.result())
t(lambda: f.exception())
t(lambda: setattr(f, '_log_traceback', True))
t(lambda: delattr(f, '_cancel_message'))
print(f._state, f._callbacks, f._result, f._asyncio_future_blocking, repr(f))
f.set_result(3)
t(lambda: f.set_result(3))
t(lambda: f.cancel())
print(repr(f), f.result(), f.exception())
t(lambda: next(iter(f)))
f = Future(loop=loop)
t(lambda: f.set_exception(3))
f.set_exception(StopIteration)
t(lambda: f.result())
f = Future(loop=loop)
waiting = iter(f)
print(next(waiting) is f, f._asyncio_future_blocking)
t(lambda: next(waiting))
t(lambda: waiting.throw(ValueError('x')))
f = Future(loop=loop)
f.cancel('msg')
t(lambda: f.result())
print(f._cancel_message, repr(f))


async def nothing():
    pass


task = Task(nothing(), loop=loop)
t(lambda: task.set_result(1))
task.set_name(4)
print(task.get_name(), task.cancelling(), task.uncancel(), task.cancel(), task.cancelling(), task.uncancel())
t(lambda: Task(3, loop=loop))
t(lambda: _asyncio.current_task())
t(lambda: _asyncio.all_tasks(loop) == {task})
t(lambda: _asyncio._enter_task(loop, task))
_asyncio._set_running_loop(loop)
t(lambda: _asyncio._enter_task(loop, task))
t(lambda: _asyncio._enter_task(loop, task))
t(lambda: _asyncio._leave_task(loop, 3))
t(lambda: _asyncio.current_task() is task)
t(lambda: _asyncio._leave_task(loop, task))
_asyncio._set_running_loop(None)
f, g = Future(loop=loop), Future(loop=loop)
_asyncio.future_add_to_awaited_by(f, task)
_asyncio.future_add_to_awaited_by(f, g)
print(len(f._asyncio_awaited_by))
_asyncio.future_discard_from_awaited_by(f, g)
print(f._asyncio_awaited_by == {task})


async def child(number):
    await asyncio.sleep(0)
    if number == 2:
        raise ValueError(number)
    return number


class Odd:
    def __await__(self):
        yield self


async def main():
    print(await asyncio.gather(*map(child, range(4)), return_exceptions=True))
    future = loop.create_future()
    loop.call_soon(future.set_result, 'later')
    print(await future)
    t(lambda: asyncio.current_task().get_coro().__name__)
    try:
        await Odd()
    except RuntimeError as error:
        print(plain(error)[:40])
    sleeper = asyncio.create_task(asyncio.sleep(100))
    await asyncio.sleep(0)
    sleeper.cancel('enough')
    try:
        await sleeper
    except asyncio.CancelledError as error:
        print(repr(error), sleeper.cancelled())
    try:
        async with asyncio.timeout(0.001):
            await asyncio.sleep(100)
    except TimeoutError:
        print('late')
    eager = asyncio.Task(child(7), loop=loop, eager_start=True)
    print(await eager)


loop.run_until_complete(main())
loop.close()
