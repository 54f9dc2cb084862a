"""Disassembler for the code of this runtime, with the interface of CPython's module of the same name.

Our own, because code is made for registers here and not for a stack: the instructions are other ones, and what they do with
registers is told in the text of their operands. Operations with a name that CPython has too have its number; the others have
numbers from 512 on. `LOAD_METHOD` shows as `LOAD_ATTR`, which it is in CPython's code.
"""

import collections
import io
import itertools
import sys
import types

import _opcode
from opcode import *
from opcode import __all__ as _names_of_opcode

__all__ = ["code_info", "dis", "disassemble", "distb", "disco", "findlinestarts", "findlabels", "show_code",
           "get_instructions", "Instruction", "Bytecode"] + _names_of_opcode

COMPILER_FLAG_NAMES = {
    1: "OPTIMIZED",
    2: "NEWLOCALS",
    4: "VARARGS",
    8: "VARKEYWORDS",
    16: "NESTED",
    32: "GENERATOR",
    64: "NOFREE",
    128: "COROUTINE",
    256: "ITERABLE_COROUTINE",
    512: "ASYNC_GENERATOR",
    0x4000000: "HAS_DOCSTRING",
    0x8000000: "METHOD",
}

_FIRST_OWN_NUMBER = 512
_own_numbers = {}
_code_holders = (types.MethodType, types.FunctionType, types.CodeType, classmethod, staticmethod, type)


def _number(name):
    found = opmap.get(name)
    if found is None:
        found = _own_numbers.setdefault(name, _FIRST_OWN_NUMBER + len(_own_numbers))
    return found


Positions = collections.namedtuple(
    "Positions", ["lineno", "end_lineno", "col_offset", "end_col_offset"], defaults=[None] * 4
)

_InstructionFields = collections.namedtuple(
    "_InstructionFields",
    ["opname", "opcode", "arg", "argval", "argrepr", "offset", "start_offset", "starts_line", "line_number", "label",
     "positions", "cache_info"],
    defaults=[None, None, None],
)


class Instruction(_InstructionFields):
    """One instruction.

    opname, opcode - name and number of the operation
    arg            - its operands, eight bits each
    argval         - what it is about: a name, a constant, an offset to jump to; else the same as arg
    argrepr        - the operands as text: registers (with the names of variables), names, constants
    offset         - where it stands; start_offset is the same here
    starts_line    - whether it is the first one of its line
    line_number    - the line, or None
    label          - a number if it is jumped to
    positions      - the source range (Positions)
    cache_info     - always None: caches are not part of the code
    """

    @property
    def oparg(self):
        return self.arg

    @property
    def baseopcode(self):
        return self.opcode

    @property
    def baseopname(self):
        return self.opname

    @property
    def cache_offset(self):
        return self.offset + 4

    @property
    def end_offset(self):
        return self.offset + 4

    @property
    def jump_target(self):
        return self.argval if self.opcode in hasjump or "JUMP" in self.opname or self.opname == "FOR_ITER" else None

    @property
    def is_jump_target(self):
        return self.label is not None

    def __str__(self):
        stream = io.StringIO()
        _Printer(stream).instruction(self, False)
        return stream.getvalue().rstrip("\n")


def _code_of(x):
    """The code object of a function, method, generator, string, ..."""
    for attribute in ("__func__", "__code__", "gi_code", "ag_code", "cr_code"):
        if isinstance(x, type) and attribute == "__func__":
            continue
        x = getattr(x, attribute, x)
    if isinstance(x, str):
        x = _compile(x, "<disassembly>")
    if isinstance(x, types.CodeType):
        return x
    raise TypeError("don't know how to disassemble %s objects" % type(x).__name__)


def _compile(source, name):
    try:
        return compile(source, name, "eval")
    except SyntaxError:
        return compile(source, name, "exec")


_PROLOGUE = {"GENERATOR_START", "UNBIND_LOCALS"}


