from setuptools import Extension, setup

MODULES = ["vectors", "records", "toolbox"]

setup(
    packages=["hpy_example"],
    hpy_ext_modules=[Extension(f"hpy_example.{name}", [f"src/{name}.c"]) for name in MODULES],
    # Without this tag an installer would take the wheel for one of the interpreter that built it.
    options={"bdist_wheel": {"universal": False}},
)
