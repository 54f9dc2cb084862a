"""Lines edited on a terminal: what input() gives for keys of movement, killing, history, search and completion."""
import os
import pty
import select
import subprocess
import sys

PROGRAM = r'''
import readline
readline.parse_and_bind("tab: complete")
readline.parse_and_bind('"\\C-x\\C-o": "macro"')
words = ["alpha", "alphabet", "beta", "gamma ray", "delta"]

def complete(text, state):
    found = [word for word in words if word.startswith(text)]
    return found[state] if state < len(found) else None

readline.set_completer(complete)
while True:
    try:
        line = input("p> ")
    except EOFError as error:
        print("EOF", repr(error))
        break
    print("GOT", ascii(line))
for place in range(readline.get_current_history_length()):
    print("HISTORY", ascii(readline.get_history_item(place + 1)))
readline.set_startup_hook(lambda: readline.insert_text("begun "))
print("GOT", ascii(input("p> ")))
print("DELIMITERS", ascii(readline.get_completer_delims()), readline.get_begidx(), readline.get_endidx())
'''

STEPS = [
    b"hello\r", b"abc\x01X\x05Y\r", b"one two three\x17\x17X\r", b"one two\x0b\x15zz\x19\r", b"foo bar\x1bb\x1bdqux\r",
    b"\x10\x10\r", b"\x10\x10\x0e!\r", b"alp\t\r", b"al\t\t\t\r", b"b\t\r", b"g\t!\r", b"ab\x14\r", b"\x12foo\r",
    b"\x12one\x12\x12\r", b"caf\xc3\xa9 x\x02\x02\x02Z\r", b"hello world\x1bbb\x1bu\x1bc\r", b"\x1b[A\x1b[A\x1b[B\r",
    b"abcdef\x1b[D\x1b[D\x7f\x04Q\r", b"undo this\x1f\x1f!\r", b"\xe4\xbd\xa0\xe5\xa5\xbd\x02A\r", b"a\x16\x03b\r",
    b"word one\x1bt\r", b"kill\x15\x19\x19\r", b"\t\t\x15q\r", b"\x18\x0f\r", b"long " * 40 + b"\x01\x0b\x19\r", b"\x04", b"end\r",
]


def main():
    master, slave = pty.openpty()
    environment = {**os.environ, "INPUTRC": "/dev/null", "TERM": "xterm", "PYTHONUTF8": "1"}
    process = subprocess.Popen([sys.executable, "-c", PROGRAM], stdin=slave, stdout=slave, stderr=slave, env=environment,
                               start_new_session=True)
    os.close(slave)
    output, seen = b"", 0

    def wait_for_prompt():
        nonlocal output, seen
        while (at := output.find(b"p> ", seen)) < 0:
            if not select.select([master], [], [], 60)[0]:
                raise TimeoutError(output)
            output += os.read(master, 65536)
        seen = at + 3

    for step in STEPS:
        wait_for_prompt()
        os.write(master, step)
        # What the line looked like while it was edited may show the prompt again.
        answer = b"EOF " if step == b"\x04" else b"\nGOT"
        while (at := output.find(answer, seen)) < 0:
            try:
                output += os.read(master, 65536)
            except OSError:
                break
        seen = max(at, seen)
    try:
        while data := os.read(master, 65536):
            output += data
    except OSError:
        pass
    process.wait()
    for line in output.decode().replace("\r", "").split("\n"):
        if line.startswith(("GOT", "HISTORY", "EOF", "DELIMITERS")) or "EOFError" in line:
            print(line[line.find("EOF"):] if "EOFError" in line else line)


main()
