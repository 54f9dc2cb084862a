"""Programs without memory end with a MemoryError and an exit code of their own, wherever it comes up: nobody dies, nobody ends silently."""
import os
import subprocess
import sys

FILL = "    keep = []\n    while True: keep.append([keep] * 50)\n"
# name: (program, exit code, what it prints, first words on standard error)
PROGRAMS = {
    "main": ("if True:\n" + FILL, 1, "", "Traceback (most recent call last):"),
    "caught": (f"def fill():\n{FILL}for _ in range(3):\n  try: fill()\n  except MemoryError: print('caught')", 0, "caught caught caught", ""),
    "kept": (f"try:\n{FILL}except MemoryError: print('caught')\n1/0", 1, "caught", "Traceback (most recent call last):"),
    "deep": ("""
import sys
sys.setrecursionlimit(100000)
keep = []
def down():
    keep.append([0] * 1000)
    down()
down()
""", 1, "", "Traceback (most recent call last):"),
    "frames": ("""
import sys
sys.setrecursionlimit(100000)
keep = []
def down():
    keep.append(sys._getframe())
    keep.append([0] * 500)
    try: down()
    finally: depth = len(keep)
down()
""", 1, "", "Traceback (most recent call last):"),
    "thread": (f"""
import threading
def work():
{FILL}
thread = threading.Thread(target=work, name="worker")
thread.start()
thread.join()
print("joined")
""", 0, "joined", "Exception in thread worker:"),
    "exit functions": (f"""
import atexit
def late():
    print("late")
{FILL}
atexit.register(print, "after")
atexit.register(late)
""", 0, "late after", "Exception ignored in atexit callback"),
    "finalizer": (f"""
import gc
class Late:
    def __del__(self):
        print("begun")
        raise MemoryError if self.last else self.fill()
    def fill(self):
        keep = []
        while True: keep.append([keep] * 50)
Late.last = False
Late()
gc.collect()
Late.last = True
Late()
gc.collect()
print("on")
""", 0, "begun begun on", "Exception ignored while calling deallocator"),
    "excepthook": (f"import sys\ndef hook(*_):\n{FILL}sys.excepthook = hook\n1/0", 1, "", "Error in sys.excepthook:"),
    "nothing left": (f"keep = []\nimport sys\nsys.modules['traceback'] = None\nwhile True: keep.append([keep] * 50)", 1, "", "Traceback"),
}
environment = {name: value for name, value in os.environ.items() if not name.startswith("PROTOPY_")}
for name, (program, code, printed, told) in PROGRAMS.items():
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=100,
                          env={**environment, "PROTOPY_HEAP_LIMIT_MB": "24"})
    outcome = done.returncode, " ".join(done.stdout.split()), done.stderr
    assert outcome[:2] == (code, printed), (name, outcome)
    assert done.stderr.startswith(told) and "panicked" not in done.stderr, (name, outcome)
    assert name in ("caught", "kept") or "\nMemoryError" in done.stderr, (name, outcome)
print("ok")
