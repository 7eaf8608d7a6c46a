"""All runs of this computer, who owns them, and which a class shares. Names of folders are made here, never by input.

sessions/OWNER/RUN   the runs of one visitor; OWNER is made of a secret that only that visitor's browser has
classes/             classes, and which runs are shown to them (`mnist_core.runs.class_files`)
tries/               how often codes were tried, and classes opened, lately (`mnist_core.runs.tries`)
director/            requests to the director, and which runs are going (`mnist_core.runs.requests`)
dataset/             the datasets, unpacked once for all pages and workers
"""

import math
import os
import secrets
import shutil
import time
from pathlib import Path

import platformdirs

from mnist_core.data.class_names import TEN_DIGITS
from mnist_core.data.dataset import Dataset
from mnist_core.data.registry import USUAL, load_shared
from mnist_core.errors import InputError
from mnist_core.files.atomic import reason
from mnist_core.nn.network import plan_network
from mnist_core.runs import direct, limits
from mnist_core.runs.classes import Classes
from mnist_core.runs.first_state import FirstState, write_first
from mnist_core.runs.folder import Run
from mnist_core.runs.lesson_files import teaching_of, write_lesson
from mnist_core.runs.names import digest, names_in
from mnist_core.runs.requests import Requests
from mnist_core.runs.run_images import about_dataset
from mnist_core.runs.run_records import ACTIVE, ENDED, RunInfo, clean_name
from mnist_core.teaching.lesson import Lesson
from mnist_core.teaching.taught import dataset_of
from mnist_core.training.config import TrainingConfig

COUNT_SECONDS = 5.0
_sizes: dict[Path, tuple[float, int]] = {}
"""When the files of all runs below a folder were counted last, and how many bytes they took."""


def runs_folder() -> Path:
    """Where runs are kept: DIGIT_RUNS_DIR, or the user's data folder."""
    return Path(os.environ.get("DIGIT_RUNS_DIR") or platformdirs.user_data_path("digit-lab", appauthor=False) / "runs")


def new_secret() -> str:
    """What a visitor's browser keeps to find its runs again: 22 characters that nobody can guess."""
    return secrets.token_urlsafe(16)


