"""A claim of a lesson: a sentence that it tells, and the measurement that shows whether it is still true."""

from dataclasses import dataclass

MEASURES = (
    "test accuracy",
    "training accuracy",
    "training less test accuracy",
    "last loss",
    "growth of the loss",
    "peak of the loss",
    "parameters",
    "mean confidence",
    "sure mistakes",
    "strangers' digits",
    "flagged ones",
    "letters as digits",
    "letters surely as digits",
    "smallest change",
    "forgotten",
    "learned",
)
"""What can be measured. `docs/lessons/README.md` tells what each is; shares are in percent."""


@dataclass(frozen=True)
class Claim:
    """says: the sentence. of: what is measured, as the parameters of an address: "network=mlp" for a bundled network,
    "preset=mlp&epochs=1" for one that is trained as the Train page would. minus: another one, of which the same is
    taken off. The result is between at_least and at_most.

    shift: the test images are moved by so many pixels to the right and down. mixed: for teaching, whether MNIST's
    images are shown in between.
    """

    says: str
    measure: str
    of: str
    minus: str = ""
    at_least: float = float("-inf")
    at_most: float = float("inf")
    shift: int = 0
    mixed: bool = False
