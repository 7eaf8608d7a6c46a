"""Drawing in, reading out: trained networks with their model cards, and how well they read.

Read `recognizer.py` first, then `weights.py`. This wing uses `nn`, `ink`, `data`, `files` and `errors`; to read a
digit needs no training code.
"""

from mnist_core.reading import weights
from mnist_core.reading.recognizer import Reading, Recognizer
from mnist_core.reading.weights import ModelCard

__all__ = ["ModelCard", "Reading", "Recognizer", "weights"]
