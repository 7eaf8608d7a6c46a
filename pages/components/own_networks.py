"""Networks that this visitor trained or uploaded, to be used on the Draw page beside the bundled ones.

A key "run:ID" is a run of this visitor, found again after a reload; "upload:NAME" lives as long as the session.
"""

import io
import re
import zipfile

from mnist_core import InputError, Recognizer
from mnist_core.reading import ModelCard, weights
from mnist_core.runs import Run, RunStore
from pages.components.shared_state import shared_state
from pages.components.visitor import visitor

MAX_KEPT = 8
ARRAY = re.compile(r"\d+ \w+ \w+")
"""The name of an array in the file of a network, such as "2 dense weights"."""


def own_networks() -> dict[str, Recognizer]:
    """Those that were chosen in this session, by key."""
    return shared_state().own_networks


def keep_network(key: str, recognizer: Recognizer) -> None:
    """Add one; the oldest is let go if there are too many."""
    kept = own_networks()
    kept.pop(key, None)
    kept[key] = recognizer
    while len(kept) > MAX_KEPT:
        kept.pop(next(iter(kept)))


def key_of(run: Run) -> str:
    """The key of a run's network."""
    return f"run:{run.id}"


def find_network(key: str) -> Recognizer | None:
    """The network of that key; None if this visitor has no such run, or it has no network (yet)."""
    if key in own_networks():
        return own_networks()[key]
    if not key.startswith("run:"):
        return None
    for run in RunStore().runs(visitor()):
        if key_of(run) == key:
            try:
                recognizer = Recognizer.load("network", run.folder)
            except InputError:
                return None
            keep_network(key, recognizer)
            return recognizer
    return None


def check_upload(name: str, data: bytes) -> None:
    """Look at one of the two files, so that a wrong one is told before the other comes. Raises InputError."""
    if name.lower().endswith(".json"):
        _card(name, data)
        return
    try:
        labels = [entry.removesuffix(".npy") for entry in zipfile.ZipFile(io.BytesIO(data)).namelist()]
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        found = f"found {len(data):,} bytes of another kind"
        raise InputError(f"{name}: expected a network's weights (.npz), {found}.") from None
    other = next((label for label in labels if not ARRAY.fullmatch(label)), "" if labels else "nothing")
    if other:
        raise InputError(f"{name}: expected the arrays of a network, such as '2 dense weights', found {other[:60]!r}.")


def _card(name: str, text: bytes) -> ModelCard:
    if len(text) > weights.MAX_CARD_BYTES:
        raise InputError(f"{name}: expected at most {weights.MAX_CARD_BYTES:,} bytes, found {len(text):,}.")
    return weights.parse_card(text, name)


def take_upload(files: list[tuple[str, bytes]]) -> str:
    """A network from the files that a visitor uploaded, name and bytes each; returns its key.

    Raises InputError unless they are one .npz and one .json that belong together.
    """
    by_ending = {name.rsplit(".", 1)[-1].lower(): (name, data) for name, data in files}
    if len(files) != 2 or set(by_ending) != {"npz", "json"}:
        raise InputError("Expected two files: the weights (.npz) and their model card (.json).")
    (npz_name, npz), (json_name, text) = by_ending["npz"], by_ending["json"]
    card = _card(json_name, text)
    network = weights.parse_network(npz, card, npz_name)
    key = f"upload:{card.title[:60]}"
    keep_network(key, Recognizer(network, card))
    return key
