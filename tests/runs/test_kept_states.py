"""Which state a run goes back to when its training explodes: one from before that, whatever was saved since."""

from pathlib import Path

import numpy as np
import pytest

from mnist_core.runs.folder import Run
from mnist_core.runs.run_records import RunInfo
from mnist_core.runs.run_writer import RunWriter
from mnist_core.runs.slices import Change, State
from mnist_core.training.report import Report
from tests.run_helpers import SMALL


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.create(tmp_path / "run", RunInfo("a run", SMALL, 0.0))


def writer_of(run: Run) -> RunWriter:
    writer = RunWriter(run, lambda report: None)
    writer.go_to_checkpoint()
    return writer


def report(step: int, loss: float) -> Report:
    return Report(step, 1000, step / 32, loss, 0.5, 0.1, step, 1.0)


def state(step: int) -> State:
    facts = {"step": step, "epochs_done": 0, "recent": [0.0, 0.0, 0]}
    return State({"weights": np.full(3, step, np.float32)}, facts)


def rate(step: int, value: float) -> Change:
    return Change(step, step / 32, "learning_rate", value)


def kept_step(writer: RunWriter) -> int:
    found = writer.go_back()
    assert found is not None and found.arrays["weights"][0] == found.facts["step"]
    return int(found.facts["step"])


def test_a_change_that_explodes_leads_back_to_before_it(run: Run) -> None:
    writer = writer_of(run)
    writer.append([report(1, 2.3), report(40, 0.3)])
    writer.append([report(50, 0.3), rate(50, 3.0), report(51, 0.3)], state(50))
    size = writer.metrics.bytes
    # Right after the change all still looks well; then it does not, and is saved, too.
    writer.save(state(51))
    writer.append([report(60, 11349.0)])
    writer.save(state(60))
    assert kept_step(writer) == 50 and writer.metrics.bytes > size
    writer.close()
    # Going on, the curves end where the change was made.
    again = writer_of(run)
    lines = run.file("metrics.jsonl").read_text().splitlines()
    assert '"step":50' in lines[-1] and "change" not in lines[-1]
    assert not run.file("before_change.npz").exists() and not run.file("last_good.npz").exists()
    again.close()


def test_a_second_change_in_the_middle_of_an_explosion_is_no_place_to_go_back_to(run: Run) -> None:
    writer = writer_of(run)
    writer.append([report(1, 2.3), report(500, 0.2), rate(500, 3.0)], state(500))
    writer.append([report(800, 900.0), rate(800, 0.002)], state(800))
    writer.save(state(801))
    assert kept_step(writer) == 500
    writer.close()


def test_a_change_that_was_borne_for_long_is_not_blamed(run: Run) -> None:
    writer = writer_of(run)
    writer.append([report(1, 2.3), report(100, 0.3), rate(100, 0.02)], state(100))
    writer.append([report(900, 0.2)])
    writer.save(state(900))
    writer.append([report(950, 70.0)])
    writer.save(state(950))
    writer.append([report(951, 700.0)])
    writer.save(state(951))
    writer.close()
    # Another director goes on, and still knows.
    writer = writer_of(run)
    writer.append([report(952, 7000.0)])
    assert kept_step(writer) == 900
    writer.close()


def test_one_that_was_never_well_begins_anew(run: Run) -> None:
    writer = writer_of(run)
    writer.append([report(1, 2.3), report(30, 11349.0)])
    writer.save(state(30))
    assert writer.go_back() is None and run.checkpoint() is None
    writer.close()


def test_a_file_that_the_checkpoint_does_not_know_is_passed_over(run: Run) -> None:
    writer = writer_of(run)
    writer.append([report(1, 2.3)])
    writer.save(state(1))
    # Killed right after the change, before a checkpoint.
    writer.append([report(60, 0.5), rate(60, 3.0)], state(60))
    writer.close()
    writer = writer_of(run)
    assert not run.file("before_change.npz").exists()
    assert kept_step(writer) == 1
    writer.close()


def test_a_checkpoint_of_an_earlier_version_is_gone_back_to(run: Run) -> None:
    old = state(70)
    run.write_checkpoint(old.arrays, old.facts | {"metrics_bytes": 0})
    writer = writer_of(run)
    writer.append([report(71, float("inf"))])
    assert kept_step(writer) == 70
    writer.close()
