# The prompt ends when its input can no longer be read.
import subprocess
import sys

for text in ['import os\nprint("before")\nos.close(0)\n', 'import sys\nprint("before")\nsys.stdin.close()\n', 'print("before")\n']:
    done = subprocess.run([sys.executable, "-i", "-q", "-c", "pass"], input=text, capture_output=True, text=True, timeout=60)
    print(done.returncode, done.stdout.split(), "Traceback" in done.stderr)
