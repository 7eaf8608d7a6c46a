"""A run's curves for other tools: a table (CSV), and event files of TensorBoard."""

import csv
import io
import math
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from mnist_core.errors import InputError
from mnist_core.exchange.packages import package

Columns = Mapping[str, Sequence[float]]
"""A list of numbers for each field of the curves, NaN where nothing is known: see `mnist_core.runs.Curves`."""
TAGS = {
    "loss": "loss/training",
    "validation_loss": "loss/validation",
    "accuracy": "accuracy/training",
    "validation_accuracy": "accuracy/validation",
    "learning_rate": "learning rate",
    "epoch": "epoch",
}
"""What TensorBoard calls the fields. Those with the same word before the stroke stand side by side."""


def csv_of(runs: Mapping[str, Columns], fields: Sequence[str]) -> str:
    """All points of some runs, by their names, a row each; what is not known is left empty."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("run", *fields))
    for name, columns in runs.items():
        for row in zip(*(columns[field] for field in fields), strict=True):
            writer.writerow((_plain(name), *("" if math.isnan(value) else value for value in row)))
    return text.getvalue()


def _plain(name: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{name}" if name[:1] in "=+-@" else name


def write_events(folder: Path, columns: Columns, started: float) -> None:
    """Write the curves of a run into a folder as an event file, which `tensorboard --logdir` reads.

    started: when the training began, in seconds since 1970; each point has the time at which it was computed.
    Raises InputError if the package is missing or the folder cannot be written to.
    """
    library = package("tensorboardX")
    try:
        writer = library.SummaryWriter(str(folder), write_to_disk=True)
        for number, step in enumerate(columns["step"]):
            seconds = columns["seconds"][number]
            when = started + (0 if math.isnan(seconds) else seconds)
            for field, tag in TAGS.items():
                value = columns[field][number]
                if not math.isnan(value):
                    writer.add_scalar(tag, value, int(step), when)
        writer.close()
    except OSError as error:
        raise InputError(f"{folder}: cannot be written to ({error.strerror}).") from None


def events_zip(runs: Mapping[str, tuple[Columns, float]]) -> bytes:
    """The event files of some runs, by their names, with the time when each began: a folder for each in a .zip file."""
    buffer = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, (columns, started)) in enumerate(runs.items()):
            write_events(Path(folder) / str(number), columns, started)
            for path in sorted((Path(folder) / str(number)).iterdir()):
                archive.write(path, f"{_folder_name(name)}/{path.name}")
    return buffer.getvalue()


def _folder_name(name: str) -> str:
    """A run's name as that of a folder."""
    return "".join(letter if letter.isalnum() or letter in " -_" else "_" for letter in name).strip() or "run"
