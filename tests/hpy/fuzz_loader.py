"""Broken extension files: fuzz_loader.py SHARED_OBJECT [ROUNDS [SEED]]. Ends with a line "ok".

Files cut short, with flipped bits in their headers, of the wrong kind, or with the wrong name must be refused with ImportError (RuntimeError
for versions and tags), whatever is wrong with them. Flips in the code itself cannot be told from a bad program: those are loaded in
processes of their own, and only counted. Also: definitions that an extension should not have, as far as they can be made by patching.
"""

import importlib.util
import os
import random
import shutil
import sys
import tempfile

import hpy.universal

ORIGINAL = sys.argv[1]
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 100
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 1

with open(ORIGINAL, "rb") as file:
    CONTENT = file.read()
NAME = os.path.basename(ORIGINAL).partition(".")[0]
# What a loader reads before it runs anything: the file's header and the program headers behind it.
HEADERS = 64 + int.from_bytes(CONTENT[54:56], "little") * int.from_bytes(CONTENT[56:58], "little")
REFUSALS = (ImportError, RuntimeError)


def attempt(content, folder, name=NAME, suffix=".hpy0.so"):
    """Loads a file in a process of its own: "loaded", "refused", "raised X" or "crashed"."""
    path = os.path.join(folder, name + suffix)
    with open(path, "wb") as file:
        file.write(content)
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        status = 3
        try:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 2)
            spec = importlib.util.spec_from_file_location(name, path)
            hpy.universal.load(name, path, spec)
            status = 0
        except REFUSALS as error:
            status = 1 if str(error) else 3
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    os.unlink(path)
    if os.WIFSIGNALED(status):
        return f"crashed with signal {os.WTERMSIG(status)}"
    return {0: "loaded", 1: "refused"}.get(os.WEXITSTATUS(status), "raised something else")


def flipped(content, rng, low, high, count):
    changed = bytearray(content)
    for _ in range(count):
        changed[rng.randrange(low, high)] ^= 1 << rng.randrange(8)
    return bytes(changed)


def main():
    rng = random.Random(SEED)
    folder = tempfile.mkdtemp(prefix="hpy-fuzz-")
    bad = []

    def check(what, outcome, allowed):
        if not any(outcome.startswith(word) for word in allowed):
            bad.append(f"{what}: {outcome}")

    def cut(length):
        check(f"cut to {length} bytes", attempt(CONTENT[:length], folder), ["refused"])

    try:
        check("untouched", attempt(CONTENT, folder), ["loaded"])
        for length in [0, 1, 3, 4, 16, 63, 64, 65, HEADERS - 1, HEADERS, len(CONTENT) // 2]:
            cut(length)
        loaded_from = end_of_segments()
        for _ in range(ROUNDS // 3):
            cut(rng.randrange(loaded_from))
        for what, content in foreign():
            check(what, attempt(content, folder), ["refused"])
        check("another module's name", attempt(CONTENT, folder, name="other"), ["refused"])
        check("no tag", attempt(CONTENT, folder, suffix=".so"), ["refused"])
        check("another tag", attempt(CONTENT, folder, suffix=".hpy7.so"), ["refused"])
        check("version", attempt(patched_version(), folder), ["refused", "loaded"])
        # The system's loader trusts a consistent header; what it maps may be nonsense all the same.
        crashes = 0
        for number in range(ROUNDS):
            outcome = attempt(flipped(CONTENT, rng, 0, 64, 1), folder)
            check(f"flip {number} in the file header", outcome, ["refused", "loaded"])
        for number in range(ROUNDS):
            outcome = attempt(flipped(CONTENT, rng, 64, HEADERS, 1 + number % 3), folder)
            crashes += outcome.startswith("crashed")
        for number in range(ROUNDS):
            outcome = attempt(flipped(CONTENT, rng, HEADERS, len(CONTENT), 1 + number % 8), folder)
            crashes += outcome.startswith("crashed")
            check(f"flip {number} in the contents", outcome, ["refused", "loaded", "crashed", "raised"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{crashes} of {2 * ROUNDS} files with flipped bits behind the header crashed their process")
    if bad:
        print("\n".join(bad[:20]))
        sys.exit(f"{len(bad)} files were not refused as they should be")
    print("ok")


def end_of_segments():
    """Where the last loadable segment ends in the file: shorter files lack something that is mapped."""
    offset = int.from_bytes(CONTENT[32:40], "little")
    size, count = int.from_bytes(CONTENT[54:56], "little"), int.from_bytes(CONTENT[56:58], "little")
    end = 0
    for index in range(count):
        header = CONTENT[offset + index * size : offset + (index + 1) * size]
        if int.from_bytes(header[:4], "little") == 1:
            end = max(end, int.from_bytes(header[8:16], "little") + int.from_bytes(header[32:40], "little"))
    return end


def foreign():
    yield "text", b"this is not a shared object\n" * 100
    yield "zeros", bytes(10000)
    yield "32 bits", CONTENT[:4] + b"\x01" + CONTENT[5:]
    yield "big-endian", CONTENT[:5] + b"\x02" + CONTENT[6:]
    yield "another machine", CONTENT[:18] + (0xF3).to_bytes(2, "little") + CONTENT[20:]
    yield "a program", CONTENT[:16] + (2).to_bytes(2, "little") + CONTENT[18:]
    yield "renamed entry", CONTENT.replace(b"HPyInit_", b"HPyOnit_")
    yield "renamed version", CONTENT.replace(b"get_required_hpy_major_version_", b"get_required_hpy_sajor_version_")


def patched_version():
    """The getter of the major version is `mov eax, 0` on x86-64; where it is not, the file stays as it is."""
    return CONTENT.replace(b"\xb8\x00\x00\x00\x00\x5d\xc3", b"\xb8\x09\x00\x00\x00\x5d\xc3", 1)


main()
