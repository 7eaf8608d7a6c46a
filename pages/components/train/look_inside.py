"""What a network looks like inside while it learns: its first layer, its updates, its mistakes."""

import functools

import numpy as np
import streamlit as st

from pages.components.confusion_chart import confusion_chart
from pages.components.pictures import mosaic
from pages.components.train.page_state import Key
from pages.components.words import percent, read_as


def show_look(look: dict[str, np.ndarray] | None, which: str) -> None:
    """One of "First layer", "Updates", "Mistakes"; look: as `mnist_core.insight.probe.look` makes it."""
    if look is None:
        st.caption("Comes with the first steps.")
    elif which == "First layer":
        first_layer(look["units"])
    elif which == "Updates":
        updates(look)
    else:
        left, right = st.columns(2)
        with left:
            confusion(look["confusion"])
        with right:
            worst(look)


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
    """The picture, kept: a class that watches one run asks for the same one many times."""
    units = np.frombuffer(weights, np.float32).reshape(shape)
    scale = 3 if units.shape[1] == 28 else 12
    return mosaic(units, columns=min(8, len(units)), signed=True, scale=scale)


def updates(look: dict[str, np.ndarray]) -> None:
    """How much a step changes each layer, and how many of its units are dead."""
    rows = ["| layer | one step changes it by |", "| --- | --- |"]
    for layer, ratio in zip(look["updates_layers"].tolist(), look["updates"].tolist(), strict=True):
        rows.append(f"| {layer} | {ratio:.2g} of its size |")
    st.markdown("\n".join(rows))
    st.caption("About 0.001 is healthy. Far less: it hardly learns. Much more: one step undoes what others learned.")
    if len(look["dead"]):
        rows = ["| layer | dead units |", "| --- | --- |"]
        for layer, share in zip(look["dead_layers"].tolist(), look["dead"].tolist(), strict=True):
            rows.append(f"| {layer} | {percent(share, 0)} |")
        st.markdown("\n".join(rows))
        st.caption("A dead unit answers the same to every image, and its weights no longer move.")


def confusion(counts: np.ndarray) -> None:
    """Which digits are taken for which, with a heading. counts: see `confusion_chart`."""
    st.markdown("**What is taken for what**")
    confusion_chart(counts, Key.CONFUSION)


def worst(look: dict[str, np.ndarray]) -> None:
    """The validation images that the network is most wrong about."""
    st.markdown("**Where it is most wrong**")
    if len(look["worst"]) == 0:
        st.caption("No mistakes on these images.")
        return
    captions = [
        read_as(digit, answer)
        for digit, answer in zip(look["worst_digit"].tolist(), look["worst_answer"].tolist(), strict=True)
    ]
    with st.container(horizontal=True):
        for image, caption in zip(look["worst_images"], captions, strict=True):
            url = mosaic(image[None] / 255, columns=1, scale=3)
            st.image(url, caption=caption, alt=f"A digit: {caption}.", width=96)
