"""A table with a column for each class: scores, shares, and how they change."""

import numpy as np
import pyarrow as pa
import streamlit as st

from pages.components.answers import shown_classes
from pages.components.language import _
from pages.components.words import decimal, percent


def class_table(names: list[str], rows: dict[str, list[str]], answer: int, weights: np.ndarray) -> None:
    """Rows by their names, with a text for each class. answer: the class that stands out.

    weights: float [classes]; of many classes, those with the largest are shown.
    """
    shown = shown_classes(weights)
    if answer in shown and len(shown) < len(names):
        st.caption(_("Of {all} classes, the {shown} likeliest.").format(all=len(names), shown=len(shown)))
        rows = {row: [cells[index] for index in shown] for row, cells in rows.items()}
        names, answer = [names[index] for index in shown], shown.index(answer)
    heads = [f"**{name}**" if number == answer else name for number, name in enumerate(names)]
    columns = [[cells[number] for cells in rows.values()] for number in range(len(names))]
    columns[answer] = [f"**{cell}**" for cell in columns[answer]]
    st.table(
        pa.table({_("class"): [*rows]} | dict(zip(heads, columns, strict=True))), border="horizontal", hide_index=True
    )


def number_text(score: float, decimals: int = 2) -> str:
    """A score; a small one with two digits that are not 0."""
    text = decimal(score, decimals) if score == 0 or abs(score) >= 0.1 else two_digits(score)
    return text.replace("-", "−")


def two_digits(number: float) -> str:
    """A number with its first two digits that are not 0, such as "0.012" or "1.2e-05"."""
    mantissa, letter, exponent = f"{number:.2g}".partition("e")
    return decimal(float(mantissa), len(mantissa.partition(".")[2])) + letter + exponent


def with_sign(number: float, decimals: int = 2) -> str:
    """ "+1.25", "−0.30"."""
    return f"{number:+.{decimals}f}"[0].replace("-", "−") + decimal(abs(number), decimals)


def whole_percent(share: float) -> str:
    """A share in whole percent: eleven must fit into a row."""
    return "".join(percent(share, 0, never_certain=True).split())
