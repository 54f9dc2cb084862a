# The options -b and -bb: texts of bytes, and their comparisons with text and numbers.
import subprocess
import sys

PROGRAM = r'''
import warnings


class Data(bytes):
    pass


class Text(str):
    pass


def told(name, action):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = action()
        except Exception as error:
            result = repr(error)
    print(name, result, [str(warning.message) for warning in caught])


def match(subject):
    match subject:
        case "a":
            return 1
        case b"a":
            return 2


data, text, array = b"a", "a", bytearray(b"a")
told("str", lambda: str(data))
told("str of a subclass", lambda: str(Data(data)))
told("str of an array", lambda: str(array))
told("decode", lambda: str(data, "ascii"))
told("format", lambda: format(data))
told("f-string", lambda: f"{data} {data!s} {data!r}")
told("percent", lambda: "%s %r" % (data, data))
told("method", lambda: bytes.__str__(data))
told("print", lambda: print(data, array))
for name, left, right in [("str", data, text), ("subclass", Data(data), Text(text)), ("array", array, text), ("int", data, 1),
                          ("bool", True, data), ("array and int", array, 97), ("float", data, 1.0), ("None", data, None),
                          ("alike", data, array)]:
    told(name, lambda: (left == right, right == left, left != right, right != left))
told("order", lambda: data < text)
told("member", lambda: (data in [text], text in (data,)))
told("key", lambda: {data: 1}.get("b"))
told("tuple", lambda: (data, 1) == (text, 1))
told("match", lambda: match(data))
'''


def run(*arguments):
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr.splitlines()[-1:]


print(run("-b", "-c", PROGRAM)[1])
print(run("-bb", "-c", PROGRAM)[0], run("-c", PROGRAM)[1].count("[]"))
print(run("-bb", "-c", "str(b'x')"))
print(run("-b", "-c", "print(b'x' == 'x')"))
# What formats were compiled before makes no difference.
print(run("-bb", "-c", "import struct; print([struct.calcsize(f) for f in (b'!d', '!d', '>h', b'>h')])"))
