# Why: what programs import to look at the debug mode of HPy extensions. The work is done by the native module
# `hpy.universal._debug`; names and behaviour are those of the published package.

from hpy.universal import _debug

from .leakdetector import HPyDebugError, HPyLeakError, LeakDetector

__all__ = [
    "HPyDebugError",
    "HPyLeakError",
    "LeakDetector",
    "disable_handle_stack_traces",
    "set_handle_stack_trace_limit",
]


def set_handle_stack_trace_limit(limit):
    """Record up to `limit` frames wherever a handle is opened; reports of leaks show them. None records nothing."""
    _debug.set_handle_stack_trace_limit(limit)


def disable_handle_stack_traces():
    """Record nothing where handles are opened."""
    _debug.set_handle_stack_trace_limit(None)
