"""Text built by += in a loop: linear if concatenation shares its buffer (decision 1)."""
import sys

GROUP = "text"
DEFAULT_SIZE = 400_000

size = int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_SIZE
text = ""
for number in range(size):
    text += "ab"
    if number % 1000 == 0:
        text += "é"
print(len(text), text.count("é"))
