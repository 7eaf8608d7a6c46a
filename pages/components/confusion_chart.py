"""Which classes are taken for which, as a chart."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import streamlit as st

from pages.components.answers import most_confused
from pages.components.charts import LABEL, draw_chart, in_dark, matrix_layers, with_words
from pages.components.language import _, gettext_noop
from pages.components.words import a_class, whole

TOOLTIP = (
    {"field": "digit", "title": gettext_noop("is a")},
    {"field": "answer", "title": gettext_noop("read as")},
    {"field": "count", "title": gettext_noop("images")},
)
EACH = {"labelFontSize": LABEL, "labelOverlap": False, "labelFlush": False}
"""An axis on which no class is left out for want of room, and each stands at the middle of its cells."""
SHORT = 3
"""Names with more letters stand aslant below the matrix."""
CONFUSION: dict[str, Any] = {
    "height": 330,
    "encoding": {
        "x": {
            "field": "answer",
            "type": "ordinal",
            "sort": None,
            "axis": EACH | {"title": gettext_noop("read as"), "labelAngle": 0},
        },
        "y": {"field": "digit", "type": "ordinal", "sort": None, "axis": EACH | {"title": gettext_noop("is a")}},
    },
    "layer": matrix_layers(*TOOLTIP),
}


def confusion_chart(counts: np.ndarray, key: str, names: Sequence[str]) -> None:
    """Which classes are taken for which; of many, the ten with the most mistakes.

    counts: integers [classes, classes], classes in rows, answers in columns. names: of the classes.
    """
    totals = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    shown = most_confused(counts)
    part, shares = (matrix[np.ix_(shown, shown)].reshape(-1) for matrix in (counts, counts / totals))
    shown_names = [names[index] for index in shown]
    data = pa.table(
        {
            "digit": [name for name in shown_names for __ in shown_names],
            "answer": shown_names * len(shown_names),
            "count": part,
            "share": shares,
            "label": [whole(count) if count else "" for count in part.tolist()],
        }
    )
    wrong = int(counts.sum() - np.trace(counts))
    alt = _("Confusion matrix: {wrong} of {all} images are read wrongly.").format(
        wrong=whole(wrong), all=whole(int(counts.sum()))
    )
    if wrong:
        digit, answer = divmod(int((counts - np.diag(np.diag(counts))).argmax()), len(names))
        most = _("Most often {a_class} is read as {another}.")
        alt += " " + most.format(a_class=a_class(names[digit]), another=a_class(names[answer]))
    spec = CONFUSION | {"layer": matrix_layers(*TOOLTIP, dark=in_dark())}
    if any(len(name) > SHORT for name in shown_names):
        axis = CONFUSION["encoding"]["x"]["axis"] | {"labelAngle": -45}
        spec |= {"encoding": CONFUSION["encoding"] | {"x": CONFUSION["encoding"]["x"] | {"axis": axis}}}
    draw_chart(data, with_words(spec), alt=alt, key=key)
    if len(shown) < len(names):
        words = _("Of {all} classes, the {shown} with the most mistakes.")
        st.caption(words.format(all=len(names), shown=len(shown)))
