"""How far the exported networks agree with ours on MNIST's 10,000 test images, in ONNX Runtime and in PyTorch.

    python -m benchmarks.exchange onnx [NETWORK ...]
    python -m benchmarks.exchange torch [NETWORK ...]
    python -m benchmarks.exchange show

Each program is measured where it is installed; `benchmarks/exchange.json` keeps both, with their versions. The figure
is the largest difference of any probability.
"""

import importlib.util
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from mnist_core import Recognizer
from mnist_core.data import load_mnist, to_unit
from mnist_core.exchange import exported
from mnist_core.reading import weights

FILE = Path(__file__).with_suffix(".json")
AT_ONCE = 500


def main() -> None:
    program = sys.argv[1]
    found: dict[str, Any] = json.loads(FILE.read_text()) if FILE.exists() else {}
    if program != "show":
        images = to_unit(load_mnist().test_images)
        measure = {"onnx": _in_onnx_runtime, "torch": _in_torch}[program]
        for name in sys.argv[2:] or weights.names():
            version, theirs = measure(name, images)
            ours = _ours(name, images)
            row = {
                "difference": float(np.abs(theirs - ours).max()),
                "other answers": int((theirs.argmax(1) != ours.argmax(1)).sum()),
            }
            print(name, row, flush=True)
            # Read again each time: the other program may be measured at the same time.
            found = json.loads(FILE.read_text()) if FILE.exists() else {}
            kept = found.setdefault(program, {"version": version, "networks": {}})
            kept["version"], kept["networks"][name] = version, row
            FILE.write_text(json.dumps(found, indent=1) + "\n")
    print(table(found))


def table(found: dict[str, Any]) -> str:
    """The table of docs/exchange.md."""
    programs = [found[program] for program in ("onnx", "torch") if program in found]
    lines = [f"| network | {' | '.join(one['version'] for one in programs)} |", "| --- " * (1 + len(programs)) + "|"]
    for name in weights.names():
        rows = [one["networks"].get(name) for one in programs]
        shares = ["not measured" if row is None else f"{row['difference']:.1e}" for row in rows]
        lines.append(f"| `{name}` | {' | '.join(shares)} |")
    return "\n".join(lines)


def _ours(name: str, images: np.ndarray) -> np.ndarray:
    recognizer = Recognizer.load(name)
    return np.concatenate(
        [recognizer.probabilities(images[at : at + AT_ONCE]) for at in range(0, len(images), AT_ONCE)]
    )


def _in_onnx_runtime(name: str, images: np.ndarray) -> tuple[str, np.ndarray]:
    import onnxruntime

    ((_, data),) = exported(*weights.load(name), "onnx").items()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(data, options)
    parts = [session.run(None, {"images": images[at : at + AT_ONCE]})[0] for at in range(0, len(images), AT_ONCE)]
    return f"ONNX Runtime {onnxruntime.__version__}", np.concatenate(parts)


def _in_torch(name: str, images: np.ndarray) -> tuple[str, np.ndarray]:
    import torch

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        for file, data in exported(*weights.load(name), "torch").items():
            (Path(folder) / file).write_bytes(data)
        (program,) = Path(folder).glob("*.py")
        spec = importlib.util.spec_from_file_location(program.stem, program)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        reader = module.load()
    with torch.no_grad():
        parts = [reader(torch.tensor(images[at : at + AT_ONCE])) for at in range(0, len(images), AT_ONCE)]
    return f"PyTorch {torch.__version__}", torch.cat(parts).numpy()


if __name__ == "__main__":
    main()
