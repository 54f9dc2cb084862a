"""The module `_decimal`: the library's own Python implementation under the name that `decimal` asks for first.

Why it exists: code and tests import `_decimal` itself, and a native one is not written yet. The code is taken from `_pydecimal.py`
beside this file and run here, so that the two modules are as separate as CPython's are.
"""

from importlib.machinery import PathFinder as _PathFinder

# In a folder or in an archive, as the library lies.
exec(_PathFinder.find_spec("_pydecimal").loader.get_code("_pydecimal"))
del _PathFinder
