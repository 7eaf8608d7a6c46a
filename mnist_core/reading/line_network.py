"""How likely a number is, by a network that looks at a whole line and not at groups of pieces.

The network, `weights/lines`, is fully convolutional. On a picture of 28x28 pixels it gives one row of scores: for ten
digits, a letter, and the blank. On a wider one it gives a row of scores for every fourth column, as if it were slid
along; it looks twice, the second time two columns further, so that there is a row for every other one. Connectionist
temporal classification (`mnist_core/nn/ctc.py`) makes probabilities of texts of these. It was taught with lines alone,
so it does not depend on where a number is cut.
"""

import functools
from collections.abc import Sequence

import numpy as np

from mnist_core.errors import InputError
from mnist_core.nn import ctc
from mnist_core.nn.few import forward_few
from mnist_core.nn.folding import folded
from mnist_core.nn.layers import Layer, softmax
from mnist_core.nn.layers.pooling import Flatten
from mnist_core.nn.network import DIGITS, Network
from mnist_core.reading import weights

NAME, FOLDER = "lines", weights.FOLDER / "lines"
LETTER, BLANK = DIGITS, DIGITS + 1
"""The classes after the digits: a letter, and nothing new in this column."""
CLASSES = 12
STEP = 4
"""Columns of the picture for one row of scores: two poolings halve it twice."""


def line_probabilities(line: np.ndarray) -> np.ndarray:
    """float32 [T, 12]: what every other column of a line, float [28, w] with w of at least 28, may be."""
    network = _network()
    pictures = two_looks(line[None].astype(network.dtype, copy=False))
    scores = forward_few(column_layers(network), pictures, network.new_tapes(training=False)[:-1])
    return np.asarray(softmax(in_turn(scores[:, 0])[0]))


def two_looks(lines: np.ndarray) -> np.ndarray:
    """[2 N, 28, w, 1] for lines [N, 28, w]: each as it is, then each moved to the left by half a step."""
    moved = np.zeros_like(lines)
    moved[..., : -STEP // 2] = lines[..., STEP // 2 :]
    return np.concatenate([lines, moved])[..., None]


def in_turn(scores: np.ndarray) -> np.ndarray:
    """[N, 2 T, classes] in the order of the columns, from the scores [2 N, T, classes] of `two_looks`."""
    first, second = np.split(scores, 2)
    return np.stack([first, second], axis=2).reshape(len(first), -1, scores.shape[-1])


def text_probabilities(columns: np.ndarray, texts: Sequence[str]) -> np.ndarray:
    """float64 [texts]: how likely columns [T, 12] from `line_probabilities` are each of these numbers."""
    signs = [[int(sign) for sign in text] for text in texts]
    return np.exp(ctc.log_likelihoods(columns[None], signs, BLANK))


def letter_probability(columns: np.ndarray) -> float:
    """How likely it is that there is a letter anywhere in columns [T, 12] from `line_probabilities`.

    Given the line, columns count as independent of each other, as in all of connectionist temporal classification.
    """
    return 1 - float(np.prod(1 - columns[:, LETTER].astype(np.float64)))


def best_number(columns: np.ndarray) -> str:
    """The number that columns [T, 12] say one by one; "" if there is a letter among them."""
    signs = ctc.best_text(columns, BLANK)
    return "" if LETTER in signs else "".join(map(str, signs))


def column_layers(network: Network) -> list[Layer]:
    """The layers that give a picture [N, 1, T, classes]: all but the last, which makes one row of it."""
    return network.layers[:-1]


@functools.cache
def _network() -> Network:
    network, _ = weights.load(NAME, FOLDER)
    if network.classes != CLASSES or network.description[-1] != Flatten.name:
        raise InputError(f"{NAME}.npz: expected a network of {CLASSES} classes whose last layer is flatten.")
    return folded(network)
