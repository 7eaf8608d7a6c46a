"""A Dask cluster of real processes computes runs: workers come and go, and the network is the same bit for bit."""

import contextlib
import dataclasses
import gzip
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mnist_core.data.dataset import BUNDLED, load_mnist
from mnist_core.data.registry import fingerprint
from mnist_core.errors import InputError
from mnist_core.reading import weights
from mnist_core.runs.cluster import ClusterWorkers
from mnist_core.runs.cluster_worker import TRIM
from mnist_core.runs.director import Director
from mnist_core.runs.folder import Run
from mnist_core.runs.requests import Requests
from mnist_core.runs.slices import Slice
from mnist_core.runs.store import RunStore
from mnist_core.runs.workers import Answer
from mnist_core.training.trainer import Trainer
from pages.components.train.live_run import look_of_state, may_change
from tests.run_helpers import SECRET, SMALL, director_of, end_director, state, steps, wait
from tests.servers import ROOT

LAYERS = ("flatten", "dense 32", "relu", "dropout 0.3", "dense 10")
LONGER = dataclasses.replace(SMALL, layers=LAYERS, epochs=60)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Cluster:
    """A scheduler and workers, each a process that can be ended at any time."""

    def __init__(self, folder: Path, address: str = "") -> None:
        self.address = address or f"tcp://127.0.0.1:{free_port()}"
        self._folder = folder
        self.workers: list[subprocess.Popen[bytes]] = []
        self.scheduler = self.start_scheduler()

    def _start(self, *words: str, **environment: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "dask", *words, "--no-dashboard"]
        with open(self._folder / "log", "ab") as log:
            return subprocess.Popen(
                command, cwd=ROOT, env=os.environ | environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def start_scheduler(self) -> "subprocess.Popen[bytes]":
        port = int(self.address.rpartition(":")[2])
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", str(port))

        def answers() -> bool:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return True
            return False

        wait(answers)
        return self.scheduler

    def add(self, **environment: str) -> "subprocess.Popen[bytes]":
        words = (self.address, "--no-nanny", "--nthreads", "1", "--memory-limit", "0", "--host", "127.0.0.1")
        self.workers.append(
            self._start("worker", *words, "--local-directory", str(self._folder / "scratch"), **environment)
        )
        return self.workers[-1]

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait(10)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path)
    yield cluster
    cluster.close()


@pytest.fixture
def executor(cluster: Cluster) -> Iterator[ClusterWorkers]:
    workers = ClusterWorkers(cluster.address)
    yield workers
    workers.close()


class Directing:
    """A director in a thread of this process."""

    def __init__(self, root: Path, workers: ClusterWorkers) -> None:
        Requests(root).lock_file.parent.mkdir(parents=True, exist_ok=True)
        self.director = Director(root, workers, 600)
        self.turns = 0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def _work(self) -> None:
        while not self._stopped.is_set():
            self.director.work()
            self.turns += 1

    def __enter__(self) -> "Directing":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()
        self.director.close()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()


def ask_for(store: RunStore, run: Run) -> None:
    """Have a run computed, without the director's process that `RunStore.start` would start."""
    run.ask("run")
    store.requests.put(run)


def check_network(run: Run) -> None:
    """It is bit for bit the network of an undisturbed training."""
    network, _ = weights.load("network", run.folder)
    alone = Trainer(run.info.config, load_mnist(), run.info.threads)
    list(alone.run())
    assert all(
        a.tobytes() == b.tobytes() for (_, a), (_, b) in zip(alone.network.arrays(), network.arrays(), strict=True)
    )
    assert steps(run) == sorted(set(steps(run))) and steps(run)[-1] == alone.step


@pytest.mark.slow
def test_a_run_trains_to_the_end_on_a_cluster(tmp_path: Path, cluster: Cluster, executor: ClusterWorkers) -> None:
    store = RunStore(tmp_path / "runs")
    run = store.create(SECRET, dataclasses.replace(SMALL, epochs=3), "first")
    cluster.add()
    with Directing(store.root, executor):
        ask_for(store, run)
        wait(lambda: state(run) == "finished")
    check_network(run)


