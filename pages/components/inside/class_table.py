"""A table with a column for each class: scores, shares, and how they change."""

import numpy as np
import pyarrow as pa
import streamlit as st

from pages.components.answers import shown_classes
from pages.components.words import percent


def class_table(names: list[str], rows: dict[str, list[str]], answer: int, weights: np.ndarray) -> None:
    """Rows by their names, with a text for each class. answer: the class that stands out.

    weights: float [classes]; of many classes, those with the largest are shown.
    """
    shown = shown_classes(weights)
    if answer in shown and len(shown) < len(names):
        st.caption(f"Of {len(names)} classes, the {len(shown)} likeliest.")
        rows = {row: [cells[index] for index in shown] for row, cells in rows.items()}
        names, answer = [names[index] for index in shown], shown.index(answer)
    heads = [f"**{name}**" if number == answer else name for number, name in enumerate(names)]
    columns = [[cells[number] for cells in rows.values()] for number in range(len(names))]
    columns[answer] = [f"**{cell}**" for cell in columns[answer]]
    st.table(
        pa.table({"class": [*rows]} | dict(zip(heads, columns, strict=True))), border="horizontal", hide_index=True
    )


def number_text(score: float, decimals: int = 2) -> str:
    """A score; a small one with two digits that are not 0."""
    text = f"{score:.{decimals}f}" if score == 0 or abs(score) >= 0.1 else f"{score:.2g}"
    return text.replace("-", "−")


def whole_percent(share: float) -> str:
    """A share in whole percent: eleven must fit into a row."""
    return percent(share, 0, never_certain=True).replace(" ", "")
