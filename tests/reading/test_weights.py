"""Trained networks on disk: what is saved comes back, and whatever is not sound is refused in one sentence."""

import dataclasses
import io
import json
import pickle
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnist_core.errors import InputError
from mnist_core.files.npz import read_npz
from mnist_core.nn.network import Network
from mnist_core.reading import weights
from mnist_core.reading.weights import ModelCard

LAYERS = ["conv 2 5", "batchnorm", "relu", "maxpool 4", "flatten", "dense 10"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    network = Network(LAYERS, np.random.default_rng(0))
    weights.save(network, ModelCard("tiny", "Tiny", "For tests.", []), tmp_path)
    return tmp_path


def tamper(folder: Path, **arrays: np.ndarray | None) -> None:
    """Replace arrays of tiny.npz (None takes one out), and forget the checksum, so that the arrays are looked at."""
    with np.load(folder / "tiny.npz") as file:
        kept = {name: file[name] for name in file.files} | arrays
    np.savez(folder / "tiny.npz", **{name: array for name, array in kept.items() if array is not None})
    card = json.loads((folder / "tiny.json").read_text()) | {"sha256": ""}
    (folder / "tiny.json").write_text(json.dumps(card))


def test_saved_networks_come_back(folder: Path) -> None:
    network, card = weights.load("tiny", folder)
    original = Network(LAYERS, np.random.default_rng(0))
    assert [(name, array.tobytes()) for name, array in network.arrays()] == [
        (name, array.tobytes()) for name, array in original.arrays()
    ]
    assert card.layers == LAYERS and card.parameters == network.size == 2 * 25 + 2 + 4 + 72 * 10 + 10
    assert card.bytes == (folder / "tiny.npz").stat().st_size
    again = weights.save(original, ModelCard("tiny", "Tiny", "For tests.", []), folder)
    assert again.sha256 == card.sha256
    assert sorted(path.name for path in folder.iterdir()) == ["tiny.json", "tiny.npz"]


def test_a_folder_that_cannot_be_read_or_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for use in (weights.names, weights.check_folder):
        for place in (tmp_path / "file" / "below", tmp_path / ("x" * 5000)):
            with pytest.raises(InputError, match="cannot be"):
                use(place)


def test_names_list_the_default_first(folder: Path) -> None:
    for name in ("default", "a"):
        weights.save(weights.load("tiny", folder)[0], ModelCard(name, "T", "D", []), folder)
    assert weights.names(folder) == ["default", "a", "tiny"]


KERNEL, MEAN, VARIANCE = "1 conv weights", "2 batchnorm mean", "2 batchnorm variance"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({KERNEL: None}, ["tiny.npz", KERNEL, "expected float32 (5, 5, 1, 2), found nothing"]),
        ({KERNEL: np.zeros((5, 5, 1, 3), np.float32)}, [KERNEL, "(5, 5, 1, 2), found float32 (5, 5, 1, 3)"]),
        ({KERNEL: np.zeros((5, 5, 1, 2))}, [KERNEL, "expected float32", "found float64"]),
        ({MEAN: np.array([0, np.nan], np.float32)}, [MEAN, "expected finite numbers, found NaN"]),
        ({KERNEL: np.full((5, 5, 1, 2), 3e38, np.float32)}, ["tiny.npz", "expected finite answers"]),
        ({VARIANCE: np.array([1, -1], np.float32)}, [VARIANCE, "at least 0"]),
        ({"extra": np.zeros(1)}, ["expected 8 arrays, found also 'extra'"]),
        ({KERNEL: np.array(["a"], object)}, ["tiny.npz", "expected numbers or texts, found object"]),
    ],
)
def test_arrays_that_do_not_fit_are_named(folder: Path, change: dict[str, np.ndarray], words: list[str]) -> None:
    tamper(folder, **change)
    with pytest.raises(InputError) as refusal:
        weights.load("tiny", folder)
    assert all(word in str(refusal.value) for word in words), refusal.value
    assert "\n" not in str(refusal.value)


def test_a_changed_file_does_not_match_its_checksum(folder: Path) -> None:
    network = Network(LAYERS, np.random.default_rng(1))
    np.savez(folder / "tiny.npz", **dict(network.arrays()))  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"tiny.npz: its SHA-256 is not the one in its model card"):
        weights.load("tiny", folder)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_truncated_and_damaged_files_are_refused(folder: Path, data: st.DataObject) -> None:
    whole = (folder / "tiny.npz").read_bytes()
    card = dataclasses.replace(weights.load_card("tiny", folder))
    place = data.draw(st.integers(0, len(whole) - 1))
    damaged = data.draw(
        st.sampled_from(
            [whole[:place], whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :], whole + b"x" * place]
        )
    )
    if damaged != whole:
        with pytest.raises(InputError, match=r"tiny\.npz"):
            weights.parse_network(damaged, card, "tiny.npz")


