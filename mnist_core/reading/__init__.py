"""Drawing in, reading out: trained networks with their model cards, and how well they read.

Read `recognizer.py` first, then `weights.py`; `numbers.py` is for whole numbers. This wing uses `nn`, `ink`, `numbers`,
`data`, `files` and `errors`; to read a digit needs no training code, and no SciPy.
"""

from mnist_core.reading import weights
from mnist_core.reading.answers import Cuts, Grouping, NumberDigit, NumberReading, Reading
from mnist_core.reading.number_figure import NumberFigure
from mnist_core.reading.recognizer import Recognizer
from mnist_core.reading.weights import ModelCard

__all__ = [
    "Cuts",
    "Grouping",
    "ModelCard",
    "NumberDigit",
    "NumberFigure",
    "NumberReading",
    "Reading",
    "Recognizer",
    "weights",
]
