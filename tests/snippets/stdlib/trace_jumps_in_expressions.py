# Jumps that a tracer orders: never into the middle of an expression, but from one block into another that keeps the same things.
import sys
import warnings

from _jumps import Context, jumper


def into_call(output):
    value = 1
    print(
        output.append(3)
    )
    output.append(5)
    (
        (  # 7
            value
            +
            10
        )
        +
        13
    )
    output.append(15)


def with_to_with(output):
    output.append(1)
    with Context(output, 2):
        output.append(3)
    with Context(output, 4):
        output.append(5)


def with_to_inner_with(output):
    with Context(output, 1):
        output.append(2)
    with Context(output, 3):
        with Context(output, 4):
            output.append(5)


def loop_to_loop(output):
    for first in (1, 2):
        output.append(first)
    for second in (3, 4):
        output.append(second)
    output.append(5)


def loop_to_with(output):
    for first in (1, 2):
        output.append(first)
    with Context(output, 3):
        output.append(4)


def out_of_with(output):
    with Context(output, 1):
        output.append(2)
    output.append(3)


def into_handler(output):
    try:
        output.append(2)
    except ValueError:
        output.append(4)


def within_handler(output):
    try:
        1 / 0
    except ZeroDivisionError as error:
        output.append(4)
        output.append(5)
        output.append(6)


def in_finally(output):
    try:
        output.append(2)
        return 7
    finally:
        output.append(5)
        output.append(6)


def jump(function, start, target):
    output = []
    sys.settrace(jumper(function, start, target))
    try:
        result = function(output)
    except Exception as error:
        result = f"{type(error).__name__}: {error}"
    finally:
        sys.settrace(None)
    print(function.__name__, start, target, output, result)


warnings.simplefilter("ignore")
jump(into_call, 3, 7)
jump(with_to_with, 3, 5)
jump(with_to_with, 5, 3)
jump(with_to_inner_with, 2, 5)
jump(loop_to_loop, 2, 4)
jump(loop_to_with, 2, 4)
jump(out_of_with, 2, 3)
jump(into_handler, 2, 4)
jump(within_handler, 4, 6)
jump(in_finally, 5, 6)
jump(in_finally, 2, 6)