@given(st.binary(max_size=300))
def test_noise_is_neither_a_network_nor_a_card(data: bytes) -> None:
    with pytest.raises(InputError, match="noise"):
        read_npz(io.BytesIO(data), "noise", 10**6)
    with pytest.raises(InputError, match="noise"):
        weights.parse_card(data, "noise")


def zipped(entries: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.slow
def test_a_zip_bomb_is_refused_without_unpacking_it() -> None:
    bomb = zipped({"a.npy": bytes(200_000_000)})
    assert len(bomb) < 300_000
    tracemalloc.start()
    with pytest.raises(InputError, match="at most 32,000,000 bytes unpacked, found 200,000,000"):
        read_npz(io.BytesIO(bomb), "bomb", 32_000_000)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_a_header_that_asks_for_more_than_is_there_is_refused() -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": (10**12,)})
    with pytest.raises(InputError, match="array 'a': expected 4,000,000,000,000 bytes"):
        read_npz(io.BytesIO(zipped({"a.npy": header.getvalue()})), "liar", 10**6)


def test_a_pickle_is_never_run() -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return exec, ("raise SystemExit('the pickle ran')",)

    buffer = io.BytesIO()
    np.save(buffer, np.array([Trap()], object), allow_pickle=True)
    for content in (buffer.getvalue(), pickle.dumps(Trap())):
        with pytest.raises(InputError):
            read_npz(io.BytesIO(zipped({"a.npy": content})), "trap", 10**6)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"layers": ["dense 10"]}, "its model card does not describe a network: layer 1, dense 10"),
        ({"layers": "dense 10"}, "layers is a str"),
        ({"layers": [1]}, "layers are expected to be lines of text"),
        ({"output": "magic"}, "output 'magic'"),
        ({"dtype": "int8"}, "expected dtype float32 or float64"),
        ({"accuracies": {"test": "good"}}, "accuracies and unsure_below are expected to be numbers from 0 to 1"),
        ({"surprise": 1}, "'surprise' is not a field"),
        ({"unsure_below": True}, "unsure_below is a bool"),
        ({"unsure_below": 5}, "numbers from 0 to 1"),
        ({"unsure_below": float("nan")}, "expected a model card in JSON"),
        ({"accuracies": {"test": float("inf")}}, "expected a model card in JSON"),
        ({"accuracies": {"test": 1.5}}, "numbers from 0 to 1"),
        ({"epochs": -1}, "expected to be 0 or more"),
        ({"parameters": 5}, "expected 5 parameters by its card, found"),
        ({"name": "other"}, "expected the card of 'tiny', found that of 'other'"),
        ({"title": "\ud800"}, "expected a model card in JSON"),
    ],
)
def test_cards_are_checked(folder: Path, change: dict[str, object], words: str) -> None:
    card = json.loads((folder / "tiny.json").read_text())
    (folder / "tiny.json").write_text(json.dumps(card | change))
    with pytest.raises(InputError) as refusal:
        weights.load("tiny", folder)
    assert words in str(refusal.value) and "tiny." in str(refusal.value)


def test_a_card_without_a_title_is_refused() -> None:
    with pytest.raises(InputError, match="the model card has no 'title'"):
        weights.parse_card(b'{"name": "x", "description": "", "layers": []}', "x.json")


@pytest.mark.parametrize("name", ["nothing", "../tiny", "", "UP", "a" * 100])
def test_unknown_names_are_refused(folder: Path, name: str) -> None:
    with pytest.raises(InputError, match="network"):
        weights.load(name, folder)


def test_too_large_a_file_is_refused_unread(folder: Path) -> None:
    with open(folder / "tiny.npz", "ab") as file:
        file.truncate(weights.MAX_NETWORK_BYTES + 1)
    with pytest.raises(InputError, match=r"tiny\.npz: expected a file of at most 66 MB"):
        weights.load("tiny", folder)


@pytest.mark.parametrize("name", weights.names())
def test_bundled_networks_are_sound_and_their_cards_complete(name: str) -> None:
    network, card = weights.load(name)
    assert card.name == name and card.parameters == network.size
    assert card.bytes == (weights.FOLDER / f"{name}.npz").stat().st_size
    assert card.command.startswith(f"python -m mnist_core train --recipe {name} --seed {card.seed}")
    expected = {"validation", "test"} if card.config["validation"] else {"test"}
    assert card.accuracies.keys() == (expected | {"held-out writers"} if "--pen" in card.command else expected)
    assert card.title and card.description and card.data and card.date and card.epochs and 0.5 <= card.unsure_below < 1
