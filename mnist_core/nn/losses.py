"""How wrong an answer is, as one number, and in which direction every score should move to make it smaller.

A loss takes the scores of the last layer, float [N, classes], and the right classes, integers [N]. It returns the mean
loss over the N rows and its gradient by the scores, [N, classes]. `output` says how such scores become probabilities.

A large batch may come in parts: `rows` is then the size of the whole batch, every part is divided by that, and the
losses and gradients of all parts add up to those of the batch.
"""

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import DTypeLike

from mnist_core.errors import InputError
from mnist_core.nn.layers import sigmoid, softmax


class Loss(Protocol):
    """What every loss looks like."""

    name: ClassVar[str]
    output: ClassVar[str]

    def __call__(self, scores: np.ndarray, digits: np.ndarray, rows: int = 0) -> tuple[float, np.ndarray]: ...


@dataclass(frozen=True)
class SoftmaxCrossEntropy:
    """L = mean over rows of -log softmax(z)[digit]; dL/dz = (softmax(z) - Y) / N, with Y one-hot.

    Softmax and logarithm are one step, log softmax(z) = z - max(z) - log(sum(exp(z - max(z)))), so that a
    probability that rounds to zero never meets a logarithm. Computes the same as plain.softmax_cross_entropy.
    """

    name: ClassVar[str] = "softmax_cross_entropy"
    output: ClassVar[str] = "softmax"

    def __call__(self, scores: np.ndarray, digits: np.ndarray, rows: int = 0) -> tuple[float, np.ndarray]:
        rows, every = rows or len(scores), np.arange(len(scores))
        # One long row for each class: NumPy is faster along ten long rows than along many rows of ten.
        shifted = np.ascontiguousarray(scores.T)
        shifted = shifted - shifted.max(axis=0)
        right = shifted[digits, every]
        gradient = np.exp(shifted, out=shifted)
        totals = gradient.sum(axis=0)
        loss = float(np.log(totals).sum() - right.sum()) / rows
        totals *= rows
        gradient /= totals
        gradient[digits, every] -= 1 / rows
        return loss, gradient.T


@dataclass(frozen=True)
class GeneralizedCrossEntropy:
    """L = mean over rows of (1 - p^q) / q with p = softmax(z)[digit]; dL/dz = p^q (softmax(z) - Y) / N, Y one-hot.

    For labels of which some are wrong (Zhang, Sabuncu 2018): a row whose label looks unlikely pulls less, by p^q. With
    q near 0 it is the cross-entropy, with q = 1 the mean absolute error.
    """

    name: ClassVar[str] = "generalized_cross_entropy"
    output: ClassVar[str] = "softmax"
    q: float = 0.3

    def __post_init__(self) -> None:
        if not 0 < self.q <= 1:
            raise InputError(f"generalized_cross_entropy: expected q above 0 and up to 1, found {self.q}.")

    def __call__(self, scores: np.ndarray, digits: np.ndarray, rows: int = 0) -> tuple[float, np.ndarray]:
        rows, every = rows or len(scores), np.arange(len(scores))
        gradient = softmax(scores)
        weight = gradient[every, digits] ** self.q
        loss = float((1 - weight).sum()) / self.q / rows
        gradient[every, digits] -= 1
        gradient *= weight[:, None] / rows
        return loss, gradient


@dataclass(frozen=True)
class BinaryCrossEntropy:
    """A yes-or-no question for each class: L = mean over rows and classes of -Y log s(z) - (1 - Y) log(1 - s(z)).

    s is the sigmoid. dL/dz = (s(z) - Y) / (classes N). Written as max(z, 0) - z Y + log(1 + exp(-|z|)), which cannot
    overflow.
    """

    name: ClassVar[str] = "binary_cross_entropy"
    output: ClassVar[str] = "sigmoid"

    def __call__(self, scores: np.ndarray, digits: np.ndarray, rows: int = 0) -> tuple[float, np.ndarray]:
        target = one_hot(digits, scores.shape[1], scores.dtype)
        loss = np.maximum(scores, 0) - scores * target + np.log1p(np.exp(-np.abs(scores)))
        gradient = sigmoid(scores)
        gradient -= target
        gradient /= (rows or len(scores)) * scores.shape[1]
        return float(loss.mean()) * share(scores, rows), gradient


@dataclass(frozen=True)
class SquaredError:
    """L = mean over rows of the sum over classes of (y - Y)^2; dL/dy = 2 (y - Y) / N.

    The scores y stand for themselves.
    """

    name: ClassVar[str] = "squared_error"
    output: ClassVar[str] = "identity"

    def __call__(self, scores: np.ndarray, digits: np.ndarray, rows: int = 0) -> tuple[float, np.ndarray]:
        difference = scores - one_hot(digits, scores.shape[1], scores.dtype)
        loss = float((difference * difference).sum(axis=1).mean()) * share(scores, rows)
        difference *= 2 / (rows or len(scores))
        return loss, difference


LOSSES: dict[str, type[Loss]] = {
    cls.name: cls for cls in (SoftmaxCrossEntropy, GeneralizedCrossEntropy, BinaryCrossEntropy, SquaredError)
}


def share(scores: np.ndarray, rows: int) -> float:
    """Which part of a batch of `rows` rows these scores [N, classes] are; 1 if `rows` is 0."""
    return len(scores) / rows if rows else 1.0


def one_hot(digits: np.ndarray, classes: int, dtype: DTypeLike) -> np.ndarray:
    """[N] digits as rows of [N, classes]: 1 in the digit's own column, 0 elsewhere."""
    rows = np.zeros((len(digits), classes), dtype)
    rows[np.arange(len(digits)), digits] = 1
    return rows
