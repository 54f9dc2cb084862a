from setuptools import Extension, setup

setup(
    name="hpy-bench",
    version="1.0",
    py_modules=[],
    hpy_ext_modules=[Extension("hpy_bench", ["bench.c"], extra_compile_args=["-O2"])],
)
