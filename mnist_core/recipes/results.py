"""What the published recipes gave when they were last trained in full, by `python -m benchmarks.recipes --save`."""

import functools
import json
import statistics
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "measured.json"


@dataclass(frozen=True)
class Measured:
    """One recipe's figures. accuracies, corrected_accuracies: 0 to 1, one for each seed from 0 on, of the recipe as
    published and of its corrected twin (none if there is none). seconds: the median time of one training.
    """

    recipe: str
    accuracies: tuple[float, ...]
    corrected_accuracies: tuple[float, ...]
    seconds: float

    @property
    def mean(self) -> float:
        """The mean over the seeds, as published."""
        return statistics.mean(self.accuracies)

    @property
    def cost(self) -> str:
        """What the mistake cost, in a sentence; "" where there is no twin."""
        if not self.corrected_accuracies:
            return ""
        twin = statistics.mean(self.corrected_accuracies)
        change = f"{100 * (twin - self.mean):+.1f} points"
        return f"Mended, it gets {100 * twin:.2f} % instead of {100 * self.mean:.2f} %: {change}."

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self) | {"mean": self.mean, "cost": self.cost}


@functools.cache
def measured() -> dict[str, Measured]:
    """The figures by the recipe's name."""
    rows = json.loads(FILE.read_text(encoding="utf-8"))
    return {
        row["recipe"]: Measured(
            row["recipe"], tuple(row["accuracies"]), tuple(row["corrected_accuracies"]), row["seconds"]
        )
        for row in rows
    }
