"""Networks in and out of the files of other programs: ONNX, safetensors, PyTorch; and curves for other tools.

Read `exporting.py` first, then `importing.py`. This wing uses `reading`, `nn`, `data` and `errors`. The
packages that it needs are an extra: `packages.py` asks for them when a file is written or read, and says what to
install.

Out: reading_steps.py is what has to be exported, channels_first.py how arrays lie elsewhere; to_onnx.py, to_torch.py
and safetensors_file.py write it down.
In: wire.py and onnx_file.py take a file apart, with limits; onnx_walk.py follows its nodes, of which onnx_layers.py,
onnx_moves.py, onnx_scales.py and constant_nodes.py each know some; from_onnx.py puts them together, from_tensors.py
does the same for arrays with a list of layers; body.py is what is found, pictures_wanted.py which pictures it needs.
curves.py writes curves.
"""

from mnist_core.exchange.curves import csv_of, events_zip, write_events
from mnist_core.exchange.exporting import FORMATS, as_one_file, exported
from mnist_core.exchange.importing import SUFFIXES, Imported, best_way, take_apart
from mnist_core.exchange.packages import lacking, missing
from mnist_core.exchange.pictures_wanted import FITS, SCALES, PicturesWanted

__all__ = [
    "FITS",
    "FORMATS",
    "SCALES",
    "SUFFIXES",
    "Imported",
    "PicturesWanted",
    "as_one_file",
    "best_way",
    "csv_of",
    "events_zip",
    "exported",
    "lacking",
    "missing",
    "take_apart",
    "write_events",
]
