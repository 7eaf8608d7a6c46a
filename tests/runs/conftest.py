"""What the tests of runs share: a folder of runs whose processes are gone in the end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mnist_core.runs.store import RunStore
from tests.run_helpers import end_director


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    store = RunStore(tmp_path / "runs")
    yield store
    end_director(store.root)
