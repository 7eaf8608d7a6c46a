"""The packages that only this wing needs. They are an extra: without them the formats are missing, and nothing else."""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from mnist_core.errors import InputError

PACKAGES = {"onnx": "ONNX files", "safetensors": "safetensors files", "tensorboardX": "TensorBoard files"}
HOW = 'pip install -r requirements-exchange.txt, or pip install "digit-lab[exchange]"'


def package(name: str) -> ModuleType:
    """The package, or a module of it. Raises InputError, with what to install, if it is not there."""
    try:
        return import_module(name)
    except ImportError:
        first = {"google": "onnx"}.get(name.partition(".")[0], name.partition(".")[0])
        raise InputError(f"{PACKAGES[first]} need the package {first}, which is not installed: {HOW}.") from None


def lacking() -> list[str]:
    """Which of `PACKAGES` are not installed."""
    return [name for name in PACKAGES if find_spec(name) is None]


def missing(*names: str) -> str:
    """One sentence that says which files cannot be written or read, and what to install; "" if nothing is missing.

    names: the packages that are meant; all if none are given.
    """
    found = [name for name in lacking() if not names or name in names]
    if not found:
        return ""
    files = " and ".join(PACKAGES[name] for name in found)
    return f"{files} need packages that are not installed ({', '.join(found)}): {HOW}."
