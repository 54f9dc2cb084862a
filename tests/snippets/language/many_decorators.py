# Decorators, few and many: the order in which they are evaluated and called, and the lines that errors name.
import sys
import traceback

SEEN = []


def mark(number):
    SEEN.append(number)

    def decorate(thing):
        SEEN.append(-number)
        if number == 7777:
            raise ValueError("seven")
        return thing if number % 5 else (lambda *args: ("wrapped", number, thing))

    return decorate


HEADS = {
    "def": "def made(a=SEEN.append('default'), *, b: int = 2):\n    return 'made', a, b\n",
    "async def": "async def made():\n    return 1\n",
    "class": "class made(metaclass=type):\n    x = 1\n",
    "generic": "def made[T](a: T = 3) -> T:\n    return a\n",
    "closure": "def made():\n    return outer\n",
}
for head, body in HEADS.items():
    for count in (1, 11, 12, 13, 14, 60, 300):
        SEEN.clear()
        lines = "".join(f"    @mark({number})\n" for number in range(1, count + 1))
        source = "def build(outer):\n" + lines + "".join(f"    {line}\n" for line in body.splitlines()) + "    return made\n"
        namespace = {"mark": mark, "SEEN": SEEN}
        exec(source, namespace)
        made = namespace["build"]("o")
        numbers = [seen for seen in SEEN if isinstance(seen, int)]
        print(head, count, numbers == [*range(1, count + 1), *range(-count, 0)], SEEN.index("default") if "default" in SEEN else None, end=" ")
        if isinstance(made, type):
            print(made.__name__, made.x)
        elif head == "def" or head == "closure" or head == "generic":
            print(str(made() if count < 5 else made())[:20])
        else:
            print(type(made).__name__)
for bad in ("mark(7777)", "missing", "1 / 0", "5"):
    for count in (3, 40):
        lines = [f"@mark({number})\n" for number in range(1, count + 1)]
        lines[count // 2] = f"@{bad}\n"
        try:
            exec("".join(lines) + "def made(): pass\n", {"mark": mark})
        except Exception as error:
            frame = traceback.extract_tb(error.__traceback__)[1]
            print(bad, count, type(error).__name__, error, frame.lineno)


def trace(source):
    events = []

    def tracer(frame, event, arg):
        if frame.f_code.co_filename == "<traced>" and frame.f_code.co_name == "<module>":
            events.append((event[0], frame.f_lineno))
        return tracer

    code = compile(source, "<traced>", "exec")
    sys.settrace(tracer)
    try:
        exec(code, {"mark": mark})
    finally:
        sys.settrace(None)
    return events


print(trace("@mark(1)\n@mark(2)\n@mark(3)\ndef f():\n    pass\n"))
print(trace("".join(f"@mark({number})\n" for number in range(1, 15)) + "def f():\n    pass\n"))
