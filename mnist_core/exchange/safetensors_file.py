"""Files in the format of the package safetensors: arrays by name and some text, and no code."""

import json
from dataclasses import dataclass

import numpy as np

from mnist_core.errors import InputError
from mnist_core.exchange.packages import package

MAX_BYTES = 66_000_000
MAX_HEADER_BYTES = 1_000_000
MAX_TENSORS = 1000
TYPES = {"F64": np.float64, "F32": np.float32, "F16": np.float16, "I64": np.int64}


@dataclass(frozen=True)
class TensorFile:
    """What a file holds."""

    tensors: dict[str, np.ndarray]
    metadata: dict[str, str]


def write_tensors(tensors: dict[str, np.ndarray], metadata: dict[str, str]) -> bytes:
    """The bytes of a file. Raises InputError if the package is missing."""
    written: bytes = package("safetensors.numpy").save(
        {name: np.ascontiguousarray(array) for name, array in tensors.items()}, metadata
    )
    return written


def read_tensors(data: bytes, name: str) -> TensorFile:
    """The arrays and the text in a file, whose name error messages give. Raises InputError for all but a sound file.

    The package checks that every array lies inside the file; memory is taken for what is there alone.
    """
    library = package("safetensors")
    if len(data) > MAX_BYTES:
        raise InputError(f"{name}: expected a file of at most {MAX_BYTES / 1e6:g} MB, found more.")
    length = int.from_bytes(data[:8], "little")
    if length > MAX_HEADER_BYTES or length + 8 > len(data):
        raise InputError(f"{name}: expected a safetensors file, found something else.")
    try:
        header = json.loads(data[8 : 8 + length])
        found = library.deserialize(data)
        metadata = header.get("__metadata__") or {}
        if len(found) > MAX_TENSORS or not all(isinstance(text, str) for text in metadata.values()):
            raise InputError(f"{name}: expected at most {MAX_TENSORS} tensors, and text about them, found others.")
    except (ValueError, RecursionError, AttributeError, TypeError, library.SafetensorError):
        raise InputError(f"{name}: expected a safetensors file, found something else or a damaged one.") from None
    tensors = {}
    for label, tensor in found:
        kind = TYPES.get(tensor["dtype"])
        if kind is None:
            known = ", ".join(TYPES)
            raise InputError(f"{name}: tensor {label[:60]!r} is of the type {tensor['dtype']}; expected {known}.")
        tensors[label] = np.frombuffer(tensor["data"], np.dtype(kind).newbyteorder("<")).reshape(tensor["shape"])
    return TensorFile(tensors, metadata)