@pytest.mark.slow
def test_without_a_scheduler_runs_say_why_they_wait_and_go_on_when_it_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"tcp://127.0.0.1:{free_port()}"
    monkeypatch.setenv("DIGIT_CLUSTER", address)
    store = RunStore(tmp_path / "runs")
    run, other, paused = (
        store.create(SECRET, dataclasses.replace(SMALL, epochs=3, seed=seed), f"run {seed}") for seed in range(3)
    )
    cluster = None
    try:
        store.start(run)
        store.start(paused)
        store.pause(paused)
        sentence = f"no Dask scheduler answers at {address}; start one there."
        wait(lambda: sentence in run.status.message)
        assert run.status.state == "interrupted" and may_change(run.status)
        assert look_of_state(run.status)[0] == "Waiting"
        director = director_of(store.root)
        # The same director also tells a run that comes later, and one that is asked once more.
        store.start(other)
        store.start(run, "step")
        assert state(run) == state(other) == "waiting"
        wait(lambda: all(sentence in each.status.message for each in (run, other)))
        assert state(paused) == "paused" and director_of(store.root) == director
        store.start(run)
        cluster = Cluster(tmp_path, address)
        cluster.add()
        wait(lambda: state(run) == state(other) == "finished", 60)
        assert run.status.message == "" and state(paused) == "paused" and director_of(store.root) == director
        log = (store.root / "director" / "log").read_text()
        assert log.count(sentence) == 1 and "Traceback" not in log
    finally:
        end_director(store.root)
        if cluster is not None:
            cluster.close()


@pytest.mark.slow
def test_a_killed_worker_costs_seconds_and_changes_nothing(
    tmp_path: Path, cluster: Cluster, executor: ClusterWorkers
) -> None:
    store = RunStore(tmp_path / "runs")
    runs = [store.create(SECRET, dataclasses.replace(LONGER, seed=seed), f"run {seed}") for seed in range(2)]
    killed = cluster.add()
    cluster.add()
    wait(lambda: len(executor.names()) == 2)
    with Directing(store.root, executor) as directing:
        for run in runs:
            ask_for(store, run)
        wait(lambda: all(len(steps(run)) > 100 for run in runs))
        going = [directing.director.going[run.id] for run in runs]
        killed.kill()
        wait(lambda: len(executor.names()) == 1 and {each.worker for each in going} == set(executor.names()))
        # They are back at their checkpoints, and go on from there.
        before = [each.computed for each in going]
        wait(lambda: all(each.computed > seconds for each, seconds in zip(going, before, strict=True)))
        wait(lambda: all(state(run) == "finished" for run in runs), 120)
    for run in runs:
        check_network(run)


@pytest.mark.slow
def test_a_worker_that_joins_later_is_used_and_the_scheduler_may_vanish(
    tmp_path: Path, cluster: Cluster, executor: ClusterWorkers, capfd: pytest.CaptureFixture[str]
) -> None:
    store = RunStore(tmp_path / "runs")
    runs = [store.create(SECRET, dataclasses.replace(LONGER, seed=seed), f"run {seed}") for seed in range(2)]
    with Directing(store.root, executor) as directing:
        for run in runs:
            ask_for(store, run)
        time.sleep(1)
        assert directing.alive and all(state(run) == "waiting" for run in runs)
        cluster.add()
        wait(lambda: all(state(run) == "training" for run in runs))
        cluster.add()
        wait(lambda: len({going.worker for going in directing.director.going.values()}) == 2)
        wait(lambda: all(run.checkpoint() is not None for run in runs))

        cluster.scheduler.kill()
        cluster.scheduler.wait()
        wait(lambda: executor.names() == [])
        # Told of the loss, it goes on looking for other things, but not more often than before.
        before, moment = directing.turns, time.monotonic()
        time.sleep(2)
        assert directing.alive and 1 < directing.turns - before < 80 * (time.monotonic() - moment)
        wait(lambda: all("does not answer" in run.status.message and may_change(run.status) for run in runs))
        assert all(look_of_state(run.status)[0] == "Waiting" for run in runs)
        for worker in cluster.workers:
            worker.kill()
        cluster.start_scheduler()
        cluster.add()
        wait(lambda: all(run.status.message == "" for run in runs), 30)
        wait(lambda: all(state(run) == "finished" for run in runs), 120)
    for run in runs:
        check_network(run)
    assert "is lost" in (log := capfd.readouterr().err) and "is back" in log


