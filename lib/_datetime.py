"""The module `_datetime`: the library's own Python implementation under the name that `datetime` asks for first.

Why it exists: code and tests import `_datetime` itself, and a native one is not written yet. The code is taken from `_pydatetime.py`
beside this file and run here, so that the two modules are as separate as CPython's are.
"""

from importlib.machinery import SourceFileLoader as _SourceFileLoader

_loader = _SourceFileLoader("_pydatetime", __file__.removesuffix("_datetime.py") + "_pydatetime.py")
exec(_loader.get_code("_pydatetime"))
del _SourceFileLoader, _loader
