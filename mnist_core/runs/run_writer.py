"""The large files of a run that is going, as its director writes them: curves, checkpoints, and the look inside."""

import time
from collections.abc import Callable

from mnist_core.errors import InputError
from mnist_core.files.atomic import write_file
from mnist_core.runs.curves_file import MetricsWriter
from mnist_core.runs.folder import Run
from mnist_core.runs.kept_states import KeptStates
from mnist_core.runs.slices import Change, State
from mnist_core.training.report import Report

CHECKPOINT_SECONDS = 1.5
FEW = 10
SECONDS_FOR_EACH = 0.25
"""With more runs than FEW, checkpoints of each are as many times rarer: the disk and the director have to bear them."""
VIEW_SECONDS = 1.0
SHARE = 0.02
"""Views and checkpoints take at most about this share of the time each."""


class RunWriter:
    """Writes one run, and knows when a checkpoint or a view is due.

    unsaved: whether the curves, or the training itself, are ahead of the checkpoint.
    """

    def __init__(self, run: Run, on_report: Callable[[Report], None]) -> None:
        """on_report: called with every point of the curves."""
        self.unsaved = False
        self._run, self._on_report = run, on_report
        self._kept: KeptStates | None = None
        self._metrics: MetricsWriter | None = None
        self._first_bytes = 0
        self._checkpoint_seconds = CHECKPOINT_SECONDS
        self._checkpoint_due = time.monotonic() + CHECKPOINT_SECONDS
        self._view_due, self._view_after = 0.0, 0.0

    def go_to_checkpoint(self) -> State | None:
        """The last state that was kept, None if there is none; the curves are cut back to it.

        Raises InputError if the checkpoint or the curves are damaged, OSError.
        """
        checkpoint = self._run.checkpoint()
        self.close()
        self.unsaved = False
        keep = 0
        if checkpoint is not None:
            try:
                keep = int(checkpoint[1]["metrics_bytes"])
                int(checkpoint[1]["step"]), float(checkpoint[1]["epochs_done"])
            except (KeyError, TypeError, ValueError, OverflowError):
                raise InputError(f"run {self._run.id}, its checkpoint: is damaged.") from None
        self._metrics = MetricsWriter(self._run.file("metrics.jsonl"), keep)
        self._first_bytes = self._metrics.bytes
        self._kept = KeptStates(self._run, {} if checkpoint is None else checkpoint[1])
        return None if checkpoint is None else State(*checkpoint)

    @property
    def metrics(self) -> MetricsWriter:
        """The file of the curves, once `go_to_checkpoint` has opened it."""
        assert self._metrics is not None
        return self._metrics

    @property
    def kept(self) -> KeptStates:
        """The earlier states, once `go_to_checkpoint` has looked for them."""
        assert self._kept is not None
        return self._kept

    def append(self, events: list[Report | Change], before_change: State | None = None) -> None:
        """Add points and changes to the curves. before_change: the state before the first change. Raises OSError."""
        lines: list[Report | dict[str, object]] = []
        for event in events:
            self.unsaved = True
            if isinstance(event, Change) and before_change is not None:
                self.metrics.append(*lines)
                lines = []
                self.kept.keep_before_change(before_change, self.metrics.bytes)
                before_change = None
            self.kept.level.take(event)
            if isinstance(event, Change):
                changed = {event.setting: event.value}
                lines.append({"step": event.step, "epoch": event.epoch, "change": changed})
                # A killed worker should not make the change earlier than it was made.
                self._checkpoint_due = 0.0
            else:
                lines.append(event)
                self._on_report(event)
        self.metrics.append(*lines)

    def save(self, state: State, *, first: bool = False) -> None:
        """Keep a state as the checkpoint. first: it is that before all steps, to which nothing of the curves belongs.

        Raises OSError.
        """
        start = time.monotonic()
        written = self._first_bytes if first else self.metrics.bytes
        known = {} if first else self.kept.about_to_save(state)
        self._run.write_checkpoint(state.arrays, state.facts | known | {"metrics_bytes": written})
        now = time.monotonic()
        self.unsaved = False
        # The worker takes about as long for its part.
        self._checkpoint_due = now + max(self._checkpoint_seconds, 2 * (now - start) / SHARE)

    def go_back(self) -> State | None:
        """After an explosion: put the state from before it in the checkpoint's place, and return it.

        The curves stay as they are, with the explosion, until the run goes on. Returns None for the first step.
        Raises InputError or OSError.
        """
        self.kept.go_back()
        checkpoint = self._run.checkpoint()
        self.unsaved = False
        return None if checkpoint is None else State(*checkpoint)

    def save_for(self, going: int) -> None:
        """From now on, keep checkpoints as often as `going` runs at once allow."""
        self._checkpoint_seconds = (
            CHECKPOINT_SECONDS if going <= FEW else max(CHECKPOINT_SECONDS, SECONDS_FOR_EACH * going)
        )

    def wants_state(self) -> bool:
        """Whether a checkpoint is due."""
        return time.monotonic() >= self._checkpoint_due

    def write_view(self, view: bytes, seconds: float, computed: float) -> None:
        """Replace the look inside, which took its worker so long; computed: seconds of computing so far."""
        start = time.monotonic()
        try:
            write_file(self._run.file("view.npz"), view)
        except OSError:
            # Nothing depends on it.
            pass
        cost = time.monotonic() - start + seconds
        self._view_due = time.monotonic() + VIEW_SECONDS
        self._view_after = computed + cost / SHARE

    def wants_view(self, computed: float) -> bool:
        """Whether another look inside is due."""
        return time.monotonic() >= self._view_due and computed >= self._view_after

    def close(self) -> None:
        """Close the file of the curves."""
        if self._metrics is not None:
            self._metrics.close()
