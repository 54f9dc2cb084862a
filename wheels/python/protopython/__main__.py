"""`python -m protopython ...` runs `protopy ...`."""
import os
import sys

from protopython import find_protopy_bin

program = find_protopy_bin()
os.execv(program, [program, *sys.argv[1:]])
