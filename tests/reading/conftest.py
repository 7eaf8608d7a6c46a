"""What tests of reading need: the bundled network, which never changes."""

import pytest

from mnist_core import Recognizer


@pytest.fixture(scope="session")
def recognizer() -> Recognizer:
    return Recognizer.load()
