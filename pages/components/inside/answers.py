"""What a network's scores say, with all that is none of its classes taken together, and what each stands for."""

import numpy as np

from mnist_core import Recognizer
from mnist_core.nn import probabilities
from mnist_core.recipes import training_data
from pages.components.answers import OTHER, answer_name
from pages.components.language import _

CHARACTERS = training_data.UNMISTAKABLE


def named_shares(recognizer: Recognizer, scores: np.ndarray) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Names, scores and shares of the classes, for scores [outputs] of one picture.

    What is none of the classes, such as what is not a digit, is one more here, "none": the largest of those scores, the
    sum of those shares.
    """
    known = len(recognizer.classes)
    shares = probabilities(scores[None], recognizer.network.output)[0].astype(np.float64)
    names = [*recognizer.classes]
    if recognizer.knows_others:
        names.append(answer_name(OTHER))
        shares = np.append(shares[:known], shares[known:].sum())
    return names, named_scores(scores, known), shares


def named_scores(scores: np.ndarray, known: int) -> np.ndarray:
    """float64 [..., known or one more], of scores [..., outputs]: of all that is none of the classes, the largest."""
    digits, others = scores[..., :known].astype(np.float64), scores[..., known:].astype(np.float64)
    return np.concatenate([digits, others.max(axis=-1, keepdims=True)], axis=-1) if others.shape[-1] else digits


def class_name(recognizer: Recognizer, number: int) -> str:
    """ "7", or "no digit" for what is beyond the network's classes."""
    if number < len(recognizer.classes):
        return recognizer.classes[number]
    return _("no digit") if recognizer.reads_digits else _("none of these")


def unit_names(recognizer: Recognizer) -> list[str]:
    """What each unit of the last layer stands for: "7", "a", "scribble"; of an unknown class, "none"."""
    count = recognizer.network.classes - len(recognizer.classes)
    others = [*CHARACTERS, _("scribble")] if _knows_characters(recognizer) else [answer_name(OTHER)] * count
    return [*recognizer.classes, *others]


def about_the_units(recognizer: Recognizer) -> str:
    """Why the last layer has more units than there are answers, in Markdown; "" if it has as many."""
    classes = recognizer.network.classes
    others = classes - len(recognizer.classes)
    if not others:
        return ""
    if not recognizer.reads_digits:
        return _(
            "This layer has **{units} units**: one for each of its {classes} classes, and {others} "
            'for what is none of them. The answer takes these together as "none".'
        ).format(units=classes, classes=len(recognizer.classes), others=others)
    if not _knows_characters(recognizer):
        return _(
            "This layer has **{units} units**: one for each of the ten digits, and {others} for what is not a "
            'digit. The answer takes these together as "none".'
        ).format(units=classes, others=others)
    return _(
        "This layer has **{units} units**: one for each of the ten digits; one for each of {count} "
        "letters and symbols that nobody takes for a digit, `{symbols}`; and one for scribbles and for "
        "two digits side by side. A network that has to tell letters apart tells them better from digits. The answer "
        'takes these {others} together as "none".'
    ).format(units=classes, count=len(CHARACTERS), symbols=" ".join(CHARACTERS), others=others)


def _knows_characters(recognizer: Recognizer) -> bool:
    """Whether its classes beyond the digits are those of our training data: it was tested on the same pen strokes."""
    of_training = training_data.NOTHING + 1
    tested = "held-out writers" in recognizer.card.accuracies
    return recognizer.reads_digits and recognizer.network.classes == of_training and tested
