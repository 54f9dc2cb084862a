# Why: a pytest fixture for authors of extensions. Add `from hpy.debug.pytest import hpy_debug` to conftest.py; a test that takes
# `hpy_debug` fails if it leaks handles.

import pytest

from .leakdetector import LeakDetector


@pytest.fixture
def hpy_debug(request):
    """Checks that the test leaves no handle open."""
    with LeakDetector() as detector:
        yield detector
