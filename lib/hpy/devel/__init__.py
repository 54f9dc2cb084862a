# Why: building HPy extensions on protopy with the headers and the setuptools commands of the published package, which cannot be
# installed here because it is at the same time an extension for CPython's own interpreter. This package stands in its place: the first
# import fetches the published files into a cache, later ones find them there.
#
# HPY_DEVEL names a folder to take instead (the `hpy/devel` of an unpacked package), for machines without a network.

import os as _os
import sys as _sys

_VERSION = "0.9.0"
# Any binary package of the release has the same headers, sources and commands; they do not depend on machine or interpreter.
_PACKAGE = ["--platform", "manylinux2014_x86_64", "--implementation", "cp", "--python-version", "3.11", "--abi", "cp311"]


def _cache():
    base = _os.environ.get("XDG_CACHE_HOME") or _os.path.join(_os.path.expanduser("~"), ".cache")
    return _os.path.join(base, "protopython", f"hpy-{_VERSION}", "devel")


def _is_complete(folder):
    return _os.path.exists(_os.path.join(folder, "include", "hpy.h")) and _os.path.exists(_os.path.join(folder, "__init__.py"))


def _find():
    chosen = _os.environ.get("HPY_DEVEL")
    if chosen:
        if not _is_complete(chosen):
            raise ImportError(f"HPY_DEVEL names {chosen}, which holds no hpy.devel")
        return chosen
    folder = _cache()
    if not _is_complete(folder):
        _fetch(folder)
    return folder


def _fetch(folder):
    import shutil
    import subprocess
    import tempfile
    import zipfile

    parent = _os.path.dirname(folder)
    _os.makedirs(parent, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent) as work:
        # -I: an isolated build environment hides the installer that the interpreter has.
        command = [_sys.executable, "-I", "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--only-binary", ":all:", *_PACKAGE, "--dest", work, f"hpy=={_VERSION}"]
        result = subprocess.run(command, capture_output=True, text=True)
        wheels = [name for name in _os.listdir(work) if name.endswith(".whl")]
        if result.returncode != 0 or not wheels:
            raise ImportError(
                f"hpy.devel needs the headers of hpy {_VERSION} and could not fetch them from the package index. Unpack the package "
                f"yourself and set HPY_DEVEL to its folder hpy/devel.\n{result.stderr.strip()}"
            )
        with zipfile.ZipFile(_os.path.join(work, wheels[0])) as archive:
            names = [name for name in archive.namelist() if name.startswith("hpy/devel/") and "/lib/" not in name]
            archive.extractall(work, names)
        try:
            _os.rename(_os.path.join(work, "hpy", "devel"), folder)
        except OSError:
            # Another process was quicker, or half a copy was there.
            if not _is_complete(folder):
                shutil.rmtree(folder, ignore_errors=True)
                _os.rename(_os.path.join(work, "hpy", "devel"), folder)


def _become(folder):
    """Runs the published package in this module."""
    __path__.insert(0, folder)
    globals()["__file__"] = _os.path.join(folder, "__init__.py")
    with open(__file__, "rb") as file:
        code = compile(file.read(), __file__, "exec")
    exec(code, globals())
    # Commands of current setuptools have lost an attribute that the published ones look at.
    if not hasattr(build_ext_hpy_mixin, "dry_run"):
        build_ext_hpy_mixin.dry_run = False
    HPyDevel.get_static_libs = _helpers
    globals()["handle_hpy_ext_modules"] = _with_helpers(handle_hpy_ext_modules)


def _with_helpers(published):
    """The helper sources lie outside of the project, which current setuptools refuses; extensions are linked with a library of them."""

    def handle_hpy_ext_modules(dist, attr, hpy_ext_modules):
        published(dist, attr, hpy_ext_modules)
        type(dist).hpy_use_static_libs = True

    return handle_hpy_ext_modules


def _helpers(devel, abi):
    """The library of helpers that become part of each extension, compiled at first use."""
    if abi != "universal":
        from distutils.errors import DistutilsError

        raise DistutilsError(f"protopy has no C API of CPython: an extension of ABI {abi!r} cannot be built, use --hpy-abi=universal")
    library = devel.base_dir / "lib" / "universal" / "libhpy-extra-universal.a"
    if not library.exists():
        import tempfile
        from distutils.ccompiler import new_compiler
        from distutils.sysconfig import customize_compiler

        library.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=library.parent) as work:
            compiler = new_compiler()
            customize_compiler(compiler)
            objects = compiler.compile(
                devel.get_extra_sources(),
                output_dir=work,
                macros=[("HPY", None), ("HPY_ABI_UNIVERSAL", None)],
                include_dirs=devel.get_extra_include_dirs(),
                extra_preargs=["-fPIC", "-O2"],
            )
            compiler.create_static_lib(objects, "hpy-extra-universal", output_dir=work)
            _os.replace(_os.path.join(work, library.name), library)
    return [str(library)]


_become(_find())
