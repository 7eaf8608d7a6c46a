"""What tests of pages with runs need: a folder for runs, and the end of whatever computes them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mnist_core.runs import RunStore
from tests.run_helpers import end_director


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunStore]:
    monkeypatch.setenv("DIGIT_RUNS_DIR", str(tmp_path / "runs"))
    store = RunStore()
    yield store
    end_director(store.root)
