from setuptools import Extension, setup

setup(name="hpy-broken", version="1.0", hpy_ext_modules=[Extension("hpy_broken", ["broken.c"])])
