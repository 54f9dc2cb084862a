"""The interactive prompt where there is no terminal to draw on (a pipe, a dumb terminal, PYTHON_BASIC_REPL).

CPython has this loop in C, so the library does not bring it; `code.InteractiveConsole` differs in what is seen from outside
(prompts go to standard output, the file is called `<console>`, no source lines in tracebacks). The runtime calls `interact`.
"""
import codeop
import linecache
import os
import sys


def interact(namespace, banner, use_startup_file):
    """Reads statements from standard input and runs them in `namespace` until the input ends."""
    if banner:
        print(banner, file=sys.stderr)
    for name, text in (("ps1", ">>> "), ("ps2", "... ")):
        if not hasattr(sys, name):
            setattr(sys, name, text)
    if use_startup_file:
        _run_startup_file(namespace)
    compiler = codeop.CommandCompiler()
    lines = []
    while True:
        try:
            line = _read_line("ps2" if lines else "ps1")
            if not line:
                print(file=sys.stderr)
                return
            lines.append(line.removesuffix("\n"))
            source = "\n".join(lines)
            code = compiler(source, "<stdin>", "single")
            if code is None:
                continue
            lines.clear()
            linecache._register_code(code, source + "\n", "<stdin>")
            exec(code, namespace)
        except SystemExit:
            raise
        except KeyboardInterrupt:
            lines.clear()
            print("\nKeyboardInterrupt", file=sys.stderr)
        except BaseException as error:
            lines.clear()
            _report(error)
        finally:
            _flush()


def _read_line(prompt_name):
    """A line with its end; nothing at the end of the input."""
    prompt = str(getattr(sys, prompt_name, ""))
    stdin = sys.stdin
    if stdin is None:
        return ""
    try:
        terminal = os.isatty(0) and os.isatty(1)
    except OSError:
        terminal = False
    if terminal:
        try:
            return input(prompt) + "\n"
        except (EOFError, OSError):
            return ""
    print(prompt, end="", file=sys.stderr, flush=True)
    # What cannot be read any more (closed, a terminal that is gone) has ended.
    if getattr(stdin, "closed", False):
        return ""
    try:
        return stdin.readline()
    except OSError:
        return ""


def _report(error):
    """What the top level does with an exception; this file's own frame is not shown."""
    traceback = error.__traceback__
    if traceback is not None:
        traceback = traceback.tb_next
    sys.last_exc = error = error.with_traceback(traceback)
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, traceback
    sys.excepthook(type(error), error, traceback)


def _flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            pass


def _run_startup_file(namespace):
    path = os.environ.get("PYTHONSTARTUP")
    if not path:
        return
    try:
        with open(path, "rb") as stream:
            source = stream.read()
    except OSError as error:
        print("Could not open PYTHONSTARTUP\n", type(error).__name__, ": ", error, sep="", file=sys.stderr)
        return
    try:
        exec(compile(source, path, "exec"), namespace)
    except SystemExit:
        raise
    except BaseException as error:
        _report(error)
