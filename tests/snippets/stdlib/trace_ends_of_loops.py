"""What trace functions and monitors hear when iterators end: loops over generators make no exception unless there is a value."""
import sys


def items():
    yield 1


def items_and_value():
    yield 1
    return 5


def plain():
    for item in items():
        pass


def with_value():
    for item in items_and_value():
        pass


def delegating():
    yield from items()


def delegated():
    list(delegating())


def unpacking():
    item, = items()
    return [*items()]


def comprehension():
    return [item for item in items()], any(item for item in (0,))


def native():
    for item in iter([1]):
        pass


functions = [plain, with_value, delegated, unpacking, comprehension, native]
for function in functions:
    events = []

    def trace(frame, event, argument):
        if event == "exception":
            events.append((frame.f_code.co_name, repr(argument[1])))
        return trace

    sys.settrace(trace)
    function()
    sys.settrace(None)
    print(function.__name__, events)

monitoring = sys.monitoring
monitoring.use_tool_id(3, "ends")
monitoring.set_events(3, monitoring.events.STOP_ITERATION)
monitoring.register_callback(
    3, monitoring.events.STOP_ITERATION, lambda code, offset, error: events.append((code.co_name, repr(error)))
)
for function in functions:
    events = []
    function()
    print(function.__name__, events)
monitoring.free_tool_id(3)


def stopping():
    yield next(iter(()))


try:
    for item in stopping():
        pass
except RuntimeError as error:
    names = []
    while error:
        traceback = error.__traceback__
        while traceback:
            names.append(traceback.tb_frame.f_code.co_name)
            traceback = traceback.tb_next
        names.append(repr(error))
        error = error.__cause__
    print(names)
