"""A reading in words, for the Draw page."""

from mnist_core import Reading
from pages.components.charts import percent

CLOSE = 0.05
"""A second answer at least so probable is told with the first."""


def answer(reading: Reading) -> tuple[str, str]:
    """A reading in large type and in words."""
    if reading.status == "blank":
        return "–", "**Draw a digit** from 0 to 9 on the black square."
    if reading.digit is None:
        return "?", ":material/help: **Not sure:** there are no strokes to read in a few specks or a filled shape."
    digit, second = reading.likeliest(2)
    runner_up = float(reading.probabilities[second]) * (1 - reading.other)
    if reading.status == "digit":
        sure = f":material/check_circle: **{percent(reading.confidence)} sure**"
        if runner_up >= CLOSE and runner_up >= reading.other:
            return str(digit), f"{sure}, otherwise **{second}** ({percent(runner_up)})"
        return str(digit), sure
    if reading.status == "other":
        words = f":material/block: **Not a digit**, {percent(reading.other)} sure."
        if reading.confidence >= CLOSE:
            words += f" Or else **{digit}** ({percent(reading.confidence)})."
        return "–", words
    likely = [(f"**{digit}**", reading.confidence), (f"**{second}**", runner_up), ("no digit at all", reading.other)]
    (first, most), (other, less) = sorted(likely, key=lambda pair: -pair[1])[:2]
    return (
        f"{digit}?",
        f":material/help: **Not sure:** it could be {first} ({percent(most)}) or {other} ({percent(less)}).",
    )
