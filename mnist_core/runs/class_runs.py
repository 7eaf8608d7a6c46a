"""Which runs are shown to a class. A run stays in its maker's folder; the class has a small file that points to it."""

import contextlib

from mnist_core.errors import InputError
from mnist_core.files.atomic import reason, write_file
from mnist_core.runs.class_files import ID, ClassFiles
from mnist_core.runs.folder import Run
from mnist_core.runs.names import RUN_NAME, digest, is_digest, names_in

MAX_RUNS = 500
"""The most runs of a class that are looked at, the newest ones."""


class ClassRuns:
    """The runs that are shown to classes."""

    def __init__(self, files: ClassFiles) -> None:
        self._files = files

    def show(self, identity: str, visitor: str, run: Run) -> None:
        """Show a member's run to the class. A class that is closed, or that the visitor is not in, gets nothing.

        Raises InputError if it cannot be written.
        """
        info = self._files.find(identity)
        if info is None or info.closed or digest(visitor) not in self._files.members(identity):
            return
        try:
            write_file(self._files.of(identity, "runs", run.id), digest(visitor).encode())
        except OSError as error:
            raise InputError(f"The run cannot be shown to the class: {reason(error)}.") from None

    def of(self, identity: str) -> list[Run]:
        """The runs that are shown to a class, the oldest first."""
        if not ID.fullmatch(identity):
            return []
        pointers = self._files.of(identity, "runs")
        found = []
        for name in [name for name in names_in(pointers) if RUN_NAME.fullmatch(name)][-MAX_RUNS:]:
            try:
                owner = (pointers / name).read_text(encoding="ascii")
            except (OSError, UnicodeDecodeError):
                continue
            folder = self._files.root / "sessions" / owner / name
            if is_digest(owner) and folder.is_dir():
                found.append(Run(folder))
        return found

    def remove(self, identity: str, teacher: str, run: str) -> None:
        """Take a run off the board; it stays its maker's. Raises InputError unless `teacher` is the secret."""
        self._files.check_teacher(identity, teacher)
        if RUN_NAME.fullmatch(run):
            with contextlib.suppress(OSError):
                self._files.of(identity, "runs", run).unlink()

    def forget(self, run: Run) -> None:
        """A run was deleted: no class shows it any more."""
        for identity in self._files.ids():
            self._files.of(identity, "runs", run.id).unlink(missing_ok=True)
