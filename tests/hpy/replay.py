"""Runs one case of HPy's own suite: replay.py ROOT MODE CASE [WORD...]

ROOT is the folder of `cargo xtask hpy-suite`: the unpacked source package is there, and every module that a case needs, compiled already.
Words, for the ways in which interpreters may differ: `collect` runs the collector after each `del` and each assignment of None in the
case (it expects objects to die at once); `scrub` only clears registers and stack where the case itself collects; `warm` opens and closes
some handles before (the case counts on what other cases left behind).
Exit status: 0 passed, 1 failed, 2 skipped, 77 a module is missing (its sources and a file `build` were left for the compiler).
`replay.py ROOT --list` prints all cases, as lines MODE CASE.
"""

import hashlib
import importlib
import importlib.util
import os
import shutil
import sys
import types
from pathlib import Path

ROOT = Path(sys.argv[1]).absolute()
MODES = ("universal", "debug", "trace")
# From the load of a case's module on the collector runs at every n-th allocation.
STRESS = int(os.environ.get("HPY_SUITE_STRESS", "0"))
# These cases look at the compiler, the build system or the suite itself, not at the interpreter.
LEFT_OUT = {"test_legacy_forbidden", "test_cpy_compat", "test_support", "test_distutils"}

sys.path[:0] = [str(ROOT / "tests"), str(Path(__file__).parent / "standin")]

import pytest  # noqa: E402


class Missing(BaseException):
    """A module was not compiled yet."""


class Path_(type(Path())):
    """The methods of py.path that the suite uses."""

    def join(self, *parts):
        return Path_(Path(self, *parts))

    def write(self, text, mode="w"):
        Path(self).write_text(text)


def devel_without_setuptools():
    """`hpy.devel.abitag` is wanted; the package around it needs setuptools."""
    package = types.ModuleType("hpy.devel")
    package.__path__ = [str(ROOT / "source" / "hpy" / "devel")]
    package.HPyDevel = lambda: None
    sys.modules["hpy.devel"] = package


def load(name, transform=None):
    """A test module of the suite, or the module with one function changed."""
    if transform is None:
        return importlib.import_module(name)
    import ast

    spec = importlib.util.find_spec(name)
    tree = ast.parse(Path(spec.origin).read_text(), spec.origin)
    tree = ast.fix_missing_locations(transform(ast).visit(tree))
    module = importlib.util.module_from_spec(spec)
    module.collect_now = collect_now
    sys.modules[name] = module
    exec(compile(tree, spec.origin, "exec"), module.__dict__)
    return module


THOROUGHLY = "collect_now(0, 0, 0, 0, 0, 0, 0, 0)"


def collect_now(*_):
    """The arguments overwrite what earlier calls left in the caller's registers, the recursion what they left on the stack."""
    import gc

    def below(depth):
        return below(depth - 1) + 1 if depth else 0

    for _ in range(2):
        below(60)
        gc.collect()


def collecting(function, everywhere):
    """Makes the collections of one function thorough ones, and puts one after each `del` and `= None`."""

    def transformer(ast):
        class Collecting(ast.NodeTransformer):
            inside = False

            def visit_FunctionDef(self, node):
                outer, self.inside = self.inside, self.inside or node.name == function
                self.generic_visit(node)
                self.inside = outer
                return node

            def visit_Delete(self, node):
                return self.followed(node)

            def visit_Expr(self, node):
                if ast.unparse(node) == "gc.collect()" and self.inside:
                    return ast.parse(THOROUGHLY).body
                return node

            def visit_Assign(self, node):
                if isinstance(node.value, ast.Constant) and node.value.value is None:
                    return self.followed(node)
                return node

            def followed(self, node):
                if not self.inside or not everywhere:
                    return node
                return [node, *ast.parse(THOROUGHLY).body]

        return Collecting()

    return transformer