def _instructions(code, line_offset=0):
    rows = _opcode._instructions(code)
    handlers = [row[2] for row in _opcode._handlers(code)]
    targets = sorted({row[3] for row in rows if row[5]}.union(handlers))
    labels = {target: number for number, target in enumerate(targets, 1)}
    positions = list(code.co_positions())
    first = code.co_firstlineno
    resume = Instruction("RESUME", _number("RESUME"), 0, 0, "", 0, 0, True, first + line_offset, None,
                         Positions(first, first, 0, 0))
    # A generator is made and variables are unset before the code proper begins.
    prologue = sum(1 for _ in itertools.takewhile(lambda row: row[1] in _PROLOGUE, rows))
    if not prologue:
        yield resume
    line = None
    for offset, name, operands, value, text, _ in rows:
        position = Positions(*positions[offset // 2])
        shown = position.lineno
        starts = shown is not None and shown != line
        if shown is not None:
            line = shown
            shown += line_offset
        if name == "LOAD_METHOD":
            name = "LOAD_ATTR"
        # The entry of the code stands half a word in front of its first instruction.
        place = offset or int(not prologue)
        yield Instruction(name, _number(name), operands, value, text, place, place, starts, shown, labels.get(offset),
                          position)
        prologue -= 1
        if prologue == 0:
            yield resume._replace(offset=offset + 1, start_offset=offset + 1, starts_line=False)


def get_instructions(x, *, first_line=None, show_caches=None, adaptive=False):
    """Iterate over the instructions of a function, method, string or code object."""
    code = _code_of(x)
    return _instructions(code, 0 if first_line is None else first_line - code.co_firstlineno)


class _Printer:
    def __init__(self, file, offsets=False, positions=False):
        self.file = file
        self.offsets = offsets
        self.positions = positions

    def instruction(self, one, current):
        fields = []
        if self.positions:
            place = one.positions
            fields.append("" if place is None or place.lineno is None else "%d:%d-%d:%d" % (
                place.lineno, place.col_offset, place.end_lineno, place.end_col_offset))
            fields[-1] = fields[-1].ljust(16)
        else:
            fields.append(("%4d" % one.line_number if one.starts_line and one.line_number is not None else "").rjust(4))
        fields.append("-->" if current else "   ")
        fields.append(("L%d:" % one.label if one.label is not None else "").rjust(6))
        if self.offsets:
            fields.append("%5d" % one.offset)
        fields.append(one.opname.ljust(22))
        fields.append(one.argrepr)
        print(" ".join(fields).rstrip(), file=self.file)

    def code(self, code, last=-1, line_offset=0):
        labels = {}
        for one in _instructions(code, line_offset):
            if one.label is not None:
                labels[one.offset] = one.label
            self.instruction(one, one.offset == last)
        handlers = _opcode._handlers(code)
        if handlers:
            print("ExceptionTable:", file=self.file)
            for start, end, target, register in handlers:
                print("  %d to %d -> L%s (r%d)" % (start, end, labels.get(target or 1, "?"), register), file=self.file)


def _code_constants(code):
    return [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]


def _print_code(code, file, depth, offsets, positions):
    _Printer(file, offsets, positions).code(code)
    if depth is None or depth > 0:
        for inner in _code_constants(code):
            print(file=file)
            print("Disassembly of %r:" % (inner,), file=file)
            _print_code(inner, file, None if depth is None else depth - 1, offsets, positions)


def dis(x=None, *, file=None, depth=None, show_caches=False, adaptive=False, show_offsets=False, show_positions=False):
    """Disassemble a class, method, function, generator or code object; with no argument the last traceback."""
    if x is None:
        distb(file=file, show_offsets=show_offsets, show_positions=show_positions)
        return
    for attribute in ("__func__", "__code__", "gi_code", "ag_code", "cr_code"):
        x = getattr(x, attribute, x)
    if isinstance(x, types.CodeType):
        _print_code(x, file, depth, show_offsets, show_positions)
    elif isinstance(x, str):
        _print_code(_compile(x, "<dis>"), file, depth, show_offsets, show_positions)
    elif hasattr(x, "__dict__"):
        for name, member in sorted(x.__dict__.items()):
            if isinstance(member, _code_holders):
                print("Disassembly of %s:" % name, file=file)
                try:
                    dis(member, file=file, depth=depth, show_offsets=show_offsets, show_positions=show_positions)
                except TypeError as error:
                    print("Sorry:", error, file=file)
                print(file=file)
    elif isinstance(x, (bytes, bytearray)):
        raise NotImplementedError("dis.dis() of raw bytes: instructions mean nothing without their code object")
    else:
        raise TypeError("don't know how to disassemble %s objects" % type(x).__name__)


def disassemble(co, lasti=-1, *, file=None, show_caches=False, adaptive=False, show_offsets=False, show_positions=False):
    """Disassemble a code object, with a mark at instruction lasti."""
    _Printer(file, show_offsets, show_positions).code(co, lasti)


disco = disassemble


def distb(tb=None, *, file=None, show_caches=False, adaptive=False, show_offsets=False, show_positions=False):
    """Disassemble the innermost frame of a traceback (default: the last one)."""
    if tb is None:
        try:
            tb = sys.last_exc.__traceback__ if hasattr(sys, "last_exc") else sys.last_traceback
        except AttributeError:
            raise RuntimeError("no last traceback to disassemble") from None
    while tb.tb_next:
        tb = tb.tb_next
    disassemble(tb.tb_frame.f_code, tb.tb_lasti, file=file, show_offsets=show_offsets, show_positions=show_positions)


def pretty_flags(flags):
    """The names of co_flags."""
    names = []
    for bit in range(32):
        flag = 1 << bit
        if flags & flag:
            names.append(COMPILER_FLAG_NAMES.get(flag, hex(flag)))
    return ", ".join(names) or hex(flags)


def code_info(x):
    """Formatted details of a function, method, string or code object."""
    code = _code_of(x)
    lines = [
        "Name:              %s" % code.co_name,
        "Filename:          %s" % code.co_filename,
        "Argument count:    %s" % code.co_argcount,
        "Positional-only arguments: %s" % code.co_posonlyargcount,
        "Kw-only arguments: %s" % code.co_kwonlyargcount,
        "Number of locals:  %s" % code.co_nlocals,
        "Registers:         %s" % code.co_stacksize,
        "Flags:             %s" % pretty_flags(code.co_flags),
    ]
    groups = [("Constants", [repr(constant) for constant in code.co_consts]), ("Names", code.co_names),
              ("Variable names", code.co_varnames), ("Free variables", code.co_freevars), ("Cell variables", code.co_cellvars)]
    for title, items in groups:
        if items:
            lines.append("%s:" % title)
            lines.extend("%4d: %s" % entry for entry in enumerate(items))
    return "\n".join(lines)


def show_code(co, *, file=None):
    """Print details of a function, method, string or code object."""
    print(code_info(co), file=file)


def findlabels(code):
    """The offsets that are jumped to in a code object."""
    if not isinstance(code, types.CodeType):
        raise NotImplementedError("dis.findlabels() of raw bytes: instructions mean nothing without their code object")
    return [one.offset for one in _instructions(code) if one.label is not None]


def findlinestarts(code):
    """Pairs (offset, line) of the places where lines begin."""
    last = False
    for start, _, line in code.co_lines():
        if line is not last:
            last = line
            yield start, line


def _find_imports(co):
    """Triples (name, level, fromlist) of the import statements."""
    before = [None, None]
    for one in _instructions(co):
        if one.opname == "IMPORT_NAME":
            yield one.argval, before[1], before[0]
        before = [before[1], one.argval]


def _find_store_names(co):
    """The names that a module or class body binds."""
    for one in _instructions(co):
        if one.opname in ("STORE_NAME", "STORE_GLOBAL"):
            yield one.argval


class Bytecode:
    """The instructions of a function, method, generator, string or code object; iteration gives them one by one."""

    def __init__(self, x, *, first_line=None, current_offset=None, show_caches=False, adaptive=False, show_offsets=False,
                 show_positions=False):
        self.codeobj = code = _code_of(x)
        self.first_line = code.co_firstlineno if first_line is None else first_line
        self._line_offset = self.first_line - code.co_firstlineno
        self._original_object = x
        self.current_offset = current_offset
        self.show_caches = show_caches
        self.adaptive = adaptive
        self.show_offsets = show_offsets
        self.show_positions = show_positions

    def __iter__(self):
        return _instructions(self.codeobj, self._line_offset)

    def __repr__(self):
        return "%s(%r)" % (type(self).__name__, self._original_object)

    @classmethod
    def from_traceback(cls, tb, *, show_caches=False, adaptive=False):
        """The code of the innermost frame of a traceback."""
        while tb.tb_next:
            tb = tb.tb_next
        return cls(tb.tb_frame.f_code, current_offset=tb.tb_lasti)

    def info(self):
        """Formatted details of the code object."""
        return code_info(self.codeobj)

    def dis(self):
        """The disassembly as text."""
        stream = io.StringIO()
        last = -1 if self.current_offset is None else self.current_offset
        _Printer(stream, self.show_offsets, self.show_positions).code(self.codeobj, last, self._line_offset)
        return stream.getvalue()


def main(args=None):
    import argparse

    parser = argparse.ArgumentParser()
    parser.add_argument("-C", "--show-caches", action="store_true", help="accepted, nothing to show")
    parser.add_argument("-O", "--show-offsets", action="store_true", help="show instruction offsets")
    parser.add_argument("-P", "--show-positions", action="store_true", help="show source positions")
    parser.add_argument("-S", "--specialized", action="store_true", help="accepted, nothing to show")
    parser.add_argument("infile", nargs="?", default="-")
    args = parser.parse_args(args)
    if args.infile == "-":
        name, source = "<stdin>", sys.stdin.buffer.read()
    else:
        name = args.infile
        with open(args.infile, "rb") as file:
            source = file.read()
    dis(compile(source, name, "exec"), show_offsets=args.show_offsets, show_positions=args.show_positions)


if __name__ == "__main__":
    main()