@pytest.mark.slow
def test_a_hung_worker_is_ended(cluster: Cluster, executor: ClusterWorkers, tmp_path: Path) -> None:
    run = RunStore(tmp_path / "runs").create(SECRET, LONGER, "first")
    hung, stopped = cluster.add(), cluster.add()
    wait(lambda: len(executor.names()) == 2)
    names = executor.names()
    for name in names:
        # As if this one slice never came to its end.
        executor.submit(name, Slice(run.id, run.info, begin=True, seconds=1000))
    time.sleep(1)
    stopped.send_signal(signal.SIGSTOP)
    for name in names:
        executor.kill(name)
    answers: list[Answer] = [executor.answers.get(timeout=30) for _ in names]
    assert {answer.worker for answer in answers} == set(names)
    assert all(answer.result is None and answer.order is not None for answer in answers)
    hung.wait(10)
    time.sleep(1)
    assert executor.names() == [] and executor.answers.empty()


@pytest.mark.slow
def test_a_slow_worker_is_told_of_and_a_wrong_one_is_refused(
    cluster: Cluster, executor: ClusterWorkers, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    log = ""

    def logged(words: str) -> bool:
        nonlocal log
        log += capfd.readouterr().err
        return words in log

    cluster.add(**{TRIM: "65536"})
    wait(lambda: len(executor.names()) == 1)
    wait(lambda: logged("Start it with --no-nanny"))
    cluster.add(MNIST_DIR=str(tmp_path / "nothing"))
    wait(lambda: logged("is not used"))
    assert "Traceback" not in log and len(executor.names()) == 1


def test_another_version_or_other_digits_are_refused() -> None:
    workers = ClusterWorkers.__new__(ClusterWorkers)
    own: dict[str, str | None] = {"mnist_core": "a", "numpy": "2.0", "dataset": "b", TRIM: None}
    workers._own = own
    assert workers._unfit(dict(own)) == ""
    assert "another version of mnist_core" in workers._unfit(own | {"mnist_core": "c"})
    assert "it has NumPy 1.0, but the director has 2.0" in workers._unfit(own | {"numpy": "1.0"})
    assert "MNIST_DIR" in workers._unfit(own | {"dataset": "c"})


@pytest.mark.slow
def test_digits_are_the_same_zipped_or_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in BUNDLED.glob("*-ubyte.gz"):
        (tmp_path / path.stem).write_bytes(gzip.decompress(path.read_bytes()))
    here = fingerprint()
    monkeypatch.setenv("MNIST_DIR", str(tmp_path))
    assert fingerprint() == here
    labels = tmp_path / "t10k-labels-idx1-ubyte"
    labels.write_bytes(labels.read_bytes()[:-1] + b"\0")
    assert fingerprint() != here


@pytest.mark.parametrize("address", ["8786", "http://here:8786", "tcp://here", "tcp://here:port", "tcp:// :1", "a b"])
def test_a_wrong_address_is_refused_in_one_sentence(address: str) -> None:
    with pytest.raises(InputError, match="DIGIT_CLUSTER: expected tcp://HOST:PORT"):
        ClusterWorkers(address)


@pytest.mark.slow
def test_nobody_at_the_address_and_no_package_are_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="no Dask scheduler answers at tcp://127.0.0.1:"):
        ClusterWorkers(f"tcp://127.0.0.1:{free_port()}")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match="distributed is not installed: pip install -r requirements-cluster.txt"):
        ClusterWorkers("tcp://127.0.0.1:8786")


@pytest.mark.slow
def test_the_director_command_says_so_too(tmp_path: Path) -> None:
    environment = os.environ | {"DIGIT_CLUSTER": f"tcp://127.0.0.1:{free_port()}", "DIGIT_RUNS_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "mnist_core", "direct"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "no Dask scheduler answers" in done.stderr and "Traceback" not in done.stderr
