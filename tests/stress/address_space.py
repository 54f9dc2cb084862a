"""A limit on address space (`ulimit -v`): programs end with a MemoryError and an exit code, or with one line and exit code 1, never by a signal."""
import os
import resource
import subprocess
import sys

LIMIT = 600 << 20
# Programs that see a MemoryError, and others that may end in the one line.
SEEN = [
    "bytes(10**9)", "[0] * 10**9", "1 << 10**10", "'a' * 10**9", "bytearray(10**10)", "list(range(10**9))",
    "x = []\nwhile True: x.append('a' * 100000)",
    "import re\nx = []\nwhile True: x.append(re.compile(f'a({len(x)})'))",
    "x = []\nwhile True: x.append(eval('lambda: 1'))",
    "import zlib\nx = []\nwhile True: x.append(zlib.compressobj())",
    "import collections; collections.deque(range(10**9))", "import base64; base64.b64encode(bytes(200_000_000))",
    "import base64; base64.b64decode(b'A' * 400_000_000)", "import binascii; binascii.b2a_qp(bytes(200_000_000))",
    "import binascii; binascii.hexlify(bytes(200_000_000))", "import io\nfile = io.StringIO()\nwhile True: file.write('a' * 100000)",
    "open('/dev/zero').readline()", "open('/dev/zero', 'rb').readline()", "import json; json.dumps(['a' * 10**6] * 1000)",
    "import json; json.dumps(['\\0' * 10**6] * 1000)", "import json; json.dumps({'a': '\u20ac' * 10**8}, ensure_ascii=False)",
    "import re; re.sub('a', 'b' * 1000, 'a' * 10**7)", "import re; re.sub(b'a', b'b' * 1000, b'a' * 10**7)",
    "('a' * 10**7).translate({97: 'b' * 100})", "('\xdf' * 2 * 10**8).upper()", "('\u0149' * 10**8).upper()", "('a' * 10**8).encode('utf-32')",
    "('\xe9' * 2 * 10**8).encode('ascii', 'backslashreplace')", "('\\0' * 10**8).encode('unicode_escape')", "('\xe9' * 10**8).encode('utf-7')",
    "repr('\\0' * 2 * 10**8)", "repr(bytes(2 * 10**8))", "repr(['a' * 10**6] * 1000)", "ascii('\xe9' * 10**8)",
    "bytes(__import__('itertools').repeat(1, 10**9))",
]
OTHERS = ["import decimal; format(decimal.Decimal('1e400000000'), 'f')"]


def limited():
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


environment = {name: value for name, value in os.environ.items() if not name.startswith("PROTOPY_")}
environment["RUST_BACKTRACE"] = "0"
for program in SEEN + OTHERS:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=100, env=environment, preexec_fn=limited)
    last = done.stderr.rstrip().split("\n")[-1]
    assert done.returncode == 1 and last == "MemoryError" and "panicked" not in done.stderr, (program, done)
    assert program in OTHERS or done.stderr.startswith("Traceback"), (program, done)
done = subprocess.run([sys.executable, "-c", "import os; print(1, flush=True); os.abort()"], capture_output=True, env=environment)
assert (done.returncode, done.stdout) == (-6, b"1\n"), done
print("ok")
