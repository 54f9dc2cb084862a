# PYTHONIOENCODING: streams tell the codec's own name; no error handler given is "strict". And `-c` takes its indentation off.
import os
import subprocess
import sys

PROGRAM = "import sys; print([(s.encoding, s.errors) for s in (sys.stdin, sys.stdout, sys.stderr)])"
for value in ("latin1", "utf8", "ISO-8859-15:strict", "ascii:replace", ":replace"):
    for options in ([], ["-X", "utf8"]):
        env = dict(os.environ, PYTHONIOENCODING=value)
        done = subprocess.run([sys.executable, *options, "-c", PROGRAM], env=env, capture_output=True, text=True)
        print(value, options, done.stdout.strip())

program = '''
    text = """
  \t
      inner
          \t
    """
    if True:
        print(repr(text))
'''
print(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout)
