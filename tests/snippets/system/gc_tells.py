# gc.DEBUG_STATS: lines on stderr about collections that are asked for.
import gc
import io
import re
import sys

before, sys.stderr = sys.stderr, io.StringIO()
gc.set_debug(gc.DEBUG_STATS)
gc.collect()
gc.set_debug(0)
gc.collect()
told, sys.stderr = sys.stderr.getvalue(), before
print(re.sub(r"[0-9][0-9.]*", "N", told))
