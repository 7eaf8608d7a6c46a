"""What a network looks like inside while it learns: its first layer, its updates, its mistakes."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import streamlit as st

from pages.components.pictures import mosaic

CONFUSION: dict[str, Any] = {
    "height": 330,
    "encoding": {
        "x": {"field": "answer", "type": "ordinal", "axis": {"title": "read as", "labelAngle": 0, "labelFontSize": 14}},
        "y": {"field": "digit", "type": "ordinal", "axis": {"title": "is a", "labelFontSize": 14}},
    },
    "layer": [
        {
            "mark": {"type": "rect", "cornerRadius": 3},
            "encoding": {
                "color": {
                    "field": "share",
                    "type": "quantitative",
                    "scale": {"scheme": "purples", "domain": [0, 1]},
                    "legend": None,
                },
                "tooltip": [
                    {"field": "digit", "title": "is a"},
                    {"field": "answer", "title": "read as"},
                    {"field": "count", "title": "images"},
                ],
            },
        },
        {
            "mark": {"type": "text", "fontSize": 13},
            "encoding": {
                "text": {"field": "label"},
                "color": {"condition": {"test": "datum.share > 0.5", "value": "white"}, "value": "#1f1f2b"},
            },
        },
    ],
}
CLICK = {"name": "clicked", "select": {"type": "point", "fields": ["digit", "answer"], "on": "click"}}
CLICKABLE = CONFUSION | {"layer": [CONFUSION["layer"][0] | {"params": [CLICK]}, CONFUSION["layer"][1]]}


def show_view(view: dict[str, np.ndarray] | None, which: str) -> None:
    """One of "First layer", "Updates", "Mistakes"; view: as `mnist_core.insight.probe.look` makes it."""
    if view is None:
        st.caption("Comes with the first steps.")
    elif which == "First layer":
        first_layer(view["units"])
    elif which == "Updates":
        updates(view)
    else:
        left, right = st.columns(2)
        with left:
            confusion(view["confusion"])
        with right:
            worst(view)


def first_layer(units: np.ndarray) -> None:
    """The weights of the first layer's units as pictures. units: float [U, H, W]."""
    if len(units) == 0:
        st.caption("The first layer of this network does not look at pixels in place.")
        return
    st.image(
        _picture_of(units.tobytes(), units.shape),
        alt=f"The weights of {len(units)} units of the first layer.",
        caption="What each unit looks for: ink on blue speaks for it, ink on red against it.",
    )


@functools.lru_cache(maxsize=64)
def _picture_of(weights: bytes, shape: tuple[int, int, int]) -> str:
    """A class that watches one run asks for the same picture many times."""
    units = np.frombuffer(weights, np.float32).reshape(shape)
    scale = 3 if units.shape[1] == 28 else 12
    return mosaic(units, columns=min(8, len(units)), signed=True, scale=scale)


def updates(view: dict[str, np.ndarray]) -> None:
    """How much a step changes each layer, and how many of its units are dead."""
    rows = ["| layer | one step changes it by |", "| --- | --- |"]
    for layer, ratio in zip(view["updates_layers"].tolist(), view["updates"].tolist(), strict=True):
        rows.append(f"| {layer} | {ratio:.2g} of its size |")
    st.markdown("\n".join(rows))
    st.caption("About 0.001 is healthy. Far less: it hardly learns. Much more: one step undoes what others learned.")
    if len(view["dead"]):
        rows = ["| layer | dead units |", "| --- | --- |"]
        for layer, share in zip(view["dead_layers"].tolist(), view["dead"].tolist(), strict=True):
            rows.append(f"| {layer} | {share:.0%} |")
        st.markdown("\n".join(rows))
        st.caption("A dead unit answers the same to every image, and its weights no longer move.")


def confusion(counts: np.ndarray) -> None:
    """Which digits are taken for which, with a heading. counts: see `confusion_chart`."""
    st.markdown("**What is taken for what**")
    confusion_chart(counts, "confusion")


def confusion_chart(counts: np.ndarray, key: str, on_click: Callable[[], None] | None = None) -> None:
    """Which digits are taken for which. counts: integers [10, 10], digits in rows, answers in columns.

    on_click: called after a click on a cell, whose fields are then in the session under `key`.
    """
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
        alt += f" Most often a {digit} is read as a {answer}."
    if on_click is None:
        st.vega_lite_chart(data, CONFUSION, alt=alt, key=key)
    else:
        st.vega_lite_chart(data, CLICKABLE, alt=alt, key=key, on_select=on_click)


def worst(view: dict[str, np.ndarray]) -> None:
    """The validation images that the network is most wrong about."""
    st.markdown("**Where it is most wrong**")
    if len(view["worst"]) == 0:
        st.caption("No mistakes on these images.")
        return
    captions = [
        f"a {digit}, read as {answer}"
        for digit, answer in zip(view["worst_digit"].tolist(), view["worst_answer"].tolist(), strict=True)
    ]
    with st.container(horizontal=True):
        for image, caption in zip(view["worst_images"], captions, strict=True):
            url = mosaic(image[None] / 255, columns=1, scale=3)
            st.image(url, caption=caption, alt=f"A digit: {caption}.", width=96)
