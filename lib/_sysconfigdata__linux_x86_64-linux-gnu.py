"""Build-time variables that `sysconfig` shows.

Why it exists: CPython's build makes this file from its Makefile. Ours says what holds for this runtime: native extensions are HPy
universal modules, compiled by the machine's C compiler.
"""

build_time_vars = {
    "ABIFLAGS": "",
    "AR": "ar",
    "ARFLAGS": "rcs",
    "CC": "cc",
    "CCSHARED": "-fPIC",
    "CFLAGS": "-O3 -Wall",
    "CONFIG_ARGS": "",
    "CXX": "c++",
    "EXE": "",
    "EXEEXT": "",
    "EXT_SUFFIX": ".hpy0.so",
    "HAVE_FORK": 1,
    "HAVE_GETENTROPY": 1,
    "LDCXXSHARED": "c++ -shared",
    "LDFLAGS": "",
    "LDSHARED": "cc -shared",
    "LIBDIR": "",
    "LIBS": "",
    "MACHDEP": "linux",
    "MULTIARCH": "x86_64-linux-gnu",
    "OPT": "-O3 -Wall",
    "PYTHONPATH": "",
    "PY_CFLAGS": "-O3 -Wall",
    "PY_LDFLAGS": "",
    "Py_DEBUG": 0,
    "Py_ENABLE_SHARED": 0,
    "Py_GIL_DISABLED": 1,
    "SHELL": "/bin/sh",
    "SHLIB_SUFFIX": ".so",
    "SIZEOF_VOID_P": 8,
    "SOABI": "hpy0",
    "SO": ".hpy0.so",
    "TZPATH": "/usr/share/zoneinfo:/usr/lib/zoneinfo:/usr/share/lib/zoneinfo:/etc/zoneinfo",
    "VERSION": "3.14",
    "WITH_PYMALLOC": 0,
}
