"""The module `_datetime`: the library's own Python implementation under the name that `datetime` asks for first.

Why it exists: code and tests import `_datetime` itself, and a native one is not written yet. The code is taken from `_pydatetime.py`
beside this file and run here, so that the two modules are as separate as CPython's are.
"""

from importlib.machinery import PathFinder as _PathFinder

# In a folder or in an archive, as the library lies.
exec(_PathFinder.find_spec("_pydatetime").loader.get_code("_pydatetime"))
del _PathFinder
