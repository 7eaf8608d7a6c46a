"""IDX files: what is written comes back; whatever else is read ends in one clear sentence."""

import gzip
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mnist_core.data.idx import parse_idx, read_idx, write_idx
from mnist_core.errors import InputError

ARRAYS = hnp.arrays(
    dtype=st.sampled_from([np.uint8, np.int8, np.int16, np.int32, np.float32, np.float64]),
    shape=hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=6),
)


@given(array=ARRAYS, compressed=st.booleans())
def test_written_arrays_come_back(
    tmp_path_factory: pytest.TempPathFactory, array: np.ndarray, compressed: bool
) -> None:
    path = tmp_path_factory.mktemp("idx") / ("a.gz" if compressed else "a")
    write_idx(path, array)
    back = read_idx(path)
    assert back.dtype == array.dtype and back.shape == array.shape
    assert back.tobytes() == array.tobytes()


def test_a_file_worked_by_hand() -> None:
    data = bytes([0, 0, 0x08, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6])
    assert parse_idx(io.BytesIO(data), "six").tolist() == [[1, 2, 3], [4, 5, 6]]


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_an_array_or_a_refusal(data: bytes, compressed: bool) -> None:
    try:
        parse_idx(io.BytesIO(gzip.compress(data) if compressed else data), "noise")
    except InputError as error:
        assert "noise" in str(error)


@given(st.data())
def test_a_cut_or_changed_file_is_never_a_crash(data: st.DataObject) -> None:
    whole = gzip.compress(bytes([0, 0, 0x08, 1, 0, 0, 0, 50]) + bytes(range(50)), mtime=0)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    with pytest.raises(InputError, match="cut"):
        parse_idx(io.BytesIO(cut), "cut")
    place = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[:place] + bytes([whole[place] ^ data.draw(st.integers(1, 255))]) + whole[place + 1 :]
    try:
        parse_idx(io.BytesIO(changed), "changed")
    except InputError:
        pass


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not an IDX file"),
        (b"\0\0\x08\x02\0\0\0\x02", "header ends early"),
        (bytes([0, 0, 0x08, 3]) + b"\xff\xff\xff\xff" * 3, "at most"),
        (bytes([0, 0, 0x08, 4]) + bytes(4) + b"\xff\xff\xff\xff" * 3, "at most"),
        (bytes([0, 0, 0x08, 1, 0, 0, 0, 2, 7]), "expected 2 bytes"),
        (bytes([0, 0, 0x08, 1, 0, 0, 0, 2, 7, 7, 7]), "found more"),
    ],
)
def test_refusals_say_what_was_expected(data: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words):
        parse_idx(io.BytesIO(data), "file")


def test_a_missing_file_and_a_wrong_array_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_idx(tmp_path / "nothing")
    with pytest.raises(InputError, match="int64"):
        write_idx(tmp_path / "x", np.arange(3))
