# tokenize asks for lines when it needs them, not sooner.
import io
import tokenize

SOURCE = '''\
# comment
if one:
    two(1,
        [2])  # end
    three = """a
b

c""" + f"{x!r:>{width}} {
    y}"
\\
four
else:
\tfive \\
  + 6

'''


def show(lines, **options):
    asked = 0

    def readline():
        nonlocal asked
        asked += 1
        if asked <= len(lines):
            return lines[asked - 1]
        return lines[0][:0]

    try:
        for token in tokenize.generate_tokens(readline):
            print(asked, token.type, repr(token.string), token.start, token.end, repr(token.line))
    except Exception as error:
        print(asked, type(error).__name__, error)


show(SOURCE.splitlines(True))
show(["a = (\n", "1\n"])
show(['"""never\n', "closed\n"])
show(["no newline"])
show(["first", "second\n", "  third"])
show([])
show(["x = 1\n", " y\n", "z\n"])
show(["if x:\n", "    y\n", "  z\n"])
show(["a $ b\n", "?\n"])


# What a function that gives lines raises comes when its turn has come.
def failing():
    yield "a = 1\n"
    yield "b = 2\n"
    raise KeyError("no more")


try:
    for token in tokenize.generate_tokens(failing().__next__):
        print(token.string)
except KeyError as error:
    print("KeyError", error)

# The rest of a stream is left to others.
stream = io.StringIO("first line\nsecond line\nthird line\n")
tokens = tokenize.generate_tokens(stream.readline)
print(next(tokens).string, next(tokens).string, repr(stream.readline()), next(tokens).string, repr(next(tokens).line))

long = "x = '''" + "line\n" * 5000 + "'''\n"
print([(token.type, len(token.string), token.end) for token in tokenize.generate_tokens(io.StringIO(long).readline)])
