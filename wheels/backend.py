"""The build backend: maturin, after the library's files have been laid out for the wheel.

maturin packs what lies in `target/wheel` when it starts, and those files are made by crate pylib's build script; so the
program is built first (maturin then finds it built) and the files are copied.
"""
import os
import shutil
import subprocess

import maturin

# Everything that maturin offers, but for building a wheel.
from maturin import build_sdist, get_requires_for_build_sdist, get_requires_for_build_wheel  # noqa: F401
from maturin import prepare_metadata_for_build_wheel as _prepare

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def _target():
    return os.path.join(ROOT, os.environ.get("CARGO_TARGET_DIR", "target"))


def _make_data_folder():
    data = os.path.join(ROOT, "target", "wheel", "data")
    os.makedirs(data, exist_ok=True)
    return data


def _caches_of_this_machine(folder, names):
    """Compiled files that runs from the build folder wrote: valid by time stamp, unlike those that the build made."""
    found = set()
    for name in names:
        if name.endswith(".pyc"):
            with open(os.path.join(folder, name), "rb") as stream:
                if stream.read(8)[4:] == bytes(4):
                    found.add(name)
    return found


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    _make_data_folder()
    return _prepare(metadata_directory, config_settings)


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    subprocess.run(["cargo", "build", "--release", "--locked", "--package", "cli"], cwd=ROOT, check=True)
    share = os.path.join(_make_data_folder(), "share")
    shutil.rmtree(share, ignore_errors=True)
    shutil.copytree(os.path.join(_target(), "release", "share"), share, ignore=_caches_of_this_machine)
    return maturin.build_wheel(wheel_directory, config_settings, metadata_directory)
