"""Which digits are taken for which, as a chart."""

from typing import Any

import numpy as np
import pyarrow as pa

from pages.components.charts import LABEL, draw_chart, in_dark, matrix_layers
from pages.components.words import a_digit

TOOLTIP = (
    {"field": "digit", "title": "is a"},
    {"field": "answer", "title": "read as"},
    {"field": "count", "title": "images"},
)
EACH_DIGIT = {"labelFontSize": LABEL, "labelOverlap": False, "labelFlush": False}
"""An axis on which no digit is left out for want of room, and each stands at the middle of its cells."""
CONFUSION: dict[str, Any] = {
    "height": 330,
    "encoding": {
        "x": {
            "field": "answer",
            "type": "ordinal",
            "axis": EACH_DIGIT | {"title": "read as", "labelAngle": 0},
        },
        "y": {"field": "digit", "type": "ordinal", "axis": EACH_DIGIT | {"title": "is a"}},
    },
    "layer": matrix_layers(*TOOLTIP),
}


def confusion_chart(counts: np.ndarray, key: str) -> None:
    """Which digits are taken for which. counts: integers [10, 10], digits in rows, answers in columns."""
    totals = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    digits, answers = np.divmod(np.arange(100), 10)
    data = pa.table(
        {
            "digit": digits.astype(str).tolist(),
            "answer": answers.astype(str).tolist(),
            "count": counts.reshape(-1),
            "share": (counts / totals).reshape(-1),
            "label": [str(count) if count else "" for count in counts.reshape(-1).tolist()],
        }
    )
    wrong = int(counts.sum() - np.trace(counts))
    alt = f"Confusion matrix: {wrong} of {int(counts.sum())} images are read wrongly."
    if wrong:
        digit, answer = divmod(int((counts - np.diag(np.diag(counts))).argmax()), 10)
        alt += f" Most often {a_digit(digit)} is read as {a_digit(answer)}."
    draw_chart(data, CONFUSION | {"layer": matrix_layers(*TOOLTIP, dark=in_dark())}, alt=alt, key=key)
