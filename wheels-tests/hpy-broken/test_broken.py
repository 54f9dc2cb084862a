"""What each broken definition and result ends with. Ends with a line "ok"."""

import os
import subprocess
import sys

import hpy_broken
from hpy_broken import Liar, ask, make, set_lie

TRUTH, NO_ERROR, BOTH = range(3)


def raises(kind, function, *args, cause=None, words=""):
    # Values are not shown: their repr may be what is broken.
    try:
        result = function(*args)
    except kind as error:
        assert type(error) is kind, f"{function} raised {error}"
        assert words in str(error), f"{function} raised {error}"
        assert cause is None or type(error.__cause__) is cause, f"{function} raised {error} because of {error.__cause__}"
        return
    raise AssertionError(f"{function} gave a {type(result).__name__} instead of {kind.__name__}")


def results_of_functions():
    for arguments, suffix in [((), "noargs"), ((1,), "o"), ((1, 2), "varargs"), ((1, 2), "keywords")]:
        function = getattr(hpy_broken, f"null_{suffix}")
        raises(SystemError, function, *arguments, words="returned NULL without setting an exception")
        function = getattr(hpy_broken, f"both_{suffix}")
        raises(SystemError, function, *arguments, cause=KeyError, words="returned a result with an exception set")
    # The other ways of calling, and by a loop that has seen it.
    for _ in range(200):
        raises(SystemError, lambda: list(map(hpy_broken.null_o, [1])))
        raises(SystemError, lambda: hpy_broken.both_o(object()), cause=KeyError)
        raises(SystemError, lambda: hpy_broken.null_keywords(a=1))
        raises(SystemError, lambda: sorted([2, 1], key=hpy_broken.both_o), cause=KeyError)


def store(target):
    target["key"] = 1


def delete(target):
    del target["key"]


def assign(target):
    target.attribute = 1


SLOTS = {
    "repr": repr,
    "call": lambda liar: liar(1),
    "hash": hash,
    "compare": lambda liar: liar < 1,
    "equal": lambda liar: liar == 1,
    "add": lambda liar: liar + 1,
    "radd": lambda liar: 1 + liar,
    "power": lambda liar: liar**2,
    "modular power": lambda liar: pow(liar, 2, 3),
    "bool": bool,
    "if": lambda liar: 1 if liar else 2,
    "index": lambda liar: [1, 2][liar],
    "length": len,
    "item": lambda liar: liar["key"],
    "store": store,
    "delete": delete,
    "contains": lambda liar: 1 in liar,
    "attribute": lambda liar: liar.attribute,
    "assign": assign,
    "new": lambda liar: Liar(),
}


def results_of_slots():
    set_lie(TRUTH)
    liar = Liar()
    for name, use in SLOTS.items():
        for _ in range(20):
            for how in NO_ERROR, BOTH:
                set_lie(how)
                try:
                    raises(SystemError, use, liar)
                except AssertionError as error:
                    raise AssertionError(f"{name}, {how}: {error.args[0]}") from None
    set_lie(NO_ERROR)
    raises(SystemError, memoryview, liar)
    raises(SystemError, Liar.__init__, liar)
    set_lie(BOTH)
    try:
        memoryview(liar)
    except (SystemError, BufferError, ValueError):
        pass
    else:
        raise AssertionError("a buffer of negative length")
    set_lie(TRUTH)
    assert len(liar) == 1 and liar + 1 == 7 and liar["key"] == 7 and bytes(memoryview(liar)) == bytes(8)


FAULTS = {
    "slot": SystemError,
    "negative slot": SystemError,
    "module slot": SystemError,
    "kind": ValueError,
    "signature": ValueError,
    "slot's signature": ValueError,
    "shape": ValueError,
    "legacy shape": TypeError,
    "legacy slots": TypeError,
    "negative basicsize": SystemError,
    "most negative basicsize": SystemError,
    "negative itemsize": SystemError,
    "traverse": ValueError,
    "member offset": TypeError,
    "negative member offset": TypeError,
    "huge member offset": TypeError,
    "member kind": (TypeError, SystemError),
    "member without struct": TypeError,
    "base": TypeError,
    "null base": (TypeError, SystemError),
    "bases tuple": TypeError,
    "param": TypeError,
    "metaclass": TypeError,
    "final base": TypeError,
    "shape of another base": TypeError,
}


def specifications():
    assert make("nothing")().number == 0
    for fault, kinds in FAULTS.items():
        for _ in range(3):
            try:
                made = make(fault)
            except kinds:
                pass
            else:
                raise AssertionError(f"{fault}: {made!r} instead of an error")
    # Two gigabytes for each instance are no error before there is one.
    try:
        make("huge basicsize")
    except (TypeError, SystemError, MemoryError):
        pass


QUESTIONS = {
    "list": SystemError,
    "huge list": MemoryError,
    "bytes": SystemError,
    "null bytes": ValueError,
    "tuple": SystemError,
    "wide": SystemError,
    "ascii": SystemError,
    "list builder": (SystemError, MemoryError),
    "tuple builder": (SystemError, MemoryError),
    "item of a number": (TypeError, IndexError),
    "append to text": SystemError,
    "utf8 of a type": TypeError,
    "pointer of text": ValueError,
    "null capsule": ValueError,
    "new of text": TypeError,
    "compile": (SystemError, ValueError),
}


def questions():
    for question, kinds in QUESTIONS.items():
        try:
            answer = ask(question)
        except kinds:
            pass
        else:
            raise AssertionError(f"{question}: {answer!r} instead of an error")


MODULES = {
    "negative size": "SystemError",
    "size": "SystemError",
    "slot": "SystemError",
    "type's slot": "SystemError",
    "kind": "SystemError",
    "member": "SystemError",
    "signature": "ValueError",
    "exec without error": "SystemError",
    "exec with error": "SystemError",
    "two creators": "SystemError",
}


def modules():
    for fault, kind in MODULES.items():
        environment = dict(os.environ, HPY_BROKEN=fault)
        result = subprocess.run([sys.executable, "-c", "import hpy_broken"], capture_output=True, text=True, env=environment)
        last = result.stderr.strip().splitlines()[-1:]
        assert result.returncode == 1 and last and last[0].startswith(kind + ":"), (fault, result.returncode, result.stderr)


results_of_functions()
results_of_slots()
specifications()
if os.environ.get("HPY") != "debug":
    # Debug mode ends the process for arguments that are no objects of the right kind.
    questions()
modules()
print("ok")
