"""The few things of pytest that HPy's tests use, for interpreters where pytest is not installed."""

import re

__version__ = "8.0"


class Skipped(BaseException):
    pass


class Failed(AssertionError):
    pass


class Fixture:
    """A function that makes a value for a test; one with `yield` also cleans up."""

    def __init__(self, function, params):
        self.function = function
        self.name = function.__name__
        self.params = params


def fixture(function=None, params=None, scope="function", autouse=False):
    if function is None:
        return lambda function: Fixture(function, params)
    return Fixture(function, params)


yield_fixture = fixture


def hookimpl(**options):
    return lambda function: function


def skip(reason=""):
    raise Skipped(reason)


def fail(reason=""):
    raise Failed(reason)


class _Marks:
    def skipif(self, condition, reason=""):
        def mark(function):
            if condition:
                function.skip_reason = reason
            return function

        return mark

    def usefixtures(self, *names):
        def mark(cls):
            cls.used_fixtures = names
            return cls

        return mark

    def syncgc(self, function):
        function.needs_prompt_collection = True
        return function

    def __getattr__(self, name):
        raise NotImplementedError(f"pytest.mark.{name}")


mark = _Marks()


class _Raises:
    def __init__(self, expected, match):
        self.expected = expected
        self.match = match
        self.value = None
        self.type = None

    def __repr__(self):
        return f"<raised {self.value!r}>"

    def __enter__(self):
        return self

    def __exit__(self, cls, value, traceback):
        if cls is None:
            raise Failed(f"did not raise {self.expected}")
        if not issubclass(cls, self.expected):
            return False
        self.value = value
        self.type = cls
        if self.match is not None and not re.search(self.match, str(value)):
            raise Failed(f"{str(value)!r} does not match {self.match!r}")
        return True


def raises(expected, match=None):
    return _Raises(expected, match)


def parameters_of(function):
    code = function.__code__
    return list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
