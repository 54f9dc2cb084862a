# Error handlers of the standard streams by locale, and names of handlers in development mode.
import os
import subprocess
import sys

ASK = "import sys; print(sys.stdin.errors, sys.stdout.errors, sys.stderr.errors)"


def run(code, *options, **variables):
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONHOME") if name in os.environ}
    done = subprocess.run([sys.executable, *options, "-c", code], stdin=subprocess.DEVNULL, capture_output=True, text=True, env={**kept, **variables})
    print(done.stdout.strip(), done.stderr.strip()[-60:], done.returncode)


run(ASK, LC_ALL="C")
run(ASK, LC_ALL="POSIX", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
run(ASK, LC_ALL="C.UTF-8")
run(ASK, LANG="C.UTF-8")
run(ASK, LC_ALL="C.UTF-8", PYTHONIOENCODING="utf-8")
run(ASK, LC_ALL="C.UTF-8", PYTHONIOENCODING=":ignore")
run(ASK, LC_ALL="C.UTF-8", PYTHONUTF8="1")
run(r"import sys; print(ascii(sys.stdin.read()), '\udcff' == b'\xff'.decode(errors='surrogateescape'))", LC_ALL="C.UTF-8")

NAMES = """
import sys
for make in (
    lambda: str(b"", "ascii", "nobody"), lambda: bytes("", "latin1", "nobody"), lambda: bytearray("a", "utf8", "nobody"),
    lambda: b"".decode(errors="nobody"), lambda: bytearray(b"a").decode("ascii", "nobody"), lambda: "a".encode(errors="nobody"),
    lambda: "".encode("utf8", "nobody"), lambda: str(b"", "nothing"), lambda: "".encode("nothing"), lambda: "a".encode("ascii", "replace"),
):
    try:
        print(make())
    except LookupError as error:
        print(error)
"""
run(NAMES, "-X", "dev")
