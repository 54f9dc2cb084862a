# Input that is compiled one statement at a time.
import codeop
import sys
import warnings

warnings.simplefilter("ignore")

SOURCES = [
    "x = 1", "x = 1\n", "x = 1\n\n\n", "x = 1; y = 2\n", "x = 1;", "x = 1;;\n", "x = 1 # note\n", "x = 1\n# note\n", "# note\n", "", "\n", " ", " x = 1\n",
    "\tx\n", "\x0cx = 1\n", "\ufeffx = 1\n", "x = 1\ny = 2\n", "x = 1\n  \n", "x = (1,\n2)\n", "x = (1", "x = 1 \\\n", "x = 1 \\\n+ 2\n", "x = \\", "'a\\\nb'\n", "'\\n'\n",
    "if x: y\n", "if x: y", "if x: y\n\n", "if x:\n  y\n", "if x:\n  y\n\n", "for x in y: pass; z\n\n", "while 1: break\n", "with x: pass\n", "class A: pass\n", "def f(): pass\n",
    "async def f(): pass\n\n", "@x\ndef f(): pass\n", "try: x\nexcept: y\n", "match x:\n  case 1: pass\n", "match x\n", "match = 1\n", "type X = int\n", "print x\n", "x =\n", "1 +\n",
    "x == 'a' 'b\n", "'''a\n", "'''a'''\n", "f'{x!r}'\n", "f'{x'\n", "await x\n", "return 1\n", "yield 1\n", "lambda: 1\n", "x = 1\r\n", "x = 1\ry = 2\n", "x; if y: z\n", "pass;pass\n",
    "import a, b\n", "from a import *\n", "global x\n", "del x\n", "x: int = 3\n", "x := 1\n", "(x := 1)\n", "raise\n", "assert x\n", "a, b = 1\n", "a <> b\n", "é = 1\n", "x = 1\x00\n", "x $ y\n",
    "0777\n", "1_000_\n", "nonlocal x\n", "continue\n", "*a, = b\n", "*a\n", "x = 1 ;  \n", ";\n", "x = 1 \n \n", "else: 1\n", "async x\n", "not\n", "{1: 2, 3}\n", "f(a=1, a=2)\n", "f(**a, *b)\n", "(" * 120 + ")" * 120 + "\n", "(" * 250 + ")" * 250 + "\n",
]


def attempt(function, *args):
    try:
        code = function(*args)
    except (SyntaxError, ValueError, OverflowError, MemoryError, RecursionError) as error:
        return type(error).__name__, str(error)[:80], getattr(error, "lineno", None), getattr(error, "offset", None), getattr(error, "end_offset", None)
    return None if code is None else "code"


for source in SOURCES:
    shown = repr(source) if len(source) < 60 else f"{source[:10]!r}..."
    print(shown, attempt(compile, source, "f", "single"), attempt(compile, source, "f", "single", 0x200), attempt(compile, source, "f", "single", 0x4000), attempt(compile, source, "f", "single", 0x4200), attempt(codeop.compile_command, source))

sys.displayhook = lambda value: print("shown", value)
for source in ["1; 2; 3\n", "x = 5\n", "x\n", "[x for x in range(3)]", "None\n", "x; del x"]:
    exec(compile(source, "f", "single"))
