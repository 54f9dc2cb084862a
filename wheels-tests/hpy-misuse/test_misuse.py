"""What debug mode makes of each misuse. Ends with a line "ok"."""

import gc
import os
import signal
import subprocess
import sys
import threading
import weakref

import hpy_misuse
from hpy.debug import HPyLeakError, LeakDetector, disable_handle_stack_traces, set_handle_stack_trace_limit
from hpy.universal import _debug

CLOSED = "Invalid usage of already closed handle"
# Expression, what it prints before the process is aborted; None if the system stops it.
FATAL = {
    "m.close_twice('x')": CLOSED,
    "m.use_after_close('x')": CLOSED,
    "m.close_argument('x')": CLOSED,
    "m.return_argument('x')": CLOSED,
    "m.return_constant()": CLOSED,
    "m.close_constant()": CLOSED,
    "m.keep('x'); m.use_kept()": CLOSED,
    "m.garbage()": "is not a handle of this context",
    "m.keep('x'); m.use_kept_context()": "Wrong HPy Context!",
    "m.foreign_thread()": "It belongs to another thread.",
    "t = threading.Thread(target=m.keep, args=('x',)); t.start(); t.join(); m.use_kept_context()": "Wrong HPy Context!",
    "m.call_while_left('x')": "between HPy_LeavePythonExecution and HPy_ReenterPythonExecution",
    "m.leave_twice()": "between HPy_LeavePythonExecution and HPy_ReenterPythonExecution",
    "m.never_reenter()": "without HPy_ReenterPythonExecution",
    "m.only_reenter()": "without HPy_LeavePythonExecution",
    "m.reenter_garbage(12345)": "without HPy_LeavePythonExecution",
    "m.close_tracker_twice('x')": "Invalid usage of already closed tracker",
    "m.plain_struct(5)": "Expected shape HPyType_BuiltinShape_Object",
    "m.build_twice()": "Invalid usage of already closed builder",
    "m.track_after_close('x')": "Invalid usage of already closed tracker",
    "m.stale_text('x')": None,
    "m.write_text('x')": None,
    "m.wrong_shape([])": "Expected shape HPyType_BuiltinShape_List",
    "m.no_type('x')": "HPy_TypeCheck arg 2 must be a type",
}
# The same without debug mode, where it costs nothing to find it.
FATAL_ALWAYS = {
    "m.reenter_garbage(1)": "a state that HPy_LeavePythonExecution did not return",
    "m.reenter_garbage(12345)": "a state that HPy_LeavePythonExecution did not return",
    "m.close_tracker_twice('x')": "use of a tracker that was closed",
    "m.track_after_close('x')": "use of a tracker that was closed",
    "m.wrong_shape([])": "AsStruct of an object that no extension type made",
    "m.plain_struct(5)": "AsStruct of an object that no extension type made",
}


def fatal_errors_always():
    for lock in ("0", "1"):
        environment = os.environ | {"HPY": "universal", "HPY_MODULE_LOCK": lock}
        for expression, words in FATAL_ALWAYS.items():
            code = f"import hpy_misuse as m; {expression}"
            result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
            assert result.returncode == -signal.SIGABRT, (expression, result.returncode, result.stderr)
            assert words in result.stderr, (expression, result.stderr)


def fatal_errors():
    for expression, words in FATAL.items():
        code = f"import hpy_misuse as m, threading; {expression}"
        result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        expected = -signal.SIGSEGV if words is None else -signal.SIGABRT
        assert result.returncode == expected, (expression, result.returncode, result.stderr)
        assert words is None or words in result.stderr, (expression, result.stderr)
        returned = any(word in expression for word in ("return_", "close_argument", "never_reenter"))
        if words is not None and not returned:
            assert "hpy_misuse" in result.stderr, f"{expression}: no frame of the extension in\n{result.stderr}"


def going_on():
    """With a hook the program goes on, and the object is still there if somebody else has it."""
    reports = []
    _debug.set_on_invalid_handle(lambda: reports.append(1))
    text = "going on"
    assert hpy_misuse.use_after_close(text) == repr(text)
    hpy_misuse.close_twice(text)
    hpy_misuse.close_argument(text)
    assert hpy_misuse.return_argument(text) is text
    assert hpy_misuse.return_constant() is True
    assert len(reports) == 5, reports

    def broken():
        raise ValueError("the hook's own error")

    _debug.set_on_invalid_handle(broken)
    assert hpy_misuse.use_after_close(text) == repr(text)
    _debug.set_on_invalid_handle(None)
    for wrong in (1, "x"):
        try:
            _debug.set_on_invalid_handle(wrong)
        except TypeError:
            pass
        else:
            raise AssertionError("not callable")


class Thing:
    pass


def closed_handles_are_weak():
    def make():
        thing = Thing()
        hpy_misuse.work(thing)
        return weakref.ref(thing)

    def below(depth):
        return below(depth - 1) + 1 if depth else 0

    references = [make() for _ in range(20)]
    below(60)
    gc.collect()
    assert sum(reference() is not None for reference in references) <= 2


def leaks():
    set_handle_stack_trace_limit(16)
    try:
        with LeakDetector():
            hpy_misuse.leak("one")
            hpy_misuse.leak("two")
    except HPyLeakError as error:
        text = str(error)
        assert "2 unclosed handles:" in text and "'one'" in text and "Allocation stacktrace:" in text, text
        assert "hpy_misuse" in text, text
        for handle in error.leaks:
            assert not handle.is_closed and handle.obj in ("one", "two")
            handle._force_close()
            assert handle.is_closed
    else:
        raise AssertionError("no leak found")
    disable_handle_stack_traces()


def threads():
    """Leaks of every thread are found, and nothing else."""
    generation = _debug.new_generation()

    def run(number):
        for _ in range(300):
            assert hpy_misuse.work(number) == (number,) * 3
        hpy_misuse.leak(f"thread {number}")

    workers = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    found = _debug.get_open_handles(generation)
    assert sorted(handle.obj for handle in found) == [f"thread {number}" for number in range(8)], found
    # Handles that another thread opened can be closed here.
    for handle in found:
        handle._force_close()
    assert _debug.get_open_handles(generation) == []


leaks()
going_on()
closed_handles_are_weak()
threads()
fatal_errors()
fatal_errors_always()
print("ok")
