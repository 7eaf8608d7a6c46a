"""A reading as the Draw page shows it: in large type, in words, and as bars.

Nothing of Streamlit is imported here: the server's own answers while the pen moves need it, too (live_reader.py).
"""

from typing import TypedDict

from mnist_core import Reading
from mnist_core.data import TEN_DIGITS
from pages.components.answers import LIKELIEST, OTHER, SIDE_BY_SIDE, shown_classes
from pages.components.words import confidence, escaped, in_short

CLOSE = 0.05
"""From this probability on, a second answer is named beside the first."""


class Bars(TypedDict):
    """names: below the bars; shares: their heights, 0..1, None without an answer; labels: above them."""

    names: list[str]
    shares: list[float] | None
    labels: list[str]
    alt: str


def bars(reading: Reading, knows_others: bool) -> Bars:
    """The probabilities; of many classes, the likeliest. knows_others: the network has an answer for what is none."""
    others = [OTHER] if knows_others else []
    if reading.digit is None:
        classes = reading.classes if len(reading.classes) <= SIDE_BY_SIDE else reading.classes[:LIKELIEST]
        names = [*classes, *others]
        return {"names": names, "shares": None, "labels": [], "alt": "An empty bar chart: no answer yet."}
    shown = shown_classes(reading.probabilities)
    names = [*(reading.classes[index] for index in shown), *others]
    shares = [round(float(share), 6) for share in reading.probabilities[shown] * (1 - reading.other)]
    if knows_others:
        shares.append(round(reading.other, 6))
    labels = [confidence(share) for share in shares]
    alt = "Bar chart of the probabilities. " + ", ".join(map(": ".join, zip(names, labels, strict=True)))
    return {"names": names, "shares": shares, "labels": labels, "alt": alt}


def answer(reading: Reading) -> tuple[str, str]:
    """A reading in large type and in words."""
    are_digits = reading.classes == TEN_DIGITS
    if reading.status == "blank":
        if are_digits:
            return "–", "**Draw a digit** from 0 to 9 on the black square."
        return "–", f"**Draw** on the black square. This network reads {escaped(in_short(reading.classes))}."
    if reading.digit is None:
        return (
            "?",
            ":material/help: **Not sure:** there are no strokes to read in a dot, a dash, specks or a filled shape.",
        )
    first, second = reading.likeliest(2)
    digit, next_best = escaped(reading.classes[first]), escaped(reading.classes[second])
    runner_up = float(reading.probabilities[second]) * (1 - reading.other)
    if reading.status == "digit":
        sure = f":material/check_circle: **{confidence(reading.confidence)} sure**"
        if runner_up >= CLOSE and runner_up >= reading.other:
            return reading.answer, f"{sure}, otherwise **{next_best}** ({confidence(runner_up)})"
        return reading.answer, sure
    if reading.status == "other":
        words = f":material/block: **{'Not a digit' if are_digits else 'None of these'}**, "
        words += f"{confidence(reading.other)} sure."
        if reading.confidence >= CLOSE:
            words += f" Or else **{digit}** ({confidence(reading.confidence)})."
        return "✕", words
    nothing = "no digit at all" if are_digits else "none of these"
    likely = [(f"**{digit}**", reading.confidence), (f"**{next_best}**", runner_up), (nothing, reading.other)]
    (one, most), (other, less) = sorted(likely, key=lambda pair: -pair[1])[:2]
    return (
        f"{reading.answer}?",
        f":material/help: **Not sure:** it could be {one} ({confidence(most)}) or {other} ({confidence(less)}).",
    )
