from setuptools import Extension, setup

setup(name="hpy-misuse", version="1.0", hpy_ext_modules=[Extension("hpy_misuse", ["misuse.c"], extra_compile_args=["-O0"])])
