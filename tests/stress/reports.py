"""faulthandler reports the frames of threads that go on working: every few milliseconds, and on a signal."""

import faulthandler
import os
import signal
import tempfile
import threading
import time

SECONDS = 1.0
ending = time.monotonic() + SECONDS


def numbers(count):
    for number in range(count):
        yield number


def deep(depth):
    return sum(numbers(20)) if depth == 0 else deep(depth - 1) + 1


def work():
    while time.monotonic() < ending:
        scope = {}
        exec(compile(f"def made(x):\n    return [x] * {len(scope) + 3}\nvalue = made(1)", "made up.py", "exec"), scope)
        deep(60)
        sorted(numbers(300), key=lambda number: -number)


with tempfile.TemporaryFile() as timed, tempfile.TemporaryFile() as asked:
    faulthandler.register(signal.SIGUSR1, file=asked, all_threads=True)
    faulthandler.dump_traceback_later(0.003, repeat=True, file=timed)
    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    while time.monotonic() < ending:
        os.kill(os.getpid(), signal.SIGUSR1)
        deep(10)
        time.sleep(0.002)
    for thread in threads:
        thread.join()
    faulthandler.cancel_dump_traceback_later()
    faulthandler.unregister(signal.SIGUSR1)
    reports = []
    for file in timed, asked:
        file.seek(0)
        reports.append(file.read().decode())

assert reports[0].startswith("Timeout (0:00:00.003000)!\n")
for report in reports:
    assert report.count("most recent call first") > 5, report[-500:]
    names = {line.rpartition(" in ")[2] for line in report.splitlines() if line.startswith("  File ")}
    assert "work" in names and all(name.strip("<>").isidentifier() for name in names), names
print("ok")
