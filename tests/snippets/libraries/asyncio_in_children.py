"""The child of a fork is in no loop and no task, though the thread that forked was."""
import asyncio
import os


async def inner():
    return asyncio.current_task() is not None, asyncio.get_running_loop().is_running()


def look():
    answers = []
    for ask in (asyncio.get_running_loop, asyncio.current_task):
        try:
            answers.append(ask())
        except RuntimeError as error:
            answers.append(str(error))
    return answers, asyncio.run(inner())


async def main():
    child = os.fork()
    if child == 0:
        try:
            print(look(), flush=True)
        finally:
            os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), await inner())


asyncio.run(main())
