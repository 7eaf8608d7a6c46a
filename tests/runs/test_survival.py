"""What a class must not lose: processes are killed, hang, or find the disk full, and the runs end as if nothing was."""

import contextlib
import dataclasses
import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mnist_core.data.dataset import load_mnist
from mnist_core.nn import Network
from mnist_core.reading import weights
from mnist_core.runs import direct
from mnist_core.runs.curves_file import FIELDS, Curves, report_every
from mnist_core.runs.folder import Run
from mnist_core.runs.store import RunStore
from mnist_core.training.config import TrainingConfig
from mnist_core.training.trainer import Trainer
from tests.run_helpers import SECRET, SMALL, director_of, end_director, last_step, lives, state, steps, wait, workers_of
from tests.servers import ROOT

pytestmark = pytest.mark.slow
CONFIG = dataclasses.replace(SMALL, epochs=300)
EVERY = report_every(300 * 32)
Points = dict[float, tuple[float, ...]]
TOLD = [name for name in FIELDS if name != "seconds"]


def points(columns: dict[str, list[float]]) -> Points:
    """All that the curves say but the time, by the step; repr makes NaN equal to itself."""
    rows = zip(*(map(float, columns[name]) for name in TOLD), strict=True)
    return {row[0]: row for row in rows if row[0] > EVERY}


@dataclasses.dataclass(frozen=True)
class Undisturbed:
    network: Network
    points: Points


@pytest.fixture(scope="module")
def undisturbed() -> Undisturbed:
    """What the training gives when nothing happens to it."""
    trainer = Trainer(CONFIG, load_mnist())
    columns: dict[str, list[float]] = {name: [] for name in FIELDS}
    for report in trainer.run(EVERY):
        for name in FIELDS:
            columns[name].append(getattr(report, name))
    return Undisturbed(trainer.trained, points(columns))


@pytest.fixture(autouse=True)
def two_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGIT_WORKERS", "2")


def start_two(store: RunStore, config: TrainingConfig = CONFIG) -> list[Run]:
    """Two runs, one in each worker, each with a checkpoint and with steps that came after it."""
    runs = [store.create(SECRET, config, name) for name in "ab"]
    for run in runs:
        store.start(run)
    for run in runs:
        wait(lambda run=run: run.checkpoint() is not None and last_step(run) > saved_step(run) > 0, 60)  # type: ignore[misc]
    return runs


def saved_step(run: Run) -> int:
    checkpoint = run.checkpoint()
    return 0 if checkpoint is None else int(checkpoint[1]["step"])


def mark(run: Run) -> bytes:
    """The first line of the curves, which is another one whenever they are taken back to the checkpoint."""
    return run.file("metrics.jsonl").read_bytes().partition(b"\n")[0]


def kill(*processes: int) -> None:
    for pid in processes:
        os.kill(pid, signal.SIGKILL)


def goes_on(run: Run, before: bytes, saved: int) -> bool:
    return mark(run) != before and last_step(run) > saved


def assert_as_if_nothing_was(run: Run, expected: Undisturbed) -> None:
    """The run ends with the same network, bit for bit, and with the same points."""
    assert run.info.threads == 1
    wait(lambda: state(run) == "finished" and not run.is_held(), 90)
    network, _ = weights.load("network", run.folder)
    pairs = zip(expected.network.arrays(), network.arrays(), strict=True)
    assert all(a.tobytes() == b.tobytes() for (_, a), (_, b) in pairs)
    told = steps(run)
    assert told == sorted(set(told)) and told[0] == 1
    curves = Curves(run.file("metrics.jsonl"))
    curves.read()
    found = points(curves.columns)
    assert list(found) == list(expected.points)
    different = [step for step in found if repr(found[step]) != repr(expected.points[step])]
    assert different == []


def test_the_runs_of_a_killed_worker_go_on(store: RunStore, undisturbed: Undisturbed) -> None:
    runs = start_two(store)
    director = director_of(store.root)
    victim, survivor = workers_of(director)
    before = {run.id: (mark(run), saved_step(run)) for run in runs}
    kill(victim)
    wait(lambda: any(goes_on(run, *before[run.id]) for run in runs))
    wait(lambda: len(workers_of(director)) == 2)
    assert survivor in workers_of(director) and director_of(store.root) == director
    for run in runs:
        assert_as_if_nothing_was(run, undisturbed)


def test_another_director_takes_over(store: RunStore, undisturbed: Undisturbed) -> None:
    runs = start_two(store)
    director = director_of(store.root)
    workers = workers_of(director)
    before = {run.id: (mark(run), saved_step(run)) for run in runs}
    # One of them may be between a checkpoint and the next, and loses what it computed in between: two seconds on a
    # machine at rest.
    kill(director)
    for run in runs:
        curves = Curves(run.file("metrics.jsonl"))
        curves.read()
        times = dict(zip(curves.columns["step"], curves.columns["seconds"], strict=True))
        kept = max((times[step] for step in times if step <= saved_step(run)), default=0.0)
        assert max(times.values()) - kept < 10
    wait(lambda: direct.lives(store.root))
    wait(lambda: director_of(store.root) != director)
    wait(lambda: not any(map(lives, workers)))
    for run in runs:
        wait(lambda run=run: goes_on(run, *before[run.id]))  # type: ignore[misc]
        assert_as_if_nothing_was(run, undisturbed)


def in_a_process_of_its_own(store: RunStore, code: str) -> None:
    environment = os.environ | {"DIGIT_RUNS_DIR": str(store.root)}
    code = f"from mnist_core.runs import RunStore; store = RunStore(); {code}"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, timeout=60)


