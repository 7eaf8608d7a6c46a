"""What a network's scores say, with all that is not a digit taken together, and what each of them stands for."""

import numpy as np

from mnist_core import Recognizer
from mnist_core.insight import NO_DIGIT
from mnist_core.nn import DIGITS, Network, probabilities
from mnist_core.recipes import training_data

CHARACTERS = training_data.UNMISTAKABLE


def named_shares(network: Network, scores: np.ndarray) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Names, scores and shares of the classes, for scores [classes] of one picture.

    What is not a digit is one class here, "none": the largest of those scores, the sum of those shares.
    """
    shares = probabilities(scores[None], network.output)[0].astype(np.float64)
    names = [str(digit) for digit in range(DIGITS)]
    if network.classes > DIGITS:
        names.append("none")
        shares = np.append(shares[:DIGITS], shares[DIGITS:].sum())
    return names, named_scores(scores), shares


def named_scores(scores: np.ndarray) -> np.ndarray:
    """float64 [..., 10 or 11], of scores [..., classes]: of all that is no digit, the largest."""
    digits, others = scores[..., :DIGITS].astype(np.float64), scores[..., DIGITS:].astype(np.float64)
    return np.concatenate([digits, others.max(axis=-1, keepdims=True)], axis=-1) if others.shape[-1] else digits


def class_name(number: int) -> str:
    """ "7", or "no digit"."""
    return "no digit" if number >= NO_DIGIT else str(number)


def unit_names(recognizer: Recognizer) -> list[str]:
    """What each unit of the last layer stands for: "7", "a", "scribble"; of an unknown class, "none"."""
    count = recognizer.network.classes - DIGITS
    others = [*CHARACTERS, "scribble"] if _knows_characters(recognizer) else ["none"] * count
    return [*(str(digit) for digit in range(DIGITS)), *others]


def about_the_units(recognizer: Recognizer) -> str:
    """Why the last layer has more units than there are answers, in Markdown; "" if it has ten."""
    classes = recognizer.network.classes
    others = classes - DIGITS
    if not others:
        return ""
    if not _knows_characters(recognizer):
        return (
            f"This layer has **{classes} units**: one for each of the ten digits, and {others} for what is not a "
            'digit. The answer takes these together as "none".'
        )
    return (
        f"This layer has **{classes} units**: one for each of the ten digits; one for each of {len(CHARACTERS)} "
        f"letters and symbols that nobody takes for a digit, `{' '.join(CHARACTERS)}`; and one for scribbles and for "
        "two digits side by side. A network that has to tell letters apart tells them better from digits. The answer "
        f'takes these {others} together as "none".'
    )


def _knows_characters(recognizer: Recognizer) -> bool:
    """Whether its classes beyond the digits are those of our training data: it was tested on the same pen strokes."""
    of_training = training_data.NOTHING + 1
    return recognizer.network.classes == of_training and "held-out writers" in recognizer.card.accuracies
