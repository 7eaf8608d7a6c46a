"""What a network's scores say, with all that is not a digit taken together."""

import numpy as np

from mnist_core.insight import NO_DIGIT
from mnist_core.nn import DIGITS, Network, probabilities


def named_shares(network: Network, scores: np.ndarray) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Names, scores and shares of the classes, for scores [classes] of one picture.

    What is not a digit is one class here, "none": the largest of those scores, the sum of those shares.
    """
    shares = probabilities(scores[None], network.output)[0].astype(np.float64)
    names, scores = [str(digit) for digit in range(DIGITS)], scores.astype(np.float64)
    if network.classes > DIGITS:
        names.append("none")
        scores = np.append(scores[:DIGITS], scores[DIGITS:].max())
        shares = np.append(shares[:DIGITS], shares[DIGITS:].sum())
    return names, scores, shares


def class_name(number: int) -> str:
    """ "7", or "no digit"."""
    return "no digit" if number >= NO_DIGIT else str(number)