def test_after_a_restart_of_the_machine_the_runs_go_on(store: RunStore, undisturbed: Undisturbed) -> None:
    runs = [store.create(SECRET, CONFIG, name) for name in "ab"]
    # This process must not watch over them: it is no web server, and would start another director.
    in_a_process_of_its_own(store, f"[store.start(run) for run in store.runs({SECRET!r})]")
    for run in runs:
        wait(lambda run=run: last_step(run) > saved_step(run) > 0, 60)  # type: ignore[misc]
    director = director_of(store.root)
    processes = [director, *workers_of(director)]
    assert len(processes) == 3
    kill(*processes)
    wait(lambda: not any(map(lives, processes)))
    time.sleep(1.5)
    assert not direct.lives(store.root) and {state(run) for run in runs} == {"interrupted"}
    assert not os.listdir(store.root / "director" / "inbox") and len(store.requests.noted()) == 2
    in_a_process_of_its_own(store, "store.be_ready()")
    for run in runs:
        assert_as_if_nothing_was(run, undisturbed)


def test_a_worker_that_hangs_is_ended_and_its_run_says_why(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, undisturbed: Undisturbed
) -> None:
    monkeypatch.setenv("DIGIT_SLICE_SECONDS", "5")
    runs = start_two(store)
    director = director_of(store.root)
    hanging = workers_of(director)[0]
    os.kill(hanging, signal.SIGSTOP)
    wait(lambda: any(state(run) == "failed" for run in runs))
    failed, other = sorted(runs, key=lambda run: state(run) != "failed")
    assert "took longer than 5 s" in failed.status.message and state(other) in ("training", "measuring", "finished")
    wait(lambda: not lives(hanging) and len(workers_of(director)) == 2)
    assert saved_step(failed) > 0
    assert_as_if_nothing_was(other, undisturbed)
    store.start(failed)
    assert_as_if_nothing_was(failed, undisturbed)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 80 MB in memory; skipped where that cannot be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=80m", "tmpfs", str(place)]
    with contextlib.suppress(FileNotFoundError):
        if subprocess.run(command, capture_output=True, check=False).returncode == 0:
            yield place
            end_director(place / "runs")
            # Whoever watches over the runs may be looking whether they are still there.
            wait(lambda: subprocess.run(["umount", str(place)], capture_output=True, check=False).returncode == 0)
            return
    pytest.skip("this user cannot mount a file system")


def cpu_seconds(*processes: int) -> float:
    fields = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in processes)
    return sum(int(own[11]) + int(own[12]) for own in fields) / os.sysconf("SC_CLK_TCK")


def fill(path: Path) -> None:
    """Not a byte is left."""
    with open(path, "wb", buffering=0) as file, contextlib.suppress(OSError):
        for size in (1 << 16, 1):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)):
                    pass


def test_a_full_disk_ends_a_run_once_and_it_goes_on_when_there_is_room(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch, undisturbed: Undisturbed
) -> None:
    monkeypatch.setenv("DIGIT_MIN_FREE_MB", "0")
    store = RunStore(small_disk / "runs")
    run, other = start_two(store)
    director = director_of(store.root)
    fill(small_disk / "filler")
    for own in (run, other):
        wait(lambda own=own: own.written_status().state == "failed")  # type: ignore[misc]
        assert "No space left on device" in own.status.message and "What was saved before is kept" in own.status.message
    said = run.file("status.json").stat().st_mtime_ns
    workers = workers_of(director)
    before, before_workers = cpu_seconds(director), cpu_seconds(*workers)
    time.sleep(3)
    assert cpu_seconds(director) - before < 0.6 and cpu_seconds(*workers) - before_workers < 0.3
    assert run.file("status.json").stat().st_mtime_ns == said and state(run) == "failed"
    assert saved_step(run) > 0 and director_of(store.root) == director
    (small_disk / "filler").unlink()
    for own in (run, other):
        store.start(own)
    for own in (run, other):
        assert_as_if_nothing_was(own, undisturbed)
    assert not list(store.root.rglob("*.part"))


def handles(*processes: int) -> list[int]:
    """How many files, pipes and sockets each process has open."""
    return [len(os.listdir(f"/proc/{pid}/fd")) for pid in processes]


def test_nothing_is_left_of_runs_that_were_deleted(store: RunStore) -> None:
    long = dataclasses.replace(SMALL, epochs=10_000)
    store.be_ready()
    director = director_of(store.root)

    def start_and_delete(count: int) -> None:
        runs = [store.create(SECRET, long, str(number)) for number in range(count)]
        for run in runs:
            store.start(run)
        for run in runs:
            wait(lambda run=run: last_step(run) > 0)  # type: ignore[misc]
        for run in runs:
            store.delete(run)

    start_and_delete(4)
    wait(lambda: store.requests.noted() == [])
    workers = workers_of(director)
    # The list is written a moment before the last runs are let go.
    time.sleep(0.5)
    before = handles(director, *workers)
    start_and_delete(20)
    wait(lambda: store.requests.noted() == [])
    wait(lambda: handles(director, *workers) == before)
    assert director_of(store.root) == director and workers_of(director) == workers
    left = {path.relative_to(store.root).parts[0] for path in store.root.rglob("*") if path.is_file()}
    assert left <= {"director", "dataset"}
    assert not list(store.root.rglob("*.part")) and not os.listdir(store.root / "director" / "inbox")
    assert not list(itertools.chain(store.root.glob("sessions/*/*"), store.root.glob("deleted/*")))
