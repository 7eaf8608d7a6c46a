"""A reading as the Draw page shows it: in large type, in words, and as bars.

Nothing of Streamlit is imported here: the server's own answers while the pen moves need it, too (live_reader.py).
"""

from typing import TypedDict

from mnist_core import Reading
from mnist_core.data import TEN_DIGITS
from pages.components.answers import LIKELIEST, OTHER, SIDE_BY_SIDE, shown_classes
from pages.components.language import _
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
    others = [_(OTHER)] if knows_others else []
    if reading.digit is None:
        classes = reading.classes if len(reading.classes) <= SIDE_BY_SIDE else reading.classes[:LIKELIEST]
        names = [*classes, *others]
        return {"names": names, "shares": None, "labels": [], "alt": _("An empty bar chart: no answer yet.")}
    shown = shown_classes(reading.probabilities)
    names = [*(reading.classes[index] for index in shown), *others]
    shares = [round(float(share), 6) for share in reading.probabilities[shown] * (1 - reading.other)]
    if knows_others:
        shares.append(round(reading.other, 6))
    labels = [confidence(share) for share in shares]
    told = ", ".join(map(": ".join, zip(names, labels, strict=True)))
    alt = _("Bar chart of the probabilities. {summary}").format(summary=told)
    return {"names": names, "shares": shares, "labels": labels, "alt": alt}


def answer(reading: Reading) -> tuple[str, str]:
    """A reading in large type and in words."""
    are_digits = reading.classes == TEN_DIGITS
    if reading.status == "blank":
        if are_digits:
            return "–", _("**Draw a digit** from 0 to 9 on the black square.")
        words = _("**Draw** on the black square. This network reads {classes}.")
        return "–", words.format(classes=escaped(in_short(reading.classes)))
    if reading.digit is None:
        words = _("**Not sure:** there are no strokes to read in a dot, a dash, specks or a filled shape.")
        return "?", f":material/help: {words}"
    first, second = reading.likeliest(2)
    digit, next_best = escaped(reading.classes[first]), escaped(reading.classes[second])
    runner_up = float(reading.probabilities[second]) * (1 - reading.other)
    if reading.status == "digit":
        if runner_up >= CLOSE and runner_up >= reading.other:
            words = _("**{share} sure**, otherwise **{second}** ({less})")
        else:
            words = _("**{share} sure**")
        words = words.format(share=confidence(reading.confidence), second=next_best, less=confidence(runner_up))
        return reading.answer, f":material/check_circle: {words}"
    if reading.status == "other":
        words = _("**Not a digit**, {share} sure.") if are_digits else _("**None of these**, {share} sure.")
        words = f":material/block: {words.format(share=confidence(reading.other))}"
        if reading.confidence >= CLOSE:
            or_else = _("Or else **{digit}** ({share}).")
            words += f" {or_else.format(digit=digit, share=confidence(reading.confidence))}"
        return "✕", words
    nothing = _("no digit at all") if are_digits else _("none of these")
    likely = [(f"**{digit}**", reading.confidence), (f"**{next_best}**", runner_up), (nothing, reading.other)]
    (one, most), (other, less) = sorted(likely, key=lambda pair: -pair[1])[:2]
    words = _("**Not sure:** it could be {one} ({most}) or {other} ({less}).").format(
        one=one, most=confidence(most), other=other, less=confidence(less)
    )
    return _("{answer}?").format(answer=reading.answer), f":material/help: {words}"
