# Int literals of more digits than the limit: refused where they are parsed, with the line and no column.
import ast
import sys

LIMIT = sys.get_int_max_str_digits()


def show(what, function):
    try:
        function()
        print(what, "accepted")
    except SyntaxError as error:
        text = error.text and error.text[:12]
        print(what, error.msg[:40], "..", error.msg[-60:], (error.filename, error.lineno, error.offset, text, error.end_lineno, error.end_offset))


long = "3" * (LIMIT + 1)
show("exec", lambda: exec("x = 1\ny = (" + long + ")"))
show("eval", lambda: eval(long))
show("parse", lambda: ast.parse("a\nb = [1,\n" + long + "]", "name"))
show("literal_eval", lambda: ast.literal_eval(long))
show("at the limit", lambda: ast.parse("3" * LIMIT))
show("underscores", lambda: ast.parse("_".join("3" * LIMIT)))
show("one more", lambda: ast.parse("_".join(long)))
show("hexadecimal", lambda: ast.parse("0x" + long))
show("binary", lambda: compile("0b" + "1" * (LIMIT + 5), "b", "eval"))
show("in a string", lambda: ast.parse("'" + long + "'"))
show("as a name", lambda: ast.parse("x" + long))
show("a float", lambda: ast.parse(long + ".0"))
show("in an f-string", lambda: ast.parse("f'{" + long + "}'"))
