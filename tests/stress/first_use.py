"""Threads that use the same thing for the first time at the same moment: what is made, registered or imported on first use must be whole for
all of them, and the same.

The things are the lines of support/first_uses.py. Each is new only once in a process, so they are handed out to children, in an order that
the seed tells. Each child runs some lines: its threads meet at a barrier, or go round until all are there, before each of them.
Arguments: the seed, the seconds to go on after all lines had their turn, part of the lines that are wanted, and whether memory is to run out.
"""
import os
import random
import subprocess
import sys
import time

SEED = int(sys.argv[1]) if len(sys.argv) > 1 else 1
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 0
ONLY = sys.argv[3] if len(sys.argv) > 3 else ""
SHORT = "memory" in sys.argv[4:]
LINES_OF_CHILD = 24
CHILDREN = 2

CHILD = os.path.join(os.path.dirname(__file__), "support", "first_use_child.py")
sys.path.insert(0, os.path.dirname(CHILD))
import first_uses  # noqa: E402

CHOSEN = [number for number, use in enumerate(first_uses.USES) if ONLY in " ".join(map(str, use))]


def start(chance, numbers):
    environment = os.environ.copy()
    if SHORT:
        environment["PROTOPY_FAIL_ALLOC"] = str(chance.randrange(15_000, 60_000))
    # Some of the library differs with optimization; without `site` more is new.
    options = chance.choice([[], ["-S"], ["-E"], ["-O"]])
    command = [sys.executable, *options, CHILD, str(chance.randrange(4, 9)), chance.choice(["meet", "spin"]), chance.choice(["inside", "before"])]
    command += map(str, numbers)
    return command, subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def finish(command, process):
    try:
        output = process.communicate(timeout=50)[0].decode(errors="replace")
    except subprocess.TimeoutExpired:
        process.kill()
        output = process.communicate()[0].decode(errors="replace") + "\nIt does not end."
    # Where memory runs out, errors are all right.
    if process.returncode != 0 and not (SHORT and process.returncode == 1):
        failures.append(command)
        print(f"exit code {process.returncode}: {' '.join(command)}\n{output[-3000:]}", file=sys.stderr)


def one_pass(chance):
    numbers = CHOSEN[:]
    chance.shuffle(numbers)
    running = []
    try:
        for first in range(0, len(numbers), LINES_OF_CHILD):
            if len(running) == CHILDREN:
                finish(*running.pop(0))
            running.append(start(chance, numbers[first:first + LINES_OF_CHILD]))
        while running:
            finish(*running.pop(0))
    finally:
        for _, process in running:
            process.kill()


failures = []
began = time.monotonic()
passes = 0
while passes == 0 or time.monotonic() - began < SECONDS:
    one_pass(random.Random(SEED * 1000 + passes))
    passes += 1
print(passes, "passes", file=sys.stderr)
print("ok" if not failures else "failed")
raise SystemExit(1 if failures else 0)
