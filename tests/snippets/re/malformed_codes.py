# Code arrays that no compiler writes are refused, never run.
import _sre

bad = [[], [16], [17, 0, 1], [13, 3, 9, 9, 1], [15, 1, 1], [23, 200, 0, 1, 1], [6, 99, 1], [43, 1], [7, 3, 16, 97, 0, 1], [11, 0, 1],
       [24, 6, 5, 2, 16, 97, 1, 1], [14, 9, 1, 1, 1, 1], [4, 3, 0, 1], [8, 50, 1]]
for code in bad:
    try:
        _sre.compile("x", 0, code, 0, {}, ())
    except RuntimeError as error:
        print(code, error)
for code, groups in (([1], -1), ([2**40], 0), (["x"], 0), ([1], 2**40)):
    try:
        _sre.compile("x", 0, code, groups, {}, ())
    except (RuntimeError, OverflowError, TypeError) as error:
        print(type(error).__name__, error)
