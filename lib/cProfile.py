"""Deterministic profiling with times measured in native code.

The figures are those of `profile`, read by `pstats`. (The pinned library has no such module, so this one is our own.)
"""

import _lsprof
import profile as _profile

__all__ = ["run", "runctx", "Profile"]


def run(statement, filename=None, sort=-1):
    return _profile._Utils(Profile).run(statement, filename, sort)


def runctx(statement, globals, locals, filename=None, sort=-1):
    return _profile._Utils(Profile).runctx(statement, globals, locals, filename, sort)


run.__doc__ = _profile.run.__doc__
runctx.__doc__ = _profile.runctx.__doc__


def label(code):
    """The key of a function in the figures: file, line and name. Native functions have no file."""
    if isinstance(code, str):
        return "~", 0, code
    return code.co_filename, code.co_firstlineno, code.co_name


def _figures(entry):
    calls = entry.callcount
    return calls - entry.reccallcount, calls, entry.inlinetime, entry.totaltime


def _added(known, figures):
    return tuple(map(sum, zip(known, figures))) if known else figures


class Profile(_lsprof.Profiler):
    """Profile(timer=None, timeunit=None, subcalls=True, builtins=True)

    Measures calls with the given timer, or with the system's clock. For a timer that
    gives integers, timeunit is what one of them is in seconds.
    """

    def print_stats(self, sort=-1):
        import pstats
        keys = sort if isinstance(sort, tuple) else (sort,)
        pstats.Stats(self).strip_dirs().sort_stats(*keys).print_stats()

    def dump_stats(self, file):
        import marshal
        with open(file, "wb") as output:
            self.create_stats()
            marshal.dump(self.stats, output)

    def create_stats(self):
        self.disable()
        self.snapshot_stats()

    def snapshot_stats(self):
        entries = self.getstats()
        totals, callers = {}, {}
        for entry in entries:
            function = label(entry.code)
            totals[function] = _added(totals.get(function), _figures(entry))
            callers.setdefault(function, {})
        for entry in entries:
            caller = label(entry.code)
            for callee in entry.calls or ():
                function = label(callee.code)
                if function in callers:
                    known = callers[function].get(caller)
                    # Here the number of all calls comes first.
                    primitive, calls, own, total = _figures(callee)
                    callers[function][caller] = _added(known, (calls, primitive, own, total))
        self.stats = {function: (*figures, callers[function]) for function, figures in totals.items()}

    def run(self, cmd):
        import __main__
        return self.runctx(cmd, __main__.__dict__, __main__.__dict__)

    def runctx(self, cmd, globals, locals):
        self.enable()
        try:
            exec(cmd, globals, locals)
        finally:
            self.disable()
        return self

    def runcall(self, func, /, *args, **kw):
        self.enable()
        try:
            return func(*args, **kw)
        finally:
            self.disable()

    def __enter__(self):
        self.enable()
        return self

    def __exit__(self, *exc_info):
        self.disable()


def _main_module(path):
    """A fresh `__main__` for the program at `path`, and its code."""
    import importlib.machinery
    import importlib.util
    import io
    import os
    import sys
    sys.path.insert(0, os.path.dirname(path))
    with io.open_code(path) as file:
        code = compile(file.read(), path, "exec")
    spec = importlib.machinery.ModuleSpec("__main__", loader=None, origin=path)
    module = sys.modules["__main__"] = importlib.util.module_from_spec(spec)
    module.__dict__.update(__spec__=None, __file__=path, __package__=None, __cached__=None)
    return code, module.__dict__


def main():
    import optparse
    import os
    import pstats
    import sys
    parser = optparse.OptionParser("cProfile.py [-o output_file_path] [-s sort] [-m module | scriptfile] [arg] ...")
    parser.allow_interspersed_args = False
    parser.add_option("-o", "--outfile", default=None, help="Save stats to <outfile>")
    parser.add_option("-s", "--sort", default=2, choices=sorted(pstats.Stats.sort_arg_dict_default),
                      help="Sort order when printing to stdout, based on pstats.Stats class")
    parser.add_option("-m", dest="module", action="store_true", default=False, help="Profile a library module")
    options, args = parser.parse_args()
    if not args:
        parser.print_usage()
        if len(sys.argv) < 2:
            sys.exit(2)
        return parser
    sys.argv[:] = args
    # The program may change the working directory.
    outfile = options.outfile and os.path.abspath(options.outfile)
    if options.module:
        import runpy
        code = "run_module(name, run_name='__main__')"
        names = {"run_module": runpy.run_module, "name": args[0]}
    else:
        code, names = _main_module(args[0])
    try:
        runctx(code, names, None, outfile, options.sort)
    except BrokenPipeError as error:
        # Nobody reads; nothing is to be said of it at exit.
        sys.stdout = None
        sys.exit(error.errno)
    return parser


if __name__ == "__main__":
    main()
