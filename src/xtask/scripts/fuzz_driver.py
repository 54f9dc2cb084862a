"""Compiles (or runs) programs given by path; prints "done" after each. Any Python exception is fine, a dead process is not."""
import sys

mode = sys.argv[1]
for path in sys.argv[2:]:
    with open(path, "rb") as stream:
        source = stream.read()
    try:
        code = compile(source, "fuzz.py", "exec", dont_inherit=True)
        if mode == "exec":
            exec(code, {"__name__": "fuzz"})
    except BaseException:
        pass
    sys.stdout.write("done\n")
    sys.stdout.flush()
