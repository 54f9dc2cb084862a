# f_lineno of frames that an exception has left: the line on which it came up last, cleanup code apart.
def last_lines(function):
    try:
        function()
    except Exception as error:
        entry = error.__traceback__.tb_next
        found = []
        while entry:
            found.append((entry.tb_lineno - function.__code__.co_firstlineno, entry.tb_frame.f_lineno - function.__code__.co_firstlineno))
            entry = entry.tb_next
        return found


def in_except():
    try:
        1 / 0
    except:
        1 / 0
        pass


def other_except():
    try:
        1 / 0
    except TypeError as ex:
        pass


def in_named_except():
    try:
        1 / 0
    except Exception as ex:
        1 / 0
        pass


def in_finally():
    try:
        1 / 0
    finally:
        pass


def in_finally_except():
    try:
        1 / 0
    finally:
        1 / 0
        pass


class Noop:
    def __enter__(self):
        return self

    def __exit__(self, *args):
        pass


def after_with():
    with Noop():
        1 / 0
        pass


for function in in_except, other_except, in_named_except, in_finally, in_finally_except, after_with:
    print(function.__name__, last_lines(function))


def unbound():
    print(somethong)
    somethong = 3


try:
    unbound()
except UnboundLocalError as error:
    print(error.name)


class A:
    blech = None

    def __getattr__(self, name):
        raise AttributeError()


a = A()
try:
    a.bluch
except AttributeError as error:
    print(error.name, error.obj is a)

error = ImportError("test", name="name", path="path")
error.__init__()
print(error.args, error.msg, error.name, error.path)


class Evil(str):
    def __str__(self):
        del error.object
        return self


error = UnicodeDecodeError(Evil("utf-8"), b"x", 0, 1, "reason")
try:
    str(error)
except TypeError as found:
    print(found)
