"""Build-time variables under the name that `sysconfig` asks for.

Why it exists: the name says the kind of machine; the variables are the same for all.
"""
from _build_variables import build_time_vars  # noqa: F401
