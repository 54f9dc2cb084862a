# A tracer moves a frame to another line, wherever the frame was called from.
import sys

from _jumps import Context, jumper


async def coroutine(output):
    output.append(1)
    async with Context(output, 2):
        output.append(3)
    async with Context(output, 4):
        output.append(5)


def generator(output):
    output.append(1)
    with Context(output, 2):
        yield output.append(3)
    with Context(output, 4):
        yield output.append(5)


def drive_by_send(function, tracer):
    output = []
    running = function(output)
    sys.settrace(tracer)
    try:
        running.send(None)
    except StopIteration:
        pass
    finally:
        sys.settrace(None)
        running.close()
    return output


def drive_with_more(function, tracer, *others, **named):
    made = [function(output) for output in ([], [])]
    output = []
    running = function(output)
    sys.settrace(tracer)
    try:
        return [output, next(running, None), len(made)]
    except StopIteration:
        return output
    finally:
        sys.settrace(None)
        running.close()


print(drive_by_send(coroutine, jumper(coroutine, 2, 4)))
print(drive_by_send(coroutine, jumper(coroutine, 1, 2)))
print(drive_by_send(generator, jumper(generator, 2, 4)))
print(drive_with_more(generator, jumper(generator, 1, 4), 1, 2, three=3))


def nested(depth, function, *jump):
    return drive_by_send(function, jumper(function, *jump)) if depth == 0 else nested(depth - 1, function, *jump)


print(nested(5, coroutine, 2, 4), nested(9, generator, 1, 4))
