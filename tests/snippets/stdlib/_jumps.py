"""Tracers that move a frame to another line, and something whose blocks show whether they were entered and left."""


class Context:
    def __init__(self, output, number):
        self.output, self.number = output, number

    def __enter__(self):
        self.output.append(self.number)

    def __exit__(self, *args):
        self.output.append(-self.number)

    async def __aenter__(self):
        self.__enter__()

    async def __aexit__(self, *args):
        self.__exit__()


def jumper(function, source, target):
    """A tracer that jumps once from one line of the function to another, both counted from its `def`."""
    first = function.__code__.co_firstlineno
    done = []

    def trace(frame, event, arg):
        if frame.f_code is not function.__code__:
            return None
        if event == "line" and frame.f_lineno == first + source and not done:
            done.append(True)
            frame.f_lineno = first + target
        return trace

    return trace