def install_compiler(support):
    """Modules come from the folder of compiled ones instead of from a compiler on this machine."""

    class HPyModule:
        def __init__(self, name, so_filename):
            self.name = name
            self.so_filename = so_filename

    def compile_module(self, main_src, ExtensionTemplate=None, name="mytest", extra_sources=()):
        if STRESS:
            sys.modules["hpy.universal"]._collect_every(0)
        template = self._fixup_template(ExtensionTemplate)
        sources = {name + ".c": template(main_src, name).expand()}
        for index, source in enumerate(extra_sources):
            sources[f"extmod_{index}.c"] = template(source, f"extmod_{index}").expand()
        text = "".join(f"{file}\0{source}\0" for file, source in sources.items())
        folder = ROOT / "modules" / hashlib.sha256(text.encode()).hexdigest()[:16]
        if (folder / "failed").exists():
            raise RuntimeError((folder / "failed").read_text())
        if not (folder / "done").exists():
            folder.mkdir(parents=True, exist_ok=True)
            for file, source in sources.items():
                (folder / file).write_text(source)
            (folder / "build").write_text("\n".join([name, *sources]))
            print(f"missing {folder.name}", flush=True)
            raise Missing
        for file in (f"{name}.hpy0.so", f"{name}.py"):
            if (folder / file).exists():
                shutil.copy(folder / file, str(self.tmpdir))
        return HPyModule(name, str(self.tmpdir.join(f"{name}.hpy0.so")))

    def stressed(self, name, so_filename, mode):
        hpy.universal._collect_every(STRESS)
        return load(self, name, so_filename, mode)

    support.ExtensionCompiler.compile_module = compile_module
    if STRESS:
        import hpy.universal

        load = support.ExtensionCompiler.load_universal_module
        support.ExtensionCompiler.load_universal_module = stressed


class Case:
    """One test function with values for its parametrised fixtures."""

    def __init__(self, module, cls, function, mode, parameters):
        self.module = module
        self.cls = cls
        self.function = function
        self.mode = mode
        self.parameters = parameters

    def name(self):
        parts = [self.module.__name__.removeprefix("test.").replace(".", "/")]
        if self.cls:
            parts.append(self.cls.__name__)
        parts.append(self.function.__name__)
        name = "::".join(parts)
        values = [str(value).replace(" ", "-") for fixture, value in self.parameters.items() if fixture != "hpy_abi"]
        return f"{name}[{','.join(values)}]" if values else name


WARM = """
HPyDef_METH(f, "f", HPyFunc_O)
static HPy f_impl(HPyContext *ctx, HPy self, HPy arg)
{
    return HPy_Dup(ctx, arg);
}
@EXPORT(f)
@INIT
"""


class Request:
    def __init__(self, param, case, instance):
        self.param = param
        self.module = case.module
        self.cls = case.cls
        self.function = case.function
        self.instance = instance
        self.config = self

    def getoption(self, name):
        return None


class Builtin:
    """Fixtures that pytest itself brings."""

    class capfd:
        def readouterr(self):
            raise NotImplementedError("capfd")


class Runner:
    def __init__(self, case):
        self.case = case
        self.instance = case.cls() if case.cls else None
        self.values = {}
        self.cleanups = []

    def fixture(self, name):
        return find_fixture(self.case.module, self.case.cls, name)

    def value(self, name):
        if name not in self.values:
            self.values[name] = self.make(name)
        return self.values[name]

    def make(self, name):
        fixture = self.fixture(name)
        if fixture is None:
            if name == "tmpdir":
                folder = f"{ROOT}/work/{os.getpid()}"
                # One that an aborted case of this number left behind.
                shutil.rmtree(folder, ignore_errors=True)
                os.makedirs(folder)
                self.cleanups.append(lambda: shutil.rmtree(folder, ignore_errors=True))
                return Path_(folder)
            if name == "capfd":
                return Builtin.capfd()
            raise NotImplementedError(f"fixture {name}")
        arguments = []
        for parameter in pytest.parameters_of(fixture.function):
            if parameter == "self":
                arguments.append(self.instance)
            elif parameter == "request":
                arguments.append(Request(self.case.parameters.get(name), self.case, self.instance))
            else:
                arguments.append(self.value(parameter))
        result = fixture.function(*arguments)
        if isinstance(result, types.GeneratorType):
            value = next(result)
            self.cleanups.append(lambda: next(result, None))
            return value
        return result

    def warm_up(self):
        module = self.value("compiler").make_module(WARM, name="warm")
        for _ in range(600):
            module.f(None)

    def run(self):
        try:
            if "warm" in sys.argv[4:]:
                self.warm_up()
            for name in getattr(self.case.cls, "used_fixtures", ()):
                self.value(name)
            names = [name for name in pytest.parameters_of(self.case.function) if name != "self"]
            arguments = {name: self.value(name) for name in names}
            if self.instance is not None:
                self.case.function(self.instance, **arguments)
            else:
                self.case.function(**arguments)
        finally:
            if STRESS:
                sys.modules["hpy.universal"]._collect_every(0)
            while self.cleanups:
                self.cleanups.pop()()