class RunStore:
    """The runs below one folder."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = (root or runs_folder()).absolute()
        self.datasets = self.root / "dataset"
        self.requests = Requests(self.root)
        self.classes = Classes(self.root)

    def create(
        self,
        secret: str,
        config: TrainingConfig,
        name: str,
        *,
        recipe: str = "",
        corrected: bool = False,
        board: str = "",
        nickname: str = "",
        dataset: str = USUAL,
        images: Dataset | None = None,
        lesson: Lesson | None = None,
        start: FirstState | None = None,
        purpose: str = "",
    ) -> Run:
        """A new run for the visitor with this secret, not yet started. Raises InputError if there is no room for it.

        board: the id of the class that it is shown to, "" for none; the visitor must be a member. dataset: the name of
        what it learns from; images: these themselves, if they are no dataset that workers find by that name. lesson:
        what it teaches a network, with settings of `lesson_config`; the dataset is then what that network knows.
        start: the network that it goes on from, instead of new weights.
        purpose: see `RunInfo`.
        """
        owner = digest(secret)
        folder = self.root / "sessions" / owner
        most = int(limits.RUNS.value())
        if len(self.runs(secret)) >= most:
            raise InputError(f"You have {most} runs already; delete one first.")
        self._check_folders(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(folder).free
        except OSError as error:
            raise InputError(f"Runs cannot be saved in {self.root}: {reason(error)}.") from None
        least = int(limits.MIN_FREE_MB.value())
        if free < least * 10**6:
            raise InputError(
                f"The disk is full: expected at least {least} MB free in {self.root}, found {free // 10**6} MB."
            )
        if lesson is not None and dataset == USUAL:
            dataset = dataset_of(lesson)
        if images is not None:
            classes, mark = images.classes, ""
        elif dataset == USUAL and not os.environ.get("MNIST_DIR"):
            classes, mark = TEN_DIGITS, ""
        else:
            classes, mark = about_dataset(dataset, self.datasets)
        if lesson is not None:
            classes = lesson.card.class_names
        # The time first, so that folders sort by age; then chance, so that no two are the same.
        identity = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        info = RunInfo(
            name=clean_name(name) or "run",
            config=config,
            created=time.time(),
            recipe=recipe,
            corrected=corrected,
            owner=owner,
            board=board,
            nickname=clean_name(nickname),
            threads=_threads(config),
            start="" if start is None else clean_name(start.title),
            dataset=dataset,
            classes=() if classes == TEN_DIGITS else classes,
            fingerprint=mark,
            teaching=teaching_of(lesson),
            purpose=purpose,
        )

        first = None
        if start is not None:
            learned = load_shared(self.datasets, dataset) if images is None else images
            first = start.state(config, info.threads, learned)

        def fill(new: Run) -> None:
            if lesson is not None:
                write_lesson(new, lesson)
            if first is not None:
                write_first(new, first)

        run = Run.create(folder / identity, info, images, fill)
        if board:
            self.classes.runs.show(board, secret, run)
        return run

    def runs(self, secret: str) -> list[Run]:
        """The visitor's runs, the oldest first."""
        return _runs_in(self.root / "sessions" / digest(secret))

    def of_class(self, board: str) -> list[Run]:
        """The runs that are shown to a class, the oldest first: to be looked at, not to be touched."""
        return self.classes.runs.of(board)

    def pause_class(self, board: str, teacher: str) -> int:
        """Pause what the class is training; returns how many runs. Raises InputError for a wrong secret."""
        self.classes.check_teacher(board, teacher)
        paused = []
        for run in self.of_class(board):
            try:
                if run.status.state in ACTIVE:
                    self.pause(run)
                    paused.append(run.id)
            except InputError:
                # Deleted at this moment, or damaged: there is nothing to pause.
                continue
        self.classes.orders.note_paused(board, teacher, paused)
        return len(paused)

    def resume_class(self, board: str, teacher: str) -> int:
        """Let what `pause_class` has paused go on, unless its owner has seen to it since. Raises InputError."""
        noted = set(self.classes.orders.paused(board, teacher))
        count = 0
        for run in self.of_class(board):
            try:
                if run.id in noted and run.control.command == "pause" and run.status.state not in ENDED:
                    self.start(run)
                    count += 1
            except InputError:
                continue
        self.classes.orders.note_paused(board, teacher, [])
        return count

    def start(self, run: Run, span: str = "") -> None:
        """Let it train, or go on. Raises InputError."""
        if span not in ("", "step", "epoch"):
            raise InputError(f"span {span!r}: expected step, epoch or nothing.")
        self._check_room(run)
        run.watch()
        run.ask("run", span)  # type: ignore[arg-type]
        self._call(run)

    def _check_folders(self, own: Path) -> None:
        """Raise InputError if the visitor's runs, or all runs, take too much of the disk."""
        if (size := limits.folder_bytes(own)) > limits.VISITOR_MB.value() * 1e6:
            raise InputError(
                f"Your runs take {limits.megabytes(size)}; at most {limits.VISITOR_MB.value():,.0f} MB are allowed. "
                "Delete one first."
            )
        if (size := self._bytes_of_all()) > limits.RUNS_MB.value() * 1e6:
            raise InputError(
                f"All runs together take {limits.megabytes(size)}; at most {limits.RUNS_MB.value():,.0f} MB are "
                "allowed."
            )

    def _bytes_of_all(self) -> int:
        """Bytes of all runs; counted at most every few seconds, since there may be many files."""
        counted, size = _sizes.get(self.root, (-math.inf, 0))
        if time.monotonic() - counted > COUNT_SECONDS:
            size = limits.folder_bytes(self.root / "sessions")
            _sizes[self.root] = time.monotonic(), size
        return size

    def _check_room(self, run: Run) -> None:
        """Raise InputError if so many runs are going that this one cannot."""
        run.check_exists()
        going = self.requests.noted()
        if any(other.id == run.id for other in going):
            return
        own, most = run.folder.parent, int(limits.GOING.value())
        if sum(other.folder.parent == own for other in going) >= most:
            raise InputError(f"{most} of your runs are going already; pause or stop one first.")
        most = int(limits.GOING_IN_ALL.value())
        if len(going) >= most and all(other.unwatched_seconds() <= limits.WATCHED_SECONDS for other in going):
            raise InputError(f"{most} runs are going already, and all are watched; try again in a minute.")
        size, largest = plan_network(run.info.config.layers).size, limits.PARAMETERS_IN_ALL.value()
        if going and self.requests.noted_parameters() + size > largest:
            raise InputError(
                f"The networks that are being trained have {self.requests.noted_parameters():,} numbers to learn, and "
                f"this one {size:,}; at most {largest:,.0f} in all are allowed. Pause or stop one first."
            )

    def pause(self, run: Run) -> None:
        """Let it rest after the step that it is at. Raises InputError."""
        run.ask("pause")

    def stop(self, run: Run) -> None:
        """End it: its network is kept as it stands. Raises InputError."""
        run.ask("stop")
        # Somebody has to make the network of the last checkpoint.
        self._call(run)

    def _call(self, run: Run) -> None:
        """Have the director look at a run; start one if there is none."""
        try:
            self.requests.put(run)
        except OSError as error:
            raise InputError(f"The training cannot be started: {reason(error)}.") from None
        direct.launch(self.root)
        direct.watch_over(self.root)

    def be_ready(self) -> None:
        """Start the director now, so that the first Start is quick, and see to it that one lives from now on."""
        try:
            direct.launch(self.root)
        except InputError:
            # It is told when somebody presses Start.
            return
        direct.watch_over(self.root)

    def delete(self, run: Run) -> None:
        """Remove a run for good; whoever trains it lets go by itself. Raises InputError."""
        trash = self.root / "deleted" / run.id
        if os.name == "nt":
            self._wait_for_end(run)
        try:
            trash.parent.mkdir(parents=True, exist_ok=True)
            run.folder.rename(trash)
        except OSError as error:
            raise InputError(f"The run cannot be deleted: {reason(error)}.") from None
        shutil.rmtree(trash, ignore_errors=True)
        self.classes.runs.forget(run)
        for left in names_in(trash.parent):
            # What was written while the folder was being removed.
            shutil.rmtree(trash.parent / left, ignore_errors=True)

    def _wait_for_end(self, run: Run) -> None:
        """Windows renames no folder in which a process has files open."""
        try:
            run.ask("stop")
        except InputError:
            return
        end = time.monotonic() + 10
        while run.is_held() and time.monotonic() < end:
            time.sleep(0.1)


def _threads(config: TrainingConfig) -> int:
    """In how many shares a run computes its batches: settled when it is made, since other shares give other bits.

    Convolutions are shared by all cores. Dense layers are not: BLAS would need its own threads for them, and gives
    other bits for another number of threads.
    """
    plan = plan_network(config.layers)
    into = zip(plan.layers, plan.shapes, strict=False)
    pictures = any(len(shape) == 3 and layer.parameter_shapes(shape) for layer, shape in into)
    return (os.cpu_count() or 1) if pictures else 1


def _runs_in(folder: Path) -> list[Run]:
    return [Run(folder / name) for name in names_in(folder) if not name.startswith(".")]
