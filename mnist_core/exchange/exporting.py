"""A trained network as files of other programs."""

import io
import zipfile

from mnist_core.errors import InputError
from mnist_core.exchange.reading_steps import card_metadata, reading_steps
from mnist_core.exchange.safetensors_file import write_tensors
from mnist_core.exchange.to_onnx import to_onnx
from mnist_core.exchange.to_torch import program
from mnist_core.nn.network import Network
from mnist_core.reading.weights import ModelCard

FORMATS = {"onnx": "ONNX", "safetensors": "safetensors", "torch": "PyTorch"}


def exported(network: Network, card: ModelCard, file_format: str, of_drawings: bool = False) -> dict[str, bytes]:
    """The files of a network in one of `FORMATS`, by name.

    onnx: the whole reading network; of_drawings: it takes drawings of 280x280 pixels and normalizes them.
    safetensors: the arrays as they are here, with the card. torch: a state dict in safetensors, and a program that
    rebuilds the network.
    Raises InputError for another format, or if the package for it is missing.
    """
    if of_drawings and file_format != "onnx":
        raise InputError(f"format {file_format!r}: only onnx files can normalize drawings.")
    if file_format == "onnx":
        name = f"{card.name}-drawings.onnx" if of_drawings else f"{card.name}.onnx"
        return {name: to_onnx(reading_steps(network, card), of_drawings)}
    if file_format == "safetensors":
        return {f"{card.name}.safetensors": write_tensors(dict(network.arrays()), card_metadata(card))}
    if file_format == "torch":
        steps = reading_steps(network, card)
        stem = card.name.replace("-", "_") + "_torch"
        weights, model = f"{stem}.safetensors", f"{stem}.py"
        return {
            weights: write_tensors(steps.tensors(), steps.metadata()),
            model: program(steps, weights, model).encode(),
        }
    raise InputError(f"format {file_format!r}: expected one of {', '.join(FORMATS)}.")


def as_one_file(files: dict[str, bytes]) -> tuple[str, bytes]:
    """The only file as it is, or several in a .zip file: its name and its bytes."""
    if len(files) == 1:
        ((name, data),) = files.items()
        return name, data
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            # A fixed date, so that the same network gives the same bytes.
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    return next(iter(files)).rsplit(".", 1)[0] + ".zip", buffer.getvalue()
