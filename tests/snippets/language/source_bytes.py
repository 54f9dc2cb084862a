# Faults of source that is given as bytes: the file's name is no part of what is said, for nothing was read from it.
import ast

SOURCES = (
    b"x=1\ny='\xff'\n",
    b"\xff",
    b"# coding: latin-1\n\0",
    b"# coding: utf-8\ny='\xe9'\n",
    b"# coding: nope\n",
    b"\xef\xbb\xbf# coding: latin-1\nx=1\n",
    b"a\0",
    "\0",
    b"x='\xc3'\n",
)
for name in ("<x>", "f.py"):
    for source in SOURCES:
        for read in (lambda s: compile(s, name, "exec"), lambda s: ast.parse(s, name), eval, exec):
            try:
                read(source)
                print("no fault")
            except SyntaxError as error:
                print(error, error.lineno, error.offset, ascii(error.text), error.filename, error.end_lineno, error.end_offset)
