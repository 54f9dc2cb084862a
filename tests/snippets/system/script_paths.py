"""A script is known by its full name, sys.argv has what was typed; the locale of characters is the environment's."""
import os
import subprocess
import sys
import tempfile


def run(*arguments, **environment):
    found = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env={**os.environ, **environment})
    print(*arguments, found.returncode)
    print((found.stdout + found.stderr).replace(os.getcwd(), "<here>"), end="")


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    os.mkdir("app")
    with open("script.py", "w") as stream:
        stream.write("import sys\nprint(__file__, sys.argv, sys.path[0])\n1 / 0\n")
    with open("app/__main__.py", "w") as stream:
        stream.write("import sys\nprint(__file__, sys.argv, sys.path[0])\n")
    with open("wrong.py", "w") as stream:
        stream.write("x = 1 +\n")
    run("script.py", "a")
    run("./script.py")
    run("wrong.py")
    run("app")
    run("./app", "b")
    run("-c", "import locale; print(locale.setlocale(locale.LC_CTYPE), locale.getlocale())", LC_ALL="C.UTF-8")
    os.chdir("/")
