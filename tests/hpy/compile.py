"""Compiles modules of HPy's suite: compile.py ROOT FOLDER...

Runs on a CPython with setuptools, in the way in which extensions are built: setuptools and the `hpy.devel` of the published package.
Each folder holds sources and a file `build` with the module's name and its sources, a line each; it gets the shared object and the stub.
A module that does not compile gets a file `failed` with the compiler's words.
"""

import contextlib
import os
import sys
from pathlib import Path

ROOT = Path(sys.argv[1]).absolute()
sys.path[:0] = [str(ROOT / "source"), str(Path(__file__).parent / "standin")]

import setuptools  # noqa: E402  (it brings distutils along)

import distutils.ccompiler  # noqa: E402
import distutils.errors  # noqa: E402
import distutils.log  # noqa: E402
import distutils.sysconfig  # noqa: E402
from distutils.core import Distribution, Extension  # noqa: E402

import hpy.devel  # noqa: E402
from hpy.devel import HPyDevel  # noqa: E402


def helper_library(devel):
    """The helpers that extensions contain, compiled once, where hpy.devel looks for its prebuilt libraries."""
    folder = devel.base_dir / "lib" / "universal"
    library = folder / "libhpy-extra-universal.a"
    if not library.exists():
        work = ROOT / f"helpers-{os.getpid()}"
        work.mkdir(exist_ok=True)
        compiler = distutils.ccompiler.new_compiler()
        distutils.sysconfig.customize_compiler(compiler)
        objects = compiler.compile(
            devel.get_extra_sources(),
            output_dir=str(work),
            macros=[("HPY", None), ("HPY_ABI_UNIVERSAL", None)],
            include_dirs=devel.get_extra_include_dirs(),
            extra_preargs=["-fPIC", "-g", "-O0"],
        )
        compiler.create_static_lib(objects, "hpy-extra-universal", output_dir=str(work))
        folder.mkdir(parents=True, exist_ok=True)
        os.replace(work / library.name, library)


def build(folder, devel):
    name, *sources = (folder / "build").read_text().split()
    extension = Extension(
        name,
        sources=sources,
        extra_compile_args=["-g", "-O0", "-Wfatal-errors", "-Werror"],
        extra_link_args=["-g"],
    )
    distribution = Distribution()
    for command in ("build_ext", "build_py"):
        options = distribution.get_option_dict(command)
        options["build_lib"] = ("suite", str(folder))
        if command == "build_ext":
            options["force"] = ("suite", True)
            options["build_temp"] = ("suite", str(folder / "objects"))
    distribution.hpy_abi = "universal"
    distribution.hpy_use_static_libs = True
    distribution.hpy_ext_modules = [extension]
    distribution.py_modules = [name]
    devel.fix_distribution(distribution)
    os.chdir(folder)
    distribution.run_command("build_ext")


def main():
    devel = HPyDevel()
    helper_library(devel)
    distutils.log.set_threshold(4)
    for folder in map(Path, sys.argv[2:]):
        folder = folder.absolute()
        log = folder / "log"
        with open(log, "w") as output, redirected(output):
            try:
                build(folder, devel)
            except (distutils.errors.DistutilsError, distutils.errors.CCompilerError) as error:
                print(error, file=output)
                output.flush()
                (folder / "failed").write_text(log.read_text())
            else:
                (folder / "done").touch()


@contextlib.contextmanager
def redirected(output):
    """Sends what the compiler prints, and what we print, to a file."""
    saved = os.dup(1), os.dup(2)
    try:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        yield
    finally:
        for target, descriptor in enumerate(saved, 1):
            os.dup2(descriptor, target)
            os.close(descriptor)


main()
