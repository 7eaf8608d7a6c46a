"""What was found in a file: layers with their arrays, before it is known what pictures they want."""

from dataclasses import dataclass, field

import numpy as np

Arrays = dict[str, np.ndarray]


@dataclass
class FoundLayer:
    """One layer: its line of text without what its arrays say (`biases=none`), and its arrays, laid out as here."""

    text: str
    arrays: Arrays = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return self.text.split()[0]

    @property
    def line(self) -> str:
        """The line of a network's description."""
        bare = self.kind in ("dense", "conv") and "biases" not in self.arrays
        return f"{self.text} biases=none" if bare and "biases=none" not in self.text else self.text


@dataclass(frozen=True)
class Body:
    """side: of the square picture that goes in. output: how the scores become probabilities (see `Network`).

    source: what wrote the file, in words, "" if it does not say.
    """

    side: int
    layers: list[FoundLayer]
    output: str = "softmax"
    source: str = ""
