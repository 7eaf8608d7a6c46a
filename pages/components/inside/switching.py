"""The answer when a unit, or ten of a layer, are switched off or scaled: scores before and after."""

import numpy as np
import streamlit as st

from mnist_core import Recognizer
from mnist_core.insight import explain
from pages.components.inside.answers import class_name, named_shares
from pages.components.inside.class_table import class_table, number_text, whole_percent
from pages.components.inside.page_state import others_off, unit_factor
from pages.components.inside.subject import Subject
from pages.components.inside.units import strongest
from pages.components.words import confidence, escaped

MANY = 10
NOTHING, STRONGEST, MATTERING = "nothing", "the strongest ten", "the ten that matter most"


def switching(
    recognizer: Recognizer,
    subject: Subject,
    number: int,
    unit: int,
    values: np.ndarray,
    scores: np.ndarray,
    mattering: list[int],
) -> None:
    """The controls and what they do.

    values: the output of layer `number`. scores: those of the network as it is. mattering: the units of the layer,
    first the one without which the answer's score changes most.
    """
    network, name = recognizer.network, recognizer.identity
    factor = st.slider(
        "Scale this unit",
        0.0,
        3.0,
        1.0,
        0.25,
        key=unit_factor(name, number, unit).key,
        help="0 switches the unit off; 2 makes it twice as strong. The layers after it get the changed values.",
    )
    others = st.segmented_control(
        "Switch off besides",
        [NOTHING, STRONGEST, MATTERING],
        default=NOTHING,
        required=True,
        key=others_off(name, number).key,
        help="The ten units of this layer with the largest values for this picture, or the ten without which, one at a "
        "time, the score of the answer changes most.",
    )
    off = {STRONGEST: strongest(values, MANY), MATTERING: mattering[:MANY]}.get(str(others), [])
    factors = {(number, unit): factor} | {(number, other): 0.0 for other in off}
    *__, last = explain.outputs(network, subject.image[None], factors)
    names, old_scores, old_shares = named_shares(recognizer, scores)
    ___, new_scores, new_shares = named_shares(recognizer, last[0])
    old, new = int(old_shares.argmax()), int(new_shares.argmax())
    was_name, now_name = (escaped(class_name(recognizer, answer)) for answer in (old, new))
    before, after = (confidence(float(shares[answer])) for shares, answer in ((old_shares, old), (new_shares, new)))
    was, now = number_text(old_scores[old]), number_text(new_scores[old])
    change = _signed(new_scores[old] - old_scores[old])
    if off:
        st.caption(f"Switched off: {', '.join(str(other + 1) for other in off)}.")
    lead = _lead(names, new_scores, new)
    names_in_words = [escaped(name) for name in names]
    if factor == 1 and not off:
        st.markdown(
            f"As it is, the network reads **{was_name}** ({before}): the score of {names_in_words[old]} is **{was}**, "
            f"{lead}."
        )
    elif new == old:
        st.markdown(
            f"It still reads **{was_name}** ({after}): the score of {names_in_words[old]} goes from {was} to **{now}** "
            f"(**{change}**), {lead}."
        )
    else:
        st.markdown(
            f"Now it reads **{now_name}** ({after}) instead of **{was_name}**: the score of {names_in_words[old]} "
            f"goes from {was} to **{now}** (**{change}**), and that of "
            f"{names_in_words[new]} is {number_text(new_scores[new])}."
        )
    rows = {
        "score": [number_text(score, 1) for score in old_scores],
        "now": [number_text(score, 1) for score in new_scores],
        "change": [_signed(change, 1) for change in new_scores - old_scores],
        "share": [whole_percent(share) for share in new_shares.tolist()],
    }
    class_table(names, rows, new, np.maximum(old_shares, new_shares))


def _lead(names: list[str], scores: np.ndarray, answer: int) -> str:
    """How far the answer's score is above the next one."""
    rest = scores.copy()
    rest[answer] = -np.inf
    second = int(rest.argmax())
    return f"{number_text(scores[answer] - scores[second])} above that of {escaped(names[second])}"


def _signed(change: float, decimals: int = 2) -> str:
    """ "+1.25", "−0.30"; "0" for nothing at all."""
    return "0" if change == 0 else ("+" if change > 0 else "") + number_text(change, decimals)
