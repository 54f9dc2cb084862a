"""Finds the `protopy` command that was installed with this package."""
import os
import sysconfig


def find_protopy_bin():
    """Return the path of the `protopy` command; FileNotFoundError if there is none."""
    here = os.path.dirname(os.path.abspath(__file__))
    candidates = [
        sysconfig.get_path("scripts"),
        # pip install --target: <target>/bin beside <target>/protopython.
        os.path.join(os.path.dirname(here), "bin"),
        # pip install --prefix: <prefix>/bin above <prefix>/lib/pythonX.Y/site-packages.
        os.path.abspath(os.path.join(here, "..", "..", "..", "..", "bin")),
        sysconfig.get_path("scripts", scheme=sysconfig.get_preferred_scheme("user"))
        if hasattr(sysconfig, "get_preferred_scheme")
        else None,
    ]
    for folder in filter(None, candidates):
        path = os.path.join(folder, "protopy")
        if os.path.isfile(path):
            return path
    raise FileNotFoundError("protopy")
