"""Remakes errors.txt: what CPython says of each snippet in snippets.txt (one Python string literal a line).

    python3.14 -W ignore make_table.py
"""

import ast
import os

HERE = os.path.dirname(os.path.abspath(__file__))
FLAGS = {
    "exec": ("exec", ast.PyCF_ONLY_AST),
    "eval": ("eval", ast.PyCF_ONLY_AST),
    "single": ("single", ast.PyCF_ONLY_AST),
    "incomplete": ("single", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_INCOMPLETE_INPUT | 0x200)
    if hasattr(ast, "PyCF_ALLOW_INCOMPLETE_INPUT")
    else ("single", ast.PyCF_ONLY_AST | 0x4000 | 0x200),
}


def verdict(source, mode):
    name, flags = FLAGS[mode]
    try:
        compile(source, "<snippet>", name, flags)
    except SyntaxError as error:
        return [
            type(error).__name__,
            error.msg,
            error.lineno,
            error.offset,
            error.end_lineno,
            error.end_offset,
        ]
    return ["ok"]


def escape(text):
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


def main():
    with open(os.path.join(HERE, "snippets.txt"), encoding="utf-8") as file:
        snippets = [ast.literal_eval(line) for line in file if line.strip()]
    with open(os.path.join(HERE, "errors.txt"), "w", encoding="utf-8", newline="\n") as file:
        for number, source in enumerate(dict.fromkeys(snippets)):
            modes = ["exec"] if number % 4 else list(FLAGS)
            for mode in modes:
                fields = [mode, source, *map(str, verdict(source, mode))]
                file.write("\t".join(map(escape, fields)) + "\n")


main()