def find_fixture(module, cls, name):
    conftest = sys.modules["test.conftest"]
    for place in (cls, module, conftest):
        found = getattr(place, name, None) if place is not None else None
        if isinstance(found, pytest.Fixture):
            return found
    return None


def fixtures_of(module, cls, function):
    """All fixtures that a test function needs, by name."""
    names = list(getattr(cls, "used_fixtures", ())) + pytest.parameters_of(function)
    found = {}
    while names:
        name = names.pop()
        fixture = find_fixture(module, cls, name)
        if fixture is not None and name not in found:
            found[name] = fixture
            names.extend(pytest.parameters_of(fixture.function))
    return found


def cases_of(module):
    """The cases of a module in all modes."""
    functions = []
    for name, value in list(vars(module).items()):
        if name.startswith("Test") and isinstance(value, type):
            for method in dir(value):
                if method.startswith("test"):
                    functions.append((value, getattr(value, method)))
        elif name.startswith("test") and isinstance(value, types.FunctionType):
            functions.append((None, value))
    for cls, function in functions:
        fixtures = fixtures_of(module, cls, function)
        abi = fixtures.get("hpy_abi")
        if abi is None:
            continue
        combinations = [{}]
        for name, fixture in fixtures.items():
            if fixture.params:
                combinations = [{**before, name: value} for before in combinations for value in fixture.params]
        for parameters in combinations:
            if abi.params:
                mode = parameters["hpy_abi"]
            else:
                mode = "trace" if "trace" in module.__name__ else "debug"
            if mode in MODES:
                yield Case(module, cls, function, mode, parameters)


def listing():
    """Runs where there is no HPy too: the suite's modules only want names from it."""
    import hpy

    for name in ("hpy.universal", "hpy.debug", "hpy.debug.leakdetector", "hpy.trace"):
        module = types.ModuleType(name)
        module.__getattr__ = lambda name: None
        module.__path__ = []
        sys.modules[name] = module
        setattr(hpy, name.split(".")[1], module)
    devel_without_setuptools()
    importlib.import_module("test.conftest")
    for path in sorted((ROOT / "tests" / "test").rglob("test_*.py")):
        if path.stem in LEFT_OUT:
            continue
        relative = path.relative_to(ROOT / "tests").with_suffix("")
        for case in cases_of(load(".".join(relative.parts))):
            print(case.mode, case.name())


def main():
    if sys.argv[2] == "--list":
        sys.path.append(str(ROOT / "source"))
        listing()
        return 0
    mode, wanted, *words = sys.argv[2:]
    devel_without_setuptools()
    support = load("test.support")
    load("test.conftest")
    install_compiler(support)
    function = wanted.partition("[")[0].rpartition("::")[2]
    transform = collecting(function, "collect" in words) if {"collect", "scrub"} & set(words) else None
    module = load("test." + wanted.partition("::")[0].replace("/", "."), transform)
    matching = [case for case in cases_of(module) if case.mode == mode and case.name() == wanted]
    if not matching:
        print(f"no such case: {mode} {wanted}")
        return 1
    (case,) = matching
    if hasattr(case.function, "skip_reason"):
        print("skipped:", case.function.skip_reason)
        return 2
    try:
        Runner(case).run()
    except Missing:
        return 77
    except pytest.Skipped as reason:
        print("skipped:", reason)
        return 2
    except BaseException:
        import traceback

        traceback.print_exc()
        return 1
    return 0


sys.exit(main())
