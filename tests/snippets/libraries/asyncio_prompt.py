# `python -m asyncio`: a prompt in which `await` works.
import subprocess
import sys

TEXT = 'import asyncio\nprint(await asyncio.sleep(0, "slept"))\nx = 6 * 7\n1 / 0\nprint(x)\n'
done = subprocess.run([sys.executable, "-m", "asyncio"], input=TEXT, capture_output=True, text=True, timeout=60)
print(done.returncode, [word for word in done.stdout.split() if word not in (">>>", "...")], "ZeroDivisionError" in done.stderr)
