"""What the build says that `sysconfig` cannot read from a file.

Why it exists: a native module in CPython; here the values are in `_build_variables`.
"""


def config_vars():
    """The variables of the build that sysconfig shows, as a dictionary."""
    from _build_variables import build_time_vars
    return {name: build_time_vars[name] for name in ('Py_DEBUG', 'Py_GIL_DISABLED')}
