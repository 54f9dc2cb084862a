# Generators as debuggers see them: what a tracer that answers None leaves set, how generators that end are told of, where class bodies return.
import io
import pdb
import sys


def numbers(result=None):
    yield 0
    yield 1
    return result


def delegating():
    found = yield from numbers(7)
    return found


def local(frame, event, argument):
    print(event, frame.f_lineno)
    return local


def silent(frame, event, argument):
    return None


def late_tracer():
    generator = numbers()
    next(generator)
    generator.gi_frame.f_trace = local
    for _ in generator:
        pass


sys.settrace(silent)
late_tracer()
sys.settrace(None)

monitoring = sys.monitoring
events = monitoring.events
monitoring.use_tool_id(0, "snippet")


def heard(code, offset, value):
    if code.co_filename == __file__:
        print("stop", code.co_name, repr(value))


def all_loops():
    for _ in numbers(3):
        pass
    for _ in numbers():
        pass
    for _ in delegating():
        pass
    for _ in [1]:
        pass
    list(numbers(3))


monitoring.register_callback(0, events.STOP_ITERATION, heard)
monitoring.set_events(0, events.STOP_ITERATION)
all_loops()
monitoring.set_events(0, 0)
monitoring.free_tool_id(0)


def session(backend, commands):
    pdb.set_default_backend(backend)
    debugger = pdb.Pdb(nosigint=True, readrc=False, stdin=io.StringIO(commands), stdout=sys.stdout)
    debugger.use_rawinput = False
    debugger.prompt = ""
    debugger.set_trace()
    for number in delegating():
        print(number)
    print("finished")


def short(text):
    return text.replace(__file__, "FILE")


for backend in ("settrace", "monitoring"):
    for commands in ("step\nstep\nstep\nnext\nnext\nnext\nnext\ncontinue\n", "step\nstep\nuntil 18\nstep\ncontinue\n"):
        kept, sys.stdout = sys.stdout, io.StringIO()
        try:
            session(backend, commands)
        finally:
            text, sys.stdout = sys.stdout.getvalue(), kept
        print(backend)
        print(short(text))


def class_body(flag):
    class Body:
        if flag:
            place = 1
        else:
            place = 2


def returns(frame, event, argument):
    if frame.f_code.co_name == "Body":
        print(event, frame.f_lineno - class_body.__code__.co_firstlineno)
        return returns
    return returns if frame.f_code is class_body.__code__ else None


for flag in (True, False):
    sys.settrace(returns)
    class_body(flag)
    sys.settrace(None)

module = compile("\n\nplace = 1\n", "<module text>", "exec")
print([line for _, _, line in module.co_lines()], module.co_firstlineno)

# Code that dies leaves its address to other code: lines are those of the code that runs.
for count in range(40):
    names = {}
    exec("def made():\n" + "    pass\n" * (count % 7) + "    yield 1\n    yield 2\n", names)
    lines = []

    def collect(frame, event, argument):
        if frame.f_code is names["made"].__code__ and event == "line":
            lines.append(frame.f_lineno)
        return collect

    sys.settrace(collect)
    list(names["made"]())
    sys.settrace(None)
    assert lines == list(range(2, 4 + count % 7)), (count, lines)
