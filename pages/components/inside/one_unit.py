"""One unit of a network: what it looks for, what excites it most, and what happens without it."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from mnist_core import Recognizer
from mnist_core.insight import explain
from mnist_core.nn import Network
from pages.components.inside import derived
from pages.components.inside.answers import named_shares, unit_names
from pages.components.inside.class_table import with_sign
from pages.components.inside.images import Images
from pages.components.inside.page_state import Key, chart_of, unit_layer, unit_number
from pages.components.inside.picture_grid import picture_grid
from pages.components.inside.subject import Subject, open_picture
from pages.components.inside.switching import switching
from pages.components.inside.unit_grid import unit_grid
from pages.components.inside.units import SILENT, most_units, strongest, title, unit_in_words
from pages.components.language import _, ngettext
from pages.components.pictures import mosaic
from pages.components.words import a_class, decimal, escaped, whole


def one_unit(
    recognizer: Recognizer,
    images: Images,
    subject: Subject,
    shown: list[int],
    results: Sequence[np.ndarray],
    first: int,
) -> None:
    """Choose a layer and a unit, and look at it.

    shown: the layers to choose from, of which `first` is chosen at first. results: the output of each layer for the
    picture.
    """
    network, name = recognizer.network, recognizer.identity
    with st.container(key=Key.ONE_UNIT):
        st.header(_("One unit"), anchor=False)
    st.markdown(_("What it looks for, what excites it, and what happens without it."))
    left, right = st.columns([3, 1])
    layer = unit_layer(name)
    if layer.value_or(-1) not in shown:
        layer.put(first)
    with left:
        number = st.selectbox(
            _("Layer"),
            shown,
            format_func=lambda layer: title(network, layer),
            key=layer.key,
            persist_state="session",
            help=_("Layers that only hand on what they get are left out."),
        )
    values = results[number]
    mattering, change = _mattering(recognizer, values, number, results[-1])
    widget = unit_number(name, number)
    if not widget.has_value():
        widget.put(mattering[0] + 1)
    with right:
        chosen = st.number_input(
            _("Unit"),
            1,
            values.shape[-1],
            key=widget.key,
            persist_state="session",
            help=_("Its number in the layer. A click on a unit chooses it, too."),
        )
    unit = int(chosen) - 1
    last = number == len(network.layers) - 1
    names = unit_names(recognizer) if last else []
    unit_grid(
        values,
        alt=_("The units of layer {layer}, to choose one.").format(layer=title(network, number)),
        key=chart_of(widget),
        choose=lambda unit: widget.put(unit + 1),
        chosen=unit,
        names=names,
    )
    best = ", ".join(escaped(unit_in_words(unit, names)) for unit in strongest(values)) or _("none above 0")
    st.caption(
        _(
            "Strongest for this picture: {units}. Without it, the score of the answer changes most: {unit} ({change})."
        ).format(units=best, unit=escaped(unit_in_words(mattering[0], names)), change=with_sign(change))
    )
    with st.container(border=True):
        name = escaped(names[unit]) if last else ""
        text = (
            _("**Unit {unit}** of layer {layer}, which stands for {name}")
            if last
            else _("**Unit {unit}** of layer {layer}")
        )
        st.markdown(text.format(unit=unit + 1, layer=title(network, number), name=name))
        left, right = st.columns([1, 2], gap="medium")
        with left:
            _weights(network, number, unit)
        with right:
            _exciting(recognizer, images, number, unit)
        switching(recognizer, subject, number, unit, values, results[-1], mattering, names)


def _mattering(recognizer: Recognizer, values: np.ndarray, number: int, scores: np.ndarray) -> tuple[list[int], float]:
    """The units of a layer, first the one without which the answer's score changes most; and that change."""
    units = most_units(values).tolist()
    __, before, shares = named_shares(recognizer, scores)
    answer = int(shares.argmax())
    after = derived.scores_without_each(recognizer, values, number, units)[:, answer]
    changes = np.nan_to_num(after - before[answer])
    order = np.argsort(-np.abs(changes), kind="stable")
    return [units[place] for place in order], float(changes[order[0]])


def _weights(network: Network, number: int, unit: int) -> None:
    st.caption(_("What it looks for (its weights)"))
    learned = _learned(network, number)
    weights = None if learned is None else explain.unit_weights(network, learned, unit)
    if learned is None or (weights is None and explain.incoming_weights(network, learned, unit) is None):
        st.markdown(_("It has no weights of its own: it only hands on what it gets."))
        return
    if weights is not None:
        count, height, width = weights.shape
        columns = min(count, 6)
        scale = max(1, 200 // (columns * (width + 1)))
        alt = ngettext(
            "The weights of unit {unit}: a picture of {height} by {width}.",
            "The weights of unit {unit}: {count} pictures, one for each map before it, of {height} by {width}.",
            count,
        ).format(unit=unit + 1, count=count, height=height, width=width)
    else:
        incoming = explain.incoming_weights(network, learned, unit)
        assert incoming is not None
        weights = incoming.reshape(-1, 1, 1)
        columns = min(len(weights), 16 if len(weights) <= 256 else 32)
        scale = max(2, 200 // columns - 2)
        first = int(np.abs(incoming).argmax())
        alt = _("One square for each of {count} units before it; unit {unit} weighs most.").format(
            count=len(incoming), unit=first + 1
        )
    st.image(mosaic(weights, columns, signed=True, scale=scale, largest=float(np.abs(weights).max())), alt=alt)
    st.caption(_("Blue speaks for it, red against it."))


def _learned(network: Network, number: int) -> int | None:
    """The layer whose weights make the units of layer `number`; None if units are not the same any more."""
    for earlier in range(number, -1, -1):
        if "weights" in network.layers[earlier].parameters:
            return earlier
        if network.layers[earlier].name in SILENT and network.layers[earlier].name != "dropout":
            return None
    return None


def _exciting(recognizer: Recognizer, images: Images, number: int, unit: int) -> None:
    indices, values = derived.exciting_images(recognizer, images, number)
    chosen, strong = indices[unit], values[unit]
    st.caption(_("The test images that excite it most (of the first {count})").format(count=whole(derived.MANY_IMAGES)))
    if strong.max() <= 0:
        st.markdown(_("None of them does: it is never above 0."))
        return
    chosen, strong = chosen[strong > 0], strong[strong > 0]
    labels = [
        _("Test image {number}, {what}: {value}. Open it.").format(
            number=whole(index), what=a_class(images.name_of(index)), value=decimal(value, 2)
        )
        for index, value in zip(chosen.tolist(), strong.tolist(), strict=True)
    ]
    picture_grid(
        images.test_images[chosen] / 255,
        labels,
        alt=_("The images that excite unit {unit} most, the most exciting first.").format(unit=unit + 1),
        key=Key.EXCITING,
        choose=lambda position: open_picture("test", int(chosen[position])),
    )
    st.caption(_("Click one to look at it through this network."))
