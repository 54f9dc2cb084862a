"""`co_lnotab`, `__bool__ = None`, signatures with optional parameters, what suspends in assertions that are left out."""
import inspect
import sys
import warnings


def example(values):
    total = 0
    for value in values:
        total += value
    return [
        total
    ]


with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    table = example.__code__.co_lnotab
print([(warning.category.__name__, str(warning.message)) for warning in caught])
warnings.simplefilter("ignore")


def lines_of(code):
    """The lines that the table tells, one after the other."""
    line, seen = code.co_firstlineno, []
    for step in code.co_lnotab[1::2]:
        line += step - 256 * (step > 127)
        seen.append(line)
    return seen


print(lines_of(example.__code__), [line for _, _, line in example.__code__.co_lines()][1:])
print(lines_of(compile("\n" * 300 + "x = 1\n" + "\n" * 200 + "y = 1", "name", "exec"))[-1])


class Neither:
    __bool__ = None


class Wrong:
    __bool__ = 1


for instance in Neither(), Wrong():
    for ask in bool, lambda it: not it, lambda it: it and 1, lambda it: 1 if it else 2, lambda it: any([it]):
        try:
            ask(instance)
        except TypeError as error:
            print(error)

for owner in str, bytes, bytearray:
    for name in "find", "rfind", "index", "rindex", "count", "startswith", "endswith", "hex":
        method = getattr(owner, name, None)
        if method is not None:
            print(owner.__name__, name, method.__text_signature__)
            try:
                print(inspect.signature(method))
            except ValueError:
                print("no signature")
print("abcabc".find("b", 2), "abcabc".rindex("b", None, 3), "abc".startswith(("x", "b"), 1, 2), b"ab".hex(sep="-"))

for source in "assert not await f(); a = 1", "assert [x async for x in f()]", "def g():\n assert 1, await f()", "assert lambda: (yield)":
    for optimize in 0, 1:
        try:
            print(compile(source, "name", "exec", optimize=optimize).co_name)
        except SyntaxError as error:
            print(error.msg, error.lineno, error.offset, error.end_offset)
print(sum([0.1j, 1, 2.5, -0.1j]), sum([1e16 + 1j, 1.0, -1e16]), sum([10**30, 0.5j, 1]))
