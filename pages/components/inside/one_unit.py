"""One unit of a network: what it looks for, what excites it most, and what happens without it."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from mnist_core import Recognizer
from mnist_core.data import load_mnist
from mnist_core.insight import explain
from mnist_core.nn import Network
from pages.components.inside import derived
from pages.components.inside.answers import class_name, named_shares
from pages.components.inside.clickable import clickable_bars, clickable_pictures
from pages.components.inside.page_state import chart_of, unit_factor, unit_layer, unit_number
from pages.components.inside.subject import Subject
from pages.components.inside.units import SILENT, as_maps, most_units, strongest, title
from pages.components.pictures import mosaic
from pages.components.session import Widget
from pages.components.words import confidence


def one_unit(recognizer: Recognizer, subject: Subject, shown: list[int], results: Sequence[np.ndarray]) -> None:
    """Choose a layer and a unit, and look at it. results: the output of each layer for the picture."""
    network, name = recognizer.network, recognizer.identity
    st.subheader("One unit", anchor=False)
    st.markdown("Choose a layer and click a unit: what it looks for, what excites it, and what happens without it.")
    left, right = st.columns([3, 1])
    with left:
        number = st.selectbox(
            "Layer",
            shown,
            format_func=lambda layer: title(network, layer),
            key=unit_layer(name).key,
            persist_state="session",
            help="Layers that only hand on what they get are left out.",
        )
    values = results[number]
    strong, units = strongest(values), most_units(values)
    widget = unit_number(name, number)
    if not widget.has_value():
        widget.put((strong[0] if strong else int(units[0])) + 1)
    with right:
        chosen = st.number_input(
            "Unit",
            1,
            values.shape[-1],
            key=widget.key,
            persist_state="session",
            help="Its number in the layer. A click below chooses it, too.",
        )
    unit = int(chosen) - 1
    _click(values, units, strong, widget)
    with st.container(border=True):
        st.markdown(f"**Unit {unit + 1}** of layer {title(network, number)}")
        left, right = st.columns([1, 2], gap="medium")
        with left:
            _weights(network, number, unit)
        with right:
            _exciting(recognizer, number, unit)
        _without(network, subject, number, unit, results[-1], unit_factor(name, number, unit))


def _click(values: np.ndarray, units: np.ndarray, strong: list[int], widget: Widget[int]) -> None:
    """The units as pictures or bars; a click sets `widget` to the unit's number, counted from 1."""

    def choose(unit: int) -> None:
        widget.put(unit + 1)

    best = ", ".join(str(unit + 1) for unit in strong) or "none above 0"
    if values.ndim == 3:
        maps = as_maps(values)[units]
        largest, scale = float(np.abs(values).max()), max(1, 28 // maps.shape[1])
        urls = [
            mosaic(one[None], 1, signed=True, scale=scale, largest=largest, marked=[0] * (unit in strong))
            for unit, one in zip(units.tolist(), maps, strict=True)
        ]
        alt = f"{len(units)} feature maps to click; the strongest: {best}."
        captions = [str(unit + 1) for unit in units]
        clickable_pictures(urls, captions, 16, 34, alt, chart_of(widget), lambda position: choose(int(units[position])))
    else:
        alt = f"A bar for each of {len(units)} units, to click; the strongest: {best}."
        clickable_bars(units.tolist(), values[units].astype(float).tolist(), set(strong), alt, chart_of(widget), choose)
    st.caption(f"Strongest for this picture: {best}.")


def _weights(network: Network, number: int, unit: int) -> None:
    st.caption("What it looks for (its weights)")
    learned = _learned(network, number)
    weights = None if learned is None else explain.unit_weights(network, learned, unit)
    if learned is None or (weights is None and explain.incoming_weights(network, learned, unit) is None):
        st.markdown("It has no weights of its own: it only hands on what it gets.")
        return
    if weights is not None:
        count, height, width = weights.shape
        columns = min(count, 6)
        scale = max(1, 200 // (columns * (width + 1)))
        words = "a picture" if count == 1 else f"{count} pictures, one for each map before it,"
        alt = f"The weights of unit {unit + 1}: {words} of {height} by {width}."
    else:
        incoming = explain.incoming_weights(network, learned, unit)
        assert incoming is not None
        weights = incoming.reshape(-1, 1, 1)
        columns = min(len(weights), 16 if len(weights) <= 256 else 32)
        scale = max(2, 200 // columns - 2)
        first = int(np.abs(incoming).argmax())
        alt = f"One square for each of {len(incoming)} units before it; unit {first + 1} weighs most."
    st.image(mosaic(weights, columns, signed=True, scale=scale, largest=float(np.abs(weights).max())), alt=alt)
    st.caption("Blue speaks for it, red against it.")


def _learned(network: Network, number: int) -> int | None:
    """The layer whose weights make the units of layer `number`; None if units are not the same any more."""
    for earlier in range(number, -1, -1):
        if "weights" in network.layers[earlier].parameters:
            return earlier
        if network.layers[earlier].name in SILENT and network.layers[earlier].name != "dropout":
            return None
    return None


def _exciting(recognizer: Recognizer, number: int, unit: int) -> None:
    indices, values = derived.exciting_images(recognizer, number)
    chosen, strong = indices[unit], values[unit]
    st.caption("The test images that excite it most (of the first 2,000)")
    if strong.max() <= 0:
        st.markdown("None of them does: it is never above 0.")
        return
    dataset = load_mnist()
    chosen = chosen[strong > 0]
    digits = ", ".join(str(digit) for digit in dataset.test_labels[chosen])
    url = mosaic(dataset.test_images[chosen] / 255, 5, scale=3)
    st.image(url, alt=f"The images that excite unit {unit + 1} most, the most exciting first: {digits}.")


def _without(
    network: Network, subject: Subject, number: int, unit: int, scores: np.ndarray, widget: Widget[float]
) -> None:
    factor = st.slider(
        "Scale this unit",
        0.0,
        3.0,
        1.0,
        0.25,
        key=widget.key,
        help="0 switches the unit off; 2 makes it twice as strong. The layers after it get the changed values.",
    )
    *_, last = explain.outputs(network, subject.image[None], {(number, unit): factor})
    before, after = named_shares(network, scores)[2], named_shares(network, last[0])[2]
    old, new = int(before.argmax()), int(after.argmax())
    if factor == 1:
        st.markdown(f"As it is, the network reads **{class_name(old)}** ({confidence(float(before[old]))}).")
    elif new == old:
        change = f"{confidence(float(after[old]))} instead of {confidence(float(before[old]))}"
        st.markdown(f"It still reads **{class_name(old)}**: {change}.")
    else:
        share = confidence(float(after[new]))
        st.markdown(f"Now it reads **{class_name(new)}** ({share}) instead of **{class_name(old)}**.")
