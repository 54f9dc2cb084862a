# A view that only a statement or a call under way holds keeps a bytearray from changing its size.


def attempt(work, *args):
    try:
        return work(*args)
    except Exception as error:
        return type(error).__name__, str(error)


def in_with(b):
    with memoryview(b):
        b.extend(b'x')


def in_nested(b):
    with memoryview(b):
        with open('/dev/null'):
            try:
                for i in range(2):
                    b.append(i)
            finally:
                pass


def in_call(b):
    return len(memoryview(b)) + max(memoryview(b), b.extend(b'y'), key=id)


def of_caller(b):
    with memoryview(b):
        helper(b)


def helper(b):
    b += b'z'


def after_with(b):
    with memoryview(b):
        pass
    b.extend(b'x')
    return bytes(b)


def left_over(b):
    data = bytes(memoryview(b)[1:])
    b.extend(data)
    return bytes(b)


def left_by_exception(b):
    try:
        with memoryview(b):
            raise ValueError('left')
    except ValueError:
        b.extend(b'x')
    return bytes(b)


def generator(b):
    with memoryview(b):
        yield
        b.extend(b'x')


for work in in_with, in_nested, in_call, of_caller, after_with, left_over, left_by_exception:
    b = bytearray(b'abc')
    print(work.__name__, attempt(work, b), b)
b = bytearray(b'abc')
g = generator(b)
next(g)
print(attempt(next, g), b)
b = bytearray(b'abc')
try:
    with memoryview(b):
        b.extend(b'x')
except BufferError as error:
    print(error)
b.extend(b'y')
print(b)
