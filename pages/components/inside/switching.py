"""The answer when a unit, or ten of a layer, are switched off or scaled: scores before and after."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from mnist_core import Recognizer
from mnist_core.insight import explain
from pages.components.inside.answers import class_name, named_shares
from pages.components.inside.class_table import class_table, number_text, whole_percent
from pages.components.inside.page_state import others_off, unit_factor
from pages.components.inside.subject import Subject
from pages.components.inside.units import strongest, unit_in_words
from pages.components.language import _, gettext_noop
from pages.components.words import confidence, escaped

MANY = 10
NOTHING = gettext_noop("nothing")
STRONGEST = gettext_noop("the strongest ten")
MATTERING = gettext_noop("the ten that matter most")


def switching(
    recognizer: Recognizer,
    subject: Subject,
    number: int,
    unit: int,
    values: np.ndarray,
    scores: np.ndarray,
    mattering: list[int],
    unit_names: Sequence[str],
) -> None:
    """The controls and what they do.

    values: the output of layer `number`. scores: those of the network as it is. mattering: the units of the layer,
    first the one without which the answer's score changes most. unit_names: what they stand for, if anything.
    """
    network, name = recognizer.network, recognizer.identity
    factor = st.slider(
        _("Scale this unit"),
        0.0,
        3.0,
        1.0,
        0.25,
        key=unit_factor(name, number, unit).key,
        help=_("0 switches the unit off; 2 makes it twice as strong. The layers after it get the changed values."),
    )
    others = st.segmented_control(
        _("Switch off besides"),
        [NOTHING, STRONGEST, MATTERING],
        format_func=_,
        default=NOTHING,
        required=True,
        key=others_off(name, number).key,
        help=_(
            "The ten units of this layer with the largest values for this picture, or the ten without which, one at a "
            "time, the score of the answer changes most."
        ),
    )
    off = {STRONGEST: strongest(values, MANY), MATTERING: mattering[:MANY]}.get(str(others), [])
    factors = {(number, unit): factor} | {(number, other): 0.0 for other in off}
    *__, last = explain.outputs(network, subject.image[None], factors)
    names, old_scores, old_shares = named_shares(recognizer, scores)
    new_scores, new_shares = named_shares(recognizer, last[0])[1:]
    old, new = int(old_shares.argmax()), int(new_shares.argmax())
    was_name, now_name = (escaped(class_name(recognizer, answer)) for answer in (old, new))
    after = confidence(float(new_shares[new]))
    if off:
        st.caption(
            _("Switched off: {units}.").format(
                units=", ".join(escaped(unit_in_words(other, unit_names)) for other in off)
            )
        )
    lead, second = _lead(new_scores, new)
    names_in_words = [escaped(name) for name in names]
    if factor == 1 and not off:
        text = _(
            "As it is, the network reads **{answer}** ({sure}): the score of {name} is **{score}**, {lead} above that "
            "of {second}."
        )
    elif new == old:
        text = _(
            "It still reads **{answer}** ({sure}): the score of {name} goes from {before} to **{now}** (**{change}**), "
            "{lead} above that of {second}."
        )
    else:
        text = _(
            "Now it reads **{answer}** ({sure}) instead of **{former}**: the score of {name} goes from {before} to "
            "**{now}** (**{change}**), and that of {new_name} is {score}."
        )
    text = text.format(
        answer=now_name,
        former=was_name,
        sure=after,
        name=names_in_words[old],
        before=number_text(old_scores[old]),
        now=number_text(new_scores[old]),
        change=_signed(new_scores[old] - old_scores[old]),
        new_name=names_in_words[new],
        score=number_text(new_scores[new]),
        lead=lead,
        second=names_in_words[second],
    )
    st.markdown(text)
    rows = {
        _("score"): [number_text(score, 1) for score in old_scores],
        _("now"): [number_text(score, 1) for score in new_scores],
        _("change"): [_signed(change, 1) for change in new_scores - old_scores],
        _("share"): [whole_percent(share) for share in new_shares.tolist()],
    }
    class_table(names, rows, new, np.maximum(old_shares, new_shares))


def _lead(scores: np.ndarray, answer: int) -> tuple[str, int]:
    """How far the answer's score is above the next one, and whose that is."""
    rest = scores.copy()
    rest[answer] = -np.inf
    second = int(rest.argmax())
    return number_text(scores[answer] - scores[second]), second


def _signed(change: float, decimals: int = 2) -> str:
    """ "+1.25", "−0.30"; "0" for nothing at all."""
    return "0" if change == 0 else ("+" if change > 0 else "") + number_text(change, decimals)
