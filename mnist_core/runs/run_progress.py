"""How a run gets on: what follows from each command and from each result, written into its folder."""

from mnist_core.files.atomic import remove_parts, write_file
from mnist_core.runs.control_reader import ControlReader
from mnist_core.runs.folder import Run
from mnist_core.runs.pause import Pause
from mnist_core.runs.run_records import ENDED, Cause, State
from mnist_core.runs.run_writer import RunWriter
from mnist_core.runs.slices import Result
from mnist_core.runs.slices import State as TrainingState
from mnist_core.runs.status_writer import StatusWriter


class RunProgress:
    """Where one run stands. Its methods raise InputError if something is damaged, and OSError.

    state: what a worker that does not hold the training goes on from, None for nothing. begun: whether a step was
    taken. computed: seconds of computing so far. failure: why it fails, as soon as the look inside is that of the
    state to which it went back.
    """

    def __init__(self, run: Run, writer: RunWriter) -> None:
        """Raises InputError if the control file is damaged."""
        self.run, self.writer = run, writer
        self.control = ControlReader(run)
        self.status = StatusWriter(run, self.control.latest.serial)
        self.pause = Pause()
        self.state: TrainingState | None = None
        self.begun = True  # until the checkpoint says otherwise
        self.epoch, self.computed = 0.0, 0.0
        self.failure: tuple[str, Cause] | None = None

    def open(self) -> None:
        """Go to the checkpoint, and take in what is asked for."""
        remove_parts(self.run.folder)
        self._go_to_checkpoint()
        self.status.say("waiting")
        self.read_control(in_slice=False)

    @property
    def quick(self) -> bool:
        """Whether somebody waits for it: it has not begun, or one step, its end or another setting is asked for."""
        if self.failure is not None:
            return True
        if self.control.was_quick(self.computed):
            # A step that takes long takes turns, like everything else.
            return False
        if not self.begun or self.control.until_step > 0:
            return True
        return not self.status.measuring and (self.control.finish or self.control.has_new_settings())

    # What is asked of it.

    def read_control(self, *, in_slice: bool) -> None:
        """Take in what is asked for, if that is new."""
        if self.failure is not None or not self.control.read(self.computed):
            return
        asked = self.control.latest
        self.status.taken_in(asked.serial)
        if asked.command == "pause":
            self.begin_pause("", in_slice=in_slice)
            return
        resumed: State = "training"
        if asked.command == "stop":
            self.control.finish = True
        else:
            self.control.limit(self.status.now.step, self.epoch)
            self.pause.cancel()
            resumed = "training" if self.begun else "waiting"
        # Written in any case: a page waits until the command is taken in.
        self.status.say(resumed if self.status.paused else self.status.now.state, self.status.now.message)

    def begin_pause(self, why: str, *, in_slice: bool) -> None:
        """Let it rest: at once, or when the slice that is going on has told how far it came."""
        if self.failure is not None:
            return
        self.control.no_limit()
        self.pause.ask(why, in_slice=in_slice)
        if not in_slice:
            self.status.say("paused", why)

    # What came of a slice.

    def take(self, result: Result) -> None:
        """Write down what a slice gave."""
        if self.failure is not None:
            self._take_last_look(result)
            return
        self._keep(result)
        if result.phase == "failed":
            if result.cause == "diverged":
                self._go_back(result.message)
            else:
                self.status.fail(result.message, result.cause)
            return
        if self.pause.coming:
            self.begin_pause(self.pause.why, in_slice=False)
        elif self.control.has_reached_limit(result):
            self.begin_pause("", in_slice=False)
        elif self.status.paused and result.events:
            # The step in which it was paused is finished now.
            self.status.say("paused", self.status.now.message)
        if result.refused and not self.status.paused:
            self.control.refuse(list(result.refused))
            self.status.say(self.status.now.state, f"Not changed. {' '.join(result.refused.values())}")
        if result.phase == "measuring":
            self.control.finish = True
            self.status.say("measuring", "The network is being measured on the test images.")
        elif result.phase in ENDED:
            for name, data in result.files.items():
                write_file(self.run.file(name), data)
            self.writer.kept.forget()
            self.run.forget_images()
            self.status.say("finished" if result.phase == "finished" else "stopped")
        elif self.status.now.state == "waiting" and self.begun:
            self.status.say("training")

    def _keep(self, result: Result) -> None:
        """The place that the slice has reached, and the curves, the state and the look inside that it brought."""
        self.state = None
        self.begun = self.begun or result.step > 0
        self.epoch = result.epoch
        self.status.at_step(result.step)
        self.writer.append(result.events, result.before_change)
        self.writer.unsaved |= result.unsaved or not result.between_steps
        if result.state is not None and result.phase != "failed":
            self.writer.save(result.state)
        if result.view is not None:
            self.writer.write_view(result.view, result.view_seconds, self.computed)

    def _go_back(self, message: str) -> None:
        """It has exploded: back to the state from before that. It has failed when a worker has looked inside there."""
        self.pause.cancel()
        self.state = self.writer.go_back()
        self._note_place()
        step = self.status.now.step
        kept = f"The network of step {step:,}, from before that, is kept." if step else "It is back at the first step."
        self.failure = f"{message} {kept}", "diverged"
        if not self.status.going:
            self.status.say("training")

    def _take_last_look(self, result: Result) -> None:
        if result.view is not None:
            self.writer.write_view(result.view, result.view_seconds, self.computed)
        if result.state is not None:
            self.writer.save(result.state, first=True)
        self.end_failing()

    def end_failing(self) -> None:
        """Fail now, with or without the look inside."""
        if self.failure is not None:
            failure, self.failure, self.state = self.failure, None, None
            self.status.fail(*failure)

    # What another worker goes on from.

    def go_on_from(self, state: TrainingState | None) -> None:
        """The worker holds the training no longer; state: None if the checkpoint is as new."""
        if state is None:
            self.back_to_checkpoint()
            return
        self.writer.save(state)
        self.state = state
        self._measure_anew()

    def back_to_checkpoint(self) -> None:
        """What was told after the checkpoint is computed, and told, again."""
        self._go_to_checkpoint()
        self._measure_anew()

    def _go_to_checkpoint(self) -> None:
        self.state = self.writer.go_to_checkpoint()
        self.begun = self.begun and self.state is not None
        self._note_place()

    def _note_place(self) -> None:
        facts = {"step": 0, "epochs_done": 0.0} if self.state is None else self.state.facts
        self.status.at_step(int(facts["step"]))
        self.epoch = float(facts["epochs_done"])

    def _measure_anew(self) -> None:
        """Whoever takes the training next does not know that it was being measured, and has to be told again."""
        if self.status.measuring:
            self.control.finish = self.control.latest.command == "stop"
            self.status.say("training")
