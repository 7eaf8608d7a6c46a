"""A reading as the Draw page shows it: in large type, in words, and as bars.

Nothing of Streamlit is imported here: the server's own answers while the pen moves need it, too (live_reader.py).
"""

from typing import TypedDict

from mnist_core import Reading
from pages.components.answers import DIGITS, OTHER
from pages.components.words import confidence

CLOSE = 0.05
"""From this probability on, a second answer is named beside the first."""


class Bars(TypedDict):
    """names: below the bars, ten or eleven; shares: their heights, 0..1, None without an answer; labels: above them."""

    names: list[str]
    shares: list[float] | None
    labels: list[str]
    alt: str


def bars(reading: Reading, knows_others: bool) -> Bars:
    """The probabilities. knows_others: the network has an answer for what is no digit."""
    names = [*DIGITS, OTHER] if knows_others else DIGITS
    if reading.digit is None:
        return {"names": names, "shares": None, "labels": [], "alt": "An empty bar chart: no answer yet."}
    shares = [round(float(share), 6) for share in reading.probabilities * (1 - reading.other)]
    if knows_others:
        shares.append(round(reading.other, 6))
    labels = [confidence(share) for share in shares]
    alt = "Bar chart of the probabilities. " + ", ".join(map(": ".join, zip(names, labels, strict=True)))
    return {"names": names, "shares": shares, "labels": labels, "alt": alt}


def answer(reading: Reading) -> tuple[str, str]:
    """A reading in large type and in words."""
    if reading.status == "blank":
        return "–", "**Draw a digit** from 0 to 9 on the black square."
    if reading.digit is None:
        return (
            "?",
            ":material/help: **Not sure:** there are no strokes to read in a dot, a dash, specks or a filled shape.",
        )
    digit, second = reading.likeliest(2)
    runner_up = float(reading.probabilities[second]) * (1 - reading.other)
    if reading.status == "digit":
        sure = f":material/check_circle: **{confidence(reading.confidence)} sure**"
        if runner_up >= CLOSE and runner_up >= reading.other:
            return str(digit), f"{sure}, otherwise **{second}** ({confidence(runner_up)})"
        return str(digit), sure
    if reading.status == "other":
        words = f":material/block: **Not a digit**, {confidence(reading.other)} sure."
        if reading.confidence >= CLOSE:
            words += f" Or else **{digit}** ({confidence(reading.confidence)})."
        return "✕", words
    likely = [(f"**{digit}**", reading.confidence), (f"**{second}**", runner_up), ("no digit at all", reading.other)]
    (first, most), (other, less) = sorted(likely, key=lambda pair: -pair[1])[:2]
    return (
        f"{digit}?",
        f":material/help: **Not sure:** it could be {first} ({confidence(most)}) or {other} ({confidence(less)}).",
    )
