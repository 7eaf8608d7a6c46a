"""What a network can answer, as it stands below bars and beside rows."""

import numpy as np

from pages.components.language import _, gettext_noop

OTHER = gettext_noop("none")
"""What is none of a network's classes. Pages show it by `answer_name`."""
SIDE_BY_SIDE, LIKELIEST = 12, 10
"""Up to so many classes are shown side by side; of more, so many that matter most."""


def shown_classes(weights: np.ndarray) -> list[int]:
    """The classes that are shown, in their order: all, or of many those with the largest weights, float [classes]."""
    if len(weights) <= SIDE_BY_SIDE:
        return list(range(len(weights)))
    return sorted(int(index) for index in np.argsort(-weights, kind="stable")[:LIKELIEST])


def most_confused(counts: np.ndarray) -> list[int]:
    """The classes that a confusion matrix, integers [classes, classes], shows: all, or those with the most mistakes."""
    wrong = counts - np.diag(np.diag(counts))
    return shown_classes((wrong.sum(axis=0) + wrong.sum(axis=1)).astype(float))


def answer_name(name: str) -> str:
    """A class by its name, and what is none of them in the visitor's language."""
    return _(OTHER) if name == OTHER else name
