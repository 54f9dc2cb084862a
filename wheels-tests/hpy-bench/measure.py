"""One pass over all rows: measure.py [SCALE]. Prints a JSON object of nanoseconds per operation (CPU time, best of five after as much for warming up)."""

import json
import sys
import time

import hpy_bench

SCALE = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
UNROLLED = 20


class Attribute:
    attribute = 1

    def __init__(self):
        self.attribute = 2


def identity(x):
    return x


plain, holder = hpy_bench.Plain(), hpy_bench.Holder()

PYTHON = {
    "f()": ("f()", {"f": hpy_bench.noargs}),
    "f(i)": ("f(i)", {"f": hpy_bench.onearg}),
    "f(i, i)": ("f(i, i)", {"f": hpy_bench.varargs}),
    "f(i, i), keywords function": ("f(i, i)", {"f": hpy_bench.keywords}),
    "f(i, b=i)": ("f(i, b=i)", {"f": hpy_bench.keywords}),
    "HPyArg_Parse \"ll\" and result": ("f(i, i)", {"f": hpy_bench.parse}),
    "obj.meth()": ("obj.meth()", {"obj": plain}),
    "obj(i)": ("obj(i)", {"obj": plain}),
    "Plain()": ("f()", {"f": hpy_bench.Plain}),
    "Holder(), with a field": ("f()", {"f": hpy_bench.Holder}),
    "obj.x, member": ("obj.x", {"obj": plain}),
    "obj.x = i, member": ("obj.x = i", {"obj": plain}),
    "obj.g, getset": ("obj.g", {"obj": plain}),
    "obj.g = i, getset": ("obj.g = i", {"obj": plain}),
    "obj[i]": ("obj[i]", {"obj": plain}),
    "len(obj)": ("len(obj)", {"obj": plain}),
    "obj + i": ("obj + i", {"obj": plain}),
}

C = {
    "Dup, Close": (hpy_bench.c_dup, object()),
    "Long_From, As, Close": (hpy_bench.c_long, None),
    "Float_From, As, Close": (hpy_bench.c_float, None),
    "AsStruct": (hpy_bench.c_struct, plain),
    "TypeCheck": (hpy_bench.c_typecheck, object()),
    "Err_Occurred": (hpy_bench.c_occurred, None),
    "Field_Store, Load, Close": (hpy_bench.c_field, holder),
    "GetItem_i on a list": (hpy_bench.c_getitem, [object(), object()]),
    "SetItem_i on a list": (hpy_bench.c_setitem, [object(), object()]),
    "GetAttr": (hpy_bench.c_getattr, Attribute()),
    "GetAttr_s": (hpy_bench.c_getattr_s, Attribute()),
    "SetItem, GetItem on a dict": (hpy_bench.c_dict, {}),
    "Call of a Python function": (hpy_bench.c_call, identity),
    "New, Close": (hpy_bench.c_new, hpy_bench.Plain),
    "AsUTF8AndSize": (hpy_bench.c_utf8, "some text"),
    "Unicode_FromString": (hpy_bench.c_string, None),
    "Tuple_Pack of 2": (hpy_bench.c_tuple, object()),
    "List_Append": (hpy_bench.c_append, object()),
    "Leave, Reenter": (hpy_bench.c_leave, None),
    "Err_SetString, Clear": (hpy_bench.c_error, None),
    "Add of ints": (hpy_bench.c_add, 1000),
}


def loop(statement, names):
    """A function that runs a statement n times; most of the time goes to the statement."""
    arguments = ", ".join(["n", "i", *(f"{name}={name}" for name in names)])
    body = "\n".join(f"        {statement}" for _ in range(UNROLLED))
    scope = dict(names)
    exec(f"def run({arguments}):\n    for _ in range(n // {UNROLLED}):\n{body}\n", scope)
    run = scope["run"]
    return lambda n: run(n, 12)


def measured(run, count):
    run(max(2000, count))
    best = None
    for _ in range(5):
        before = time.process_time_ns()
        run(count)
        took = (time.process_time_ns() - before) / count
        best = took if best is None else min(best, took)
    return best


def main():
    count = int(300_000 * SCALE)
    rows = {}
    for name, (statement, names) in PYTHON.items():
        rows[name] = measured(loop(statement, names), count)
    for name, (function, argument) in C.items():
        rows[name] = measured(lambda n: function(n, argument), count)
    print(json.dumps({"python": list(PYTHON), "c": list(C), "rows": rows}))


main()
