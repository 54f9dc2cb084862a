"""What HPy's tests ask of distutils, which is no longer in the standard library."""

from . import errors, sysconfig
