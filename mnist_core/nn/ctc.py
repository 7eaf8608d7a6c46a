"""Connectionist temporal classification: how likely a text is, given scores for each column of a line.

Source: Graves, Fernandez, Gomez, Schmidhuber, "Connectionist temporal classification: labelling unsegmented sequence
data with recurrent neural networks" (2006). In each column a network says one sign, or the blank, which stands for
none. A text may be said in many ways: its signs in their order, each in one column or in several that follow each
other, blanks between them wherever they like; between two equal signs there has to be one. How likely a text is is the
sum over all ways.

A text is a sequence of classes. It is taken with a blank before, between and behind its signs: 2 L + 1 states, and a
way through the columns stays in a state, goes on to the next, or skips the blank between two different signs.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from mnist_core.nn.layers import softmax

Text = Sequence[int]


class _States:
    """The states of some texts. signs: int [N, S]; skips: bool [N, S], whether the state before may be left out.

    last: int [N], the last state of each. columns: int [N], how many columns each needs.
    """

    def __init__(self, texts: Sequence[Text], blank: int) -> None:
        lengths = np.array([len(text) for text in texts], int)
        self.signs = np.full((len(texts), 2 * int(lengths.max(initial=0)) + 1), blank)
        for row, text in zip(self.signs, texts, strict=True):
            row[1 : 2 * len(text) : 2] = text
        self.skips = np.zeros(self.signs.shape, bool)
        self.skips[:, 3::2] = self.signs[:, 3::2] != self.signs[:, 1:-2:2]
        self.last = 2 * lengths
        self.columns = np.array([fewest_columns(text) for text in texts], int)

    def of(self, probabilities: np.ndarray) -> np.ndarray:
        """Float64 [T, N, S]: the probability of each state's sign in each column, from [N, T, classes]."""
        shape = (*probabilities.shape[:2], self.signs.shape[1])
        signs = np.broadcast_to(self.signs[:, None], shape)
        return np.take_along_axis(probabilities, signs, axis=2).transpose(1, 0, 2).astype(np.float64)

    def ends(self) -> np.ndarray:
        """Float64 [N, S]: 1 where a text may end, in its last sign or in the blank behind it."""
        places = np.arange(self.signs.shape[1])
        return ((places == self.last[:, None]) | (places == self.last[:, None] - 1)).astype(np.float64)


def fewest_columns(text: Text) -> int:
    """How many columns a text needs: one for each sign, and one for the blank between two equal signs."""
    return len(text) + sum(before == after for before, after in pairwise(text))


def log_likelihoods(probabilities: np.ndarray, texts: Sequence[Text], blank: int) -> np.ndarray:
    """float64 [N]: the log probability of each of N texts, -inf for one that does not fit.

    probabilities: [N, T, classes] of each class in each of T columns; [1, T, classes] for the same columns each time.
    """
    states = _States(texts, blank)
    shared = np.broadcast_to(probabilities, (len(texts), *probabilities.shape[1:]))
    ways, logs = _forward(states.of(shared), states)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log((ways[-1] * states.ends()).sum(axis=1)) + logs)


def loss_and_gradient(logits: np.ndarray, texts: Sequence[Text], blank: int) -> tuple[float, np.ndarray]:
    """The mean over N lines of minus the log likelihood of each one's text, and its gradient by the logits.

    logits: [N, T, classes]; the gradient has their shape and dtype. A line that is too narrow for its text counts for
    nothing, and has no gradient.
    """
    states = _States(texts, blank)
    probabilities = softmax(logits.reshape(-1, logits.shape[-1]).astype(np.float64)).reshape(logits.shape)
    here = states.of(probabilities)
    before, logs = _forward(here, states)
    behind = _backward(here, states)
    total = (before[-1] * states.ends()).sum(axis=1)
    fits = (states.columns <= logits.shape[1]) & (total > 0)
    # How likely it is that each state is passed in each column; both sweeps have counted the column itself.
    passed = before * np.divide(behind, here, out=np.zeros_like(here), where=here > 0)
    sums = passed.sum(axis=2, keepdims=True)
    passed = np.divide(passed, sums, out=np.zeros_like(passed), where=sums > 0)
    said = np.zeros(logits.shape)
    lines = np.arange(len(logits))
    for state in range(passed.shape[2]):
        said[lines, :, states.signs[:, state]] += passed[:, :, state].T
    gradient = (probabilities - said) / len(logits)
    gradient[~fits] = 0
    losses = -(np.log(total[fits]) + logs[fits])
    return float(losses.sum() / len(logits)), gradient.astype(logits.dtype)


def best_text(logits: np.ndarray, blank: int) -> list[int]:
    """What [T, classes] say column by column, the likeliest class of each: repetitions and blanks left out."""
    signs = logits.argmax(axis=1)
    new = np.concatenate([[True], signs[1:] != signs[:-1]])
    return [int(sign) for sign in signs[new] if sign != blank]


def _forward(here: np.ndarray, states: _States) -> tuple[np.ndarray, np.ndarray]:
    """Float64 [T, N, S]: the sum over all ways to each state in each column, brought to a sum of 1 in each column.

    And float64 [N], the log of what the last column was divided by in all.
    """
    ways = np.zeros_like(here)
    ways[0, :, :2] = here[0, :, :2]
    logs = np.zeros(here.shape[1])
    for column in range(len(here)):
        now = ways[column]
        if column:
            last = ways[column - 1]
            now[...] = last
            now[:, 1:] += last[:, :-1]
            now[:, 2:] += last[:, :-2] * states.skips[:, 2:]
            now *= here[column]
        logs += _to_one(now)
    return ways, logs


def _backward(here: np.ndarray, states: _States) -> np.ndarray:
    """Float64 [T, N, S]: the same from each state to the end; brought to a sum of 1, too."""
    ways = np.zeros_like(here)
    ways[-1] = here[-1] * states.ends()
    _to_one(ways[-1])
    for column in range(len(here) - 2, -1, -1):
        now, next_one = ways[column], ways[column + 1]
        now[...] = next_one
        now[:, :-1] += next_one[:, 1:]
        now[:, :-2] += (next_one * states.skips)[:, 2:]
        now *= here[column]
        _to_one(now)
    return ways


def _to_one(ways: np.ndarray) -> np.ndarray:
    """Divide [N, S] by its sums, in place, so that no number becomes too small; their logs [N]."""
    sums = ways.sum(axis=1)
    sums[sums == 0] = 1
    ways /= sums[:, None]
    return np.asarray(np.log(sums))
