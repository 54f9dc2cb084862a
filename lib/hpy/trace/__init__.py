# Why: what programs import to count and time the calls that HPy extensions make in trace mode. The work is done by the native module
# `hpy.universal._trace`.

from hpy.universal import _trace

__all__ = ["get_call_counts", "get_durations", "get_frequency", "set_trace_functions"]

get_call_counts = _trace.get_call_counts
get_durations = _trace.get_durations
get_frequency = _trace.get_frequency
set_trace_functions = _trace.set_trace_functions
