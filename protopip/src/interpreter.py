import json
import os
import platform
import sys
import sysconfig


def paths(scheme=None):
    found = sysconfig.get_paths() if scheme is None else sysconfig.get_paths(scheme)
    names = ("purelib", "platlib", "scripts", "data", "stdlib")
    result = {name: found[name] for name in names}
    # Headers of an environment go to include/site/pythonX.Y/<package> in its own folder.
    version = "python%d.%d" % sys.version_info[:2]
    if scheme is None and sys.prefix != sys.base_prefix:
        result["include"] = os.path.join(sys.prefix, "include", "site", version)
    else:
        result["include"] = found["include"]
    return result


def libc():
    try:
        text = os.confstr("CS_GNU_LIBC_VERSION")
        if text:
            return text
    except (AttributeError, OSError, ValueError):
        pass
    folder = "/lib"
    try:
        names = [name for name in os.listdir(folder) if name.startswith("ld-musl-")]
    except OSError:
        names = []
    if names:
        import subprocess

        text = subprocess.run([os.path.join(folder, names[0])], stderr=subprocess.PIPE, text=True).stderr
        for line in text.splitlines():
            if line.startswith("Version "):
                return "musl " + line.split()[1]
    return ""


def version_text(info):
    text = "%d.%d.%d" % info[:3]
    if info[3] != "final":
        text += info[3][0] + str(info[4])
    return text


user = None
if sys.prefix == sys.base_prefix:
    try:
        user = paths(sysconfig.get_preferred_scheme("user"))
    except (AttributeError, KeyError, ValueError):
        user = None
json.dump(
    {
        "executable": sys.executable,
        "implementation_name": sys.implementation.name,
        "implementation_version": version_text(sys.implementation.version),
        "cache_tag": sys.implementation.cache_tag,
        "version": "%d.%d.%d" % sys.version_info[:3],
        "full_version": platform.python_version(),
        "python_version": "%d.%d" % sys.version_info[:2],
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "sys_platform": sys.platform,
        "prefix": sys.prefix,
        "base_prefix": sys.base_prefix,
        "paths": paths(),
        "user_paths": user,
        "platform": sysconfig.get_platform(),
        "extension_suffix": sysconfig.get_config_var("EXT_SUFFIX") or "",
        "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "libc": libc(),
    },
    sys.stdout,
)
