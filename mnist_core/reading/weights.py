"""A trained network on disk: NAME.npz holds its arrays, NAME.json beside it is the model card that describes it.

No pickle is involved, and nothing is believed before it has been checked against the card.
"""

import hashlib
import io
import json
import math
import os
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, get_origin, get_type_hints

import numpy as np

from mnist_core.data.class_names import TEN_DIGITS, check_names
from mnist_core.errors import InputError
from mnist_core.files.atomic import reason, write_file
from mnist_core.files.bounded import read_bounded
from mnist_core.files.npz import read_npz
from mnist_core.nn.network import Network
from mnist_core.reading.looks import VIEWS

_BESIDE = Path(__file__).parents[2]
FOLDER = next((path for path in (_BESIDE / "digit_lab" / "weights", _BESIDE / "weights") if path.is_dir()), _BESIDE)
"""The bundled networks: beside the library, or, once it is installed, in the folder of the app."""
MAX_NETWORK_BYTES = 66_000_000
"""Enough for the largest network that can be built, in float64."""
MAX_CARD_BYTES = 1_000_000
NAME_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


@dataclass(frozen=True)
class ModelCard:
    """What there is to know about a trained network.

    title, description: for people. layers, output, dtype: how to rebuild it (see `Network`). unsure_below: the
    confidence, 0 to 1, under which a reading counts as unsure. temperature: what the scores are divided by before they
    become probabilities, so that these are as sure as they are right. views: how many looks at a picture a reading is
    the mean of (see `views`). config: the settings of its training. data: what it learned from; dataset: the name that
    it is chosen by, "" for the usual one; classes: what its outputs stand for, the ten digits if it is empty.
    accuracies: share of right answers, 0 to 1, by the name of the images; by_digit: the same for each digit, or other
    class by its name, that occurs among them. curves:
    a number for each epoch, by name, None where there is none. command: what trains it again. sha256: of the .npz
    file.
    """

    name: str
    title: str
    description: str
    layers: list[str]
    output: str = "softmax"
    dtype: str = "float32"
    unsure_below: float = 0.8
    temperature: float = 1.0
    views: int = 1
    parameters: int = 0
    config: dict[str, Any] = field(default_factory=dict)
    data: str = ""
    dataset: str = ""
    classes: list[str] = field(default_factory=list)
    epochs: int = 0
    seed: int = 0
    seconds: float = 0.0
    date: str = ""
    accuracies: dict[str, float] = field(default_factory=dict)
    by_digit: dict[str, dict[str, float]] = field(default_factory=dict)
    curves: dict[str, list[float | None]] = field(default_factory=dict)
    command: str = ""
    sha256: str = ""
    bytes: int = 0

    @property
    def class_names(self) -> tuple[str, ...]:
        """What it reads: the names of its classes."""
        return tuple(self.classes) or TEN_DIGITS

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it. For digits it is as it was before there were other classes: earlier versions read it, too."""
        return {name: value for name, value in asdict(self).items() if value or name not in ("dataset", "classes")}


def names(folder: Path = FOLDER) -> list[str]:
    """The networks in a folder by name: the default first, then the others from A to Z.

    Raises InputError if the folder cannot be read.
    """
    try:
        files = {path.name for path in folder.iterdir()}
    except OSError as error:
        raise InputError(f"{folder}: cannot be read ({reason(error)}).") from None
    found = sorted(name.removesuffix(".npz") for name in files if name.endswith(".npz"))
    found = [name for name in found if f"{name}.json" in files and NAME_PATTERN.fullmatch(name)]
    return sorted(found, key=lambda name: name != "default")


def save(network: Network, card: ModelCard, folder: Path = FOLDER) -> ModelCard:
    """Write NAME.npz and NAME.json into `folder`, each beside its place and then renamed into it.

    Returns the card with size, SHA-256 and description filled in. The same network always gives the same bytes.
    """
    _check_name(card.name)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **dict(network.arrays()))
    data = buffer.getvalue()
    settings = asdict(card) | {
        "layers": network.description,
        "output": network.output,
        "dtype": network.dtype.name,
        "parameters": network.size,
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
    }
    complete = ModelCard(**settings)
    text = _numbers_in_a_line(json.dumps(complete.to_dict(), indent=2, ensure_ascii=False)) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for suffix, content in ((".npz", data), (".json", text.encode())):
            write_file(folder / (card.name + suffix), content)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written to ({reason(error)}).") from None
    return complete


def _numbers_in_a_line(text: str) -> str:
    """JSON text with each list of numbers in one line."""
    return re.sub(r"\[\n\s*([-\d.e,\s]+?)\n\s*\]", lambda found: "[" + " ".join(found[1].split()) + "]", text)


def check_folder(folder: Path) -> None:
    """Make the folder if it is missing; raise InputError unless files can be written to it."""
    probe = folder / f".probe.{os.getpid()}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise InputError(f"{folder}: cannot be written to ({reason(error)}).") from None


def load_card(name: str, folder: Path = FOLDER) -> ModelCard:
    """The model card NAME.json. Raises InputError if there is none, or if it is damaged."""
    _check_name(name)
    path = folder / f"{name}.json"
    known = names(folder)
    if name not in known:
        raise InputError(f"network {name!r}: expected one of {', '.join(known) or 'none (the folder is empty)'}.")
    card = parse_card(read_bounded(path, MAX_CARD_BYTES, path.name), path.name)
    if card.name != name:
        raise InputError(f"{path.name}: expected the card of {name!r}, found that of {card.name!r}.")
    return card


def load(name: str, folder: Path = FOLDER) -> tuple[Network, ModelCard]:
    """The network NAME and its card, checked. Raises InputError with one sentence for anything that is not right."""
    card = load_card(name, folder)
    path = folder / f"{name}.npz"
    return parse_network(read_bounded(path, MAX_NETWORK_BYTES, path.name), card, path.name), card


def parse_card(data: bytes, filename: str) -> ModelCard:
    """A model card from the bytes of its file; every field is checked for its type."""
    try:
        values = json.loads(data, parse_constant=_refuse_constant)
        json.dumps(values, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise InputError(f"{filename}: expected a model card in JSON, found something else.") from None
    if not isinstance(values, dict):
        raise InputError(f"{filename}: expected a JSON object, found {type(values).__name__}.")
    kinds = {name: get_origin(kind) or kind for name, kind in get_type_hints(ModelCard).items()}
    for name, kind in kinds.items():
        fits = (float, int) if kind is float else kind
        if name in values and (not isinstance(values[name], fits) or isinstance(values[name], bool)):
            raise InputError(f"{filename}: {name} is a {type(values[name]).__name__}, which it cannot be.")
    if unknown := sorted(values.keys() - kinds.keys()):
        raise InputError(f"{filename}: {unknown[0]!r} is not a field of a model card.")
    if missing := [name for name in ("name", "title", "description", "layers") if name not in values]:
        raise InputError(f"{filename}: the model card has no {missing[0]!r}.")
    if not all(isinstance(layer, str) for layer in values["layers"]):
        raise InputError(f"{filename}: layers are expected to be lines of text.")
    if classes := values.get("classes"):
        if not all(isinstance(name, str) for name in classes):
            raise InputError(f"{filename}: classes are expected to be names.")
        values["classes"] = list(check_names(classes, f"{filename}, classes"))
    shares = [values.get("unsure_below", 0), *values.get("accuracies", {}).values()]
    if not all(isinstance(share, float | int) and 0 <= share <= 1 for share in shares):
        raise InputError(f"{filename}: accuracies and unsure_below are expected to be numbers from 0 to 1.")
    for numbers in values.get("by_digit", {}).values():
        if not isinstance(numbers, dict) or not all(
            _is_number(share) and 0 <= share <= 1 for share in numbers.values()
        ):
            raise InputError(f"{filename}: by_digit is expected to hold numbers from 0 to 1, by digit.")
    curves = values.get("curves", {})
    for numbers in curves.values():
        if not isinstance(numbers, list) or not all(_is_number(number) or number is None for number in numbers):
            raise InputError(f"{filename}: curves are expected to be lists of numbers, or null.")
        if len(numbers) != len(curves.get("epoch", [])) or None in curves["epoch"]:
            raise InputError(f"{filename}: curves are expected to have an epoch for each number.")
    counts = [values.get(name, 0) for name in ("parameters", "epochs", "seed", "seconds", "bytes")]
    if not all(0 <= count < 1e12 for count in counts):
        raise InputError(f"{filename}: parameters, epochs, seed, seconds and bytes are expected to be 0 or more.")
    temperature = values.get("temperature", 1.0)
    if not 0.01 <= temperature <= 100:
        raise InputError(f"{filename}: temperature is expected to be from 0.01 to 100, found {temperature}.")
    if (looks := values.get("views", 1)) not in (1, VIEWS):
        raise InputError(f"{filename}: views is expected to be 1 or {VIEWS}, found {looks}.")
    return ModelCard(**values)


def _is_number(value: object) -> bool:
    return type(value) in (float, int) and math.isfinite(value)  # type: ignore[arg-type]


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


def parse_network(data: bytes, card: ModelCard, filename: str) -> Network:
    """The network that `card` describes, with the arrays in `data`, the bytes of a .npz file."""
    if len(data) > MAX_NETWORK_BYTES:
        raise InputError(f"{filename}: expected at most {MAX_NETWORK_BYTES:,} bytes, found {len(data):,}.")
    if card.dtype not in ("float32", "float64"):
        raise InputError(f"{filename}: expected dtype float32 or float64 in its card, found {card.dtype!r}.")
    try:
        network = Network(card.layers, np.random.default_rng(0), output=card.output, dtype=card.dtype)
    except InputError as error:
        raise InputError(f"{filename}: its model card does not describe a network: {error}") from None
    try:
        check_classes(card.class_names, network.classes)
    except InputError as error:
        raise InputError(f"{filename}: {error}") from None
    arrays = read_npz(io.BytesIO(data), filename, MAX_NETWORK_BYTES)
    try:
        network.load_arrays(arrays)
    except InputError as error:
        raise InputError(f"{filename}, {error}") from None
    check_numbers(network, filename)
    if extra := sorted(arrays.keys() - dict(network.arrays()).keys()):
        count = len(dict(network.arrays()))
        raise InputError(f"{filename}: expected {count} arrays, found also {extra[0]!r}.")
    if card.parameters not in (0, network.size):
        raise InputError(f"{filename}: expected {card.parameters:,} parameters by its card, found {network.size:,}.")
    if card.sha256 and hashlib.sha256(data).hexdigest() != card.sha256:
        raise InputError(f"{filename}: its SHA-256 is not the one in its model card; the file was changed.")
    return network


def check_numbers(network: Network, filename: str) -> None:
    """Raise InputError, naming the file that it comes from, unless a network holds and gives finite numbers."""
    for label, found in network.arrays():
        if not np.isfinite(found).all():
            raise InputError(f"{filename}, layer {label!r}: expected finite numbers, found NaN or infinity.")
        if label.endswith(" variance") and found.min() < 0:
            raise InputError(f"{filename}, layer {label!r}: expected variances of at least 0, found {found.min()}.")
    with np.errstate(all="ignore"):
        scores = network.logits(np.stack([np.zeros((28, 28)), np.ones((28, 28))]))
    if not np.isfinite(scores).all():
        raise InputError(f"{filename}: expected finite answers, found NaN or infinity; its numbers are too large.")


def check_classes(names: tuple[str, ...], outputs: int) -> None:
    """Raise InputError if there are more names of classes than outputs of a network."""
    if len(names) > outputs:
        raise InputError(f"expected an output for each of its {len(names)} classes, found {outputs}.")


def _check_name(name: str) -> None:
    if not NAME_PATTERN.fullmatch(name):
        raise InputError(f"network {name!r}: expected a name of small letters, digits and hyphens.")
