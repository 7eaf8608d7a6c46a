"""All runs of this computer, who owns them, and which a class shares. Names of folders are made here, never by input.

sessions/OWNER/RUN   the runs of one visitor; OWNER is made of a secret that only that visitor's browser has
classes/CLASS/RUN    a small file that points to a run whose maker shows it to a class
queue/               who may compute (`mnist_core.runs.slots`)
dataset/             the training images, unpacked once for all workers
"""

import hashlib
import os
import secrets
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import platformdirs

from mnist_core.errors import InputError
from mnist_core.files.atomic import reason, write_file
from mnist_core.runs.folder import Run, RunInfo, clean_name
from mnist_core.runs.slots import place_in_line, threads_for_a_worker
from mnist_core.training.config import TrainingConfig

MAX_RUNS = 100
PATIENCE = 0.1
MIN_FREE_BYTES = 200_000_000
FROM_PAGE = "DIGIT_WORKER_OF_A_PAGE"
"""Set for workers that a page started: they follow its wishes, and rest when nobody watches."""
PROJECT = Path(__file__).parent.parent.parent


def runs_folder() -> Path:
    """Where runs are kept: DIGIT_RUNS_DIR, or the user's data folder."""
    return Path(os.environ.get("DIGIT_RUNS_DIR") or platformdirs.user_data_path("digit-lab", appauthor=False) / "runs")


def idle_seconds() -> float:
    """After how long a run that nobody watches is paused: DIGIT_UNWATCHED_MINUTES, or 10 minutes."""
    try:
        minutes = float(os.environ.get("DIGIT_UNWATCHED_MINUTES", ""))
    except ValueError:
        minutes = 10.0
    return 60 * minutes if minutes > 0 else 600.0


def new_secret() -> str:
    """What a visitor's browser keeps to find its runs again: 22 characters that nobody can guess."""
    return secrets.token_urlsafe(16)


class RunStore:
    """The runs below one folder."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = (root or runs_folder()).absolute()

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
    ) -> Run:
        """A new run for the visitor with this secret, not yet started. Raises InputError if there is no room for it."""
        owner = _digest(secret)
        folder = self.root / "sessions" / owner
        if len(self.runs(secret)) >= MAX_RUNS:
            raise InputError(f"You have {MAX_RUNS} runs already; delete one first.")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(folder).free
        except OSError as error:
            raise InputError(f"Runs cannot be saved in {self.root}: {reason(error)}.") from None
        if free < MIN_FREE_BYTES:
            raise InputError(
                f"The disk is full: expected at least {MIN_FREE_BYTES // 10**6} MB free in {self.root}, "
                f"found {free // 10**6} MB."
            )
        # The time first, so that folders sort by age; then chance, so that no two are the same.
        identity = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        info = RunInfo(
            name=clean_name(name) or "run",
            config=config,
            created=time.time(),
            recipe=recipe,
            corrected=corrected,
            owner=owner,
            board=clean_name(board),
            nickname=clean_name(nickname),
            threads=threads_for_a_worker(),
        )
        run = Run.create(folder / identity, info)
        if info.board:
            try:
                pointers = self.root / "classes" / _digest(info.board.casefold())
                pointers.mkdir(parents=True, exist_ok=True)
                write_file(pointers / identity, owner.encode())
            except OSError as error:
                raise InputError(f"The run cannot be shown to the class: {reason(error)}.") from None
        return run

    def runs(self, secret: str) -> list[Run]:
        """The visitor's runs, the oldest first."""
        return _runs_in(self.root / "sessions" / _digest(secret))

    def of_class(self, board: str) -> list[Run]:
        """The runs that are shown to a class, the oldest first: to be looked at, not to be touched."""
        pointers = self.root / "classes" / _digest(clean_name(board).casefold())
        found = []
        for identity in _names(pointers):
            try:
                owner = (pointers / identity).read_text()
            except (OSError, UnicodeDecodeError):
                continue
            folder = self.root / "sessions" / owner / identity
            if _is_digest(owner) and folder.is_dir():
                found.append(Run(folder))
        return found

    def start(self, run: Run, span: str = "") -> None:
        """Let it train, or go on: a worker that waits is told to, otherwise one is started. Raises InputError."""
        if span not in ("", "step", "epoch"):
            raise InputError(f"span {span!r}: expected step, epoch or nothing.")
        run.watch()
        run.ask("run", span)  # type: ignore[arg-type]
        if not run.worker_lives(patience=PATIENCE):
            self._launch(run)

    def pause(self, run: Run) -> None:
        """Let it rest after the step that it is at. Raises InputError."""
        run.ask("pause")

    def stop(self, run: Run) -> None:
        """End it: its network is kept as it stands. Raises InputError."""
        run.ask("stop")
        if not run.worker_lives(patience=PATIENCE):
            # Somebody has to make the network of the last checkpoint.
            self._launch(run)

    def _launch(self, run: Run) -> None:
        command = [sys.executable, "-m", "mnist_core", "train", "--run", str(run.folder)]
        environment = os.environ | {"DIGIT_RUNS_DIR": str(self.root), FROM_PAGE: "1"}
        # Otherwise BLAS starts a thread for each core, in every waiting process too.
        environment |= {"OPENBLAS_NUM_THREADS": str(run.info.threads)}
        # Ctrl-C at the server is not meant for the workers.
        apart: dict[str, Any] = {"start_new_session": True}
        if os.name == "nt":
            apart = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}  # type: ignore[attr-defined, unused-ignore]
        try:
            with open(run.file("worker.log"), "wb") as log:
                process = subprocess.Popen(
                    command,
                    cwd=PROJECT,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    **apart,
                )
        except OSError as error:
            raise InputError(f"The training cannot be started: {reason(error)}.") from None
        # An ended process stays in the system's table until somebody asks how it ended.
        threading.Thread(target=process.wait, daemon=True).start()

    def delete(self, run: Run) -> None:
        """Remove a run for good; a worker that trains it ends by itself. Raises InputError."""
        trash = self.root / "deleted" / run.id
        if os.name == "nt":
            self._wait_for_end(run)
        try:
            trash.parent.mkdir(parents=True, exist_ok=True)
            run.folder.rename(trash)
        except OSError as error:
            raise InputError(f"The run cannot be deleted: {reason(error)}.") from None
        shutil.rmtree(trash, ignore_errors=True)
        for pointer in (self.root / "classes").glob(f"*/{run.id}"):
            pointer.unlink(missing_ok=True)
        for left in _names(trash.parent):
            # What a worker wrote while the folder was being removed.
            shutil.rmtree(trash.parent / left, ignore_errors=True)

    def _wait_for_end(self, run: Run) -> None:
        """Windows renames no folder in which a process has files open."""
        try:
            run.ask("stop")
        except InputError:
            return
        end = time.monotonic() + 10
        while run.worker_lives() and time.monotonic() < end:
            time.sleep(0.1)

    def place(self, run: Run) -> int:
        """The run's place among those that wait for the processor: 1 for the next one, 0 if it does not wait."""
        status = run.status
        return place_in_line(self.root / "queue", status.ticket) if status.state == "waiting" and status.ticket else 0


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32]


def _is_digest(text: str) -> bool:
    return len(text) == 32 and all(letter in "0123456789abcdef" for letter in text)


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _runs_in(folder: Path) -> list[Run]:
    return [Run(folder / name) for name in _names(folder) if not name.startswith(".")]
