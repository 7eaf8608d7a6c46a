"""A run's curves in other tools: event files are sound, and hold every point with its step and its time."""

import csv
import io
import math
import struct
import zipfile
from collections import defaultdict
from pathlib import Path

import pytest
from tensorboardX.crc32c import crc32c
from tensorboardX.proto.event_pb2 import Event

from mnist_core.exchange import csv_of, events_zip, write_events
from mnist_core.runs import FIELDS

COLUMNS = {name: [math.nan] * 3 for name in FIELDS} | {
    "step": [1.0, 50.0, 100.0],
    "epoch": [0.1, 0.5, 1.0],
    "seconds": [0.5, 2.0, math.nan],
    "loss": [2.3, 0.5, 0.25],
    "validation_loss": [math.nan, math.nan, 0.3],
    "accuracy": [0.1, 0.9, 0.95],
}


def masked(data: bytes) -> int:
    """The checksum of a record, as the format asks for it."""
    value = crc32c(data)
    return (((value >> 15) | (value << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def events_in(data: bytes) -> list[Event]:
    """The records of an event file (TFRecord), with their checksums checked."""
    found, place = [], 0
    while place < len(data):
        header = data[place : place + 8]
        (length,) = struct.unpack("<Q", header)
        (of_header,) = struct.unpack("<I", data[place + 8 : place + 12])
        body = data[place + 12 : place + 12 + length]
        (of_body,) = struct.unpack("<I", data[place + 12 + length : place + 16 + length])
        assert (of_header, of_body) == (masked(header), masked(body))
        found.append(Event.FromString(body))
        place += 16 + length
    return found


def points_in(data: bytes) -> dict[str, list[tuple[int, float, float]]]:
    """Step, value and time of each point, by tag."""
    points = defaultdict(list)
    for event in events_in(data):
        for value in event.summary.value:
            points[value.tag].append((event.step, round(value.simple_value, 6), event.wall_time))
    return points


def test_event_files_hold_every_point(tmp_path: Path) -> None:
    write_events(tmp_path / "run", COLUMNS, 1000.0)
    (file,) = (tmp_path / "run").iterdir()
    assert "tfevents" in file.name
    points = points_in(file.read_bytes())
    assert points["loss/training"] == [(1, 2.3, 1000.5), (50, 0.5, 1002.0), (100, 0.25, 1000.0)]
    assert points["loss/validation"] == [(100, 0.3, 1000.0)]
    assert [value for _, value, _ in points["accuracy/training"]] == [0.1, 0.9, 0.95]
    assert points.keys() == {"loss/training", "loss/validation", "accuracy/training", "epoch"}


def test_several_runs_are_folders_of_one_file() -> None:
    data = events_zip({"a/b: 1": (COLUMNS, 0.0), "../c": (COLUMNS, 5.0)})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        assert [name.split("/")[0] for name in names] == ["a_b_ 1", "___c"]
        assert points_in(archive.read(names[1]))["epoch"][0] == (1, 0.1, 5.5)


def test_a_table_has_a_row_for_each_point() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_of({"=run": COLUMNS}, FIELDS))))
    assert [row["loss"] for row in rows] == ["2.3", "0.5", "0.25"]
    assert rows[0]["run"] == "'=run" and rows[0]["validation_loss"] == "" and rows[2]["validation_loss"] == "0.3"


def test_the_library_needs_no_tensorflow(tmp_path: Path) -> None:
    import sys

    write_events(tmp_path, COLUMNS, 0.0)
    assert "tensorflow" not in sys.modules and "torch" not in sys.modules


def test_a_folder_that_cannot_be_written_to_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="cannot be written to"):
        write_events(tmp_path / "file" / "below", COLUMNS, 0.0)
