"""Through the layers: what the picture becomes in each layer, down to the answer; one unit at a time looked at."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from mnist_core import Recognizer, explain
from mnist_core.dataset import load_mnist
from mnist_core.layers import Layer
from mnist_core.network import DIGITS, Network, probabilities
from pages.components.charts import percent
from pages.components.explain import derived
from pages.components.explain.clickable import click_bar, click_picture
from pages.components.explain.diagram import diagram, is_dense
from pages.components.explain.how import how_computed
from pages.components.explain.subject import Subject
from pages.components.pictures import mosaic

STRONGEST = 3
WIDTH = 680
SILENT = ("flatten", "dropout", "ones", "scale")
"""Layers that only hand on what they get."""
MEANING = {
    "conv": "each unit looks for one small pattern everywhere",
    "dense": "each unit weighs everything that comes before it",
    "batchnorm": "brought to a common size",
    "relu": "what speaks against a pattern is dropped",
    "sigmoid": "squeezed between 0 and 1",
    "tanh": "squeezed between -1 and 1",
    "maxpool": "only the strongest of each small square stays",
    "softmax": "shares that add up to 1",
}


def layers_view(recognizer: Recognizer, subject: Subject) -> None:
    """The whole view."""
    network = recognizer.network
    st.markdown(
        "Every layer turns numbers into other numbers. **Blue** values are above 0, **red** ones below; the strongest "
        "units have a **yellow frame**."
    )
    results = [np.array(y[0]) for y in explain.outputs(network, subject.image[None])]
    shown = [number for number, layer in enumerate(network.layers) if layer.name not in SILENT]
    every = st.toggle("Every step", key="every_step", help="Also the steps inside a layer, such as normalization.")
    overview = shown if every else [number for number in shown if _ends_a_step(network, number)]
    with st.container(border=True):
        for number in overview[:-1]:
            _layer(network, number, results[number])
        _answer(network, results)
    if is_dense(network):
        diagram(network, subject.image)
    _one_unit(recognizer, subject, shown, results)
    how_computed(
        r"Layer $l$ computes $x^{(l)} = f_l(x^{(l-1)})$, from the 784 pixels $x^{(0)}$ to the scores $z$; the shares "
        r"are $p_k = e^{z_k} / \sum_j e^{z_j}$. A unit that is scaled by $a$ gives $a\,x^{(l)}_i$ to the layers "
        r"after it.",
    )


def _ends_a_step(network: Network, number: int) -> bool:
    """Whether the next layer has weights of its own, or only hands on what it gets, or there is none."""
    following = network.layers[number + 1 : number + 2]
    return not following or "weights" in following[0].parameters or following[0].name in SILENT


def title(network: Network, number: int) -> str:
    """ "3 · relu · 16 maps of 24×24"."""
    layer, shape = network.layers[number], network.shapes[number + 1]
    if len(shape) == 3:
        return f"{number + 1} · {layer.name} · {shape[2]} maps of {shape[0]}×{shape[1]}"
    return f"{number + 1} · {layer.name} · {shape[0]} units"


def strongest(values: np.ndarray) -> list[int]:
    """The units with the largest output, the largest first; none where nothing is above 0."""
    strength = values.max(axis=(0, 1)) if values.ndim == 3 else values
    order = np.argsort(-strength, kind="stable")[:STRONGEST]
    return [int(unit) for unit in order if strength[unit] > 0]


def _layer(network: Network, number: int, values: np.ndarray) -> None:
    layer: Layer = network.layers[number]
    st.markdown(f"**{title(network, number)}**: {MEANING.get(layer.name.split('_')[0], '')}")
    strong, maps = strongest(values), _as_maps(values)
    columns, scale = _fitting(*maps.shape)
    names = ", ".join(str(unit + 1) for unit in strong) or "none: every unit is 0 or below"
    st.image(
        mosaic(maps, columns, signed=True, scale=scale, largest=float(np.abs(maps).max()), marked=strong),
        alt=f"Layer {title(network, number)}, as pictures. Strongest: {names}.",
    )
    if not strong:
        st.caption("Nothing in this layer is above 0: for this picture it is dead.")


def _as_maps(values: np.ndarray) -> np.ndarray:
    """[units, h, w]: feature maps, or one square a unit."""
    return values.transpose(2, 0, 1) if values.ndim == 3 else values.reshape(-1, 1, 1)


def _fitting(count: int, height: int, width: int) -> tuple[int, int]:
    """How many in a row, and how large a pixel, so that about 680 pixels are filled."""
    if width == 1:
        columns = min(count, 32)
        return columns, min(24, WIDTH // columns - 2)
    columns = min(count, 8 if count <= 16 else 12 if count <= 24 else 16)
    return columns, max(1, (WIDTH // columns - 2) // width)


def _answer(network: Network, results: Sequence[np.ndarray]) -> None:
    scores = results[-1].astype(np.float64)
    shares = probabilities(results[-1][None], network.output)[0]
    best = int(scores[:DIGITS].argmax())
    st.markdown("**The answer**: a score for each class, and what they make as shares of 1")
    names = [str(digit) for digit in range(DIGITS)]
    if network.classes > DIGITS:
        # All that is not a digit counts as one: the largest of those scores, the sum of those shares.
        names.append("none")
        scores = np.append(scores[:DIGITS], scores[DIGITS:].max())
        shares = np.append(shares[:DIGITS], shares[DIGITS:].sum())
    rows = [
        "| | " + " | ".join(f"**{name}**" if number == best else name for number, name in enumerate(names)) + " |",
        "| --- |" + " ---: |" * len(names),
        "| score | " + " | ".join(f"{score:.1f}" for score in scores) + " |",
        "| share | " + " | ".join(_tight(percent(float(share))) for share in shares) + " |",
    ]
    st.markdown("\n".join(rows))


def _tight(text: str) -> str:
    """Without places to break the line at."""
    return text.replace(" %", "%").replace(" ", "\u202f")


def _one_unit(recognizer: Recognizer, subject: Subject, shown: list[int], results: Sequence[np.ndarray]) -> None:
    network = recognizer.network
    st.subheader("One unit", anchor=False)
    st.markdown(
        "Choose a layer and click a unit: what it looks for, what excites it most, and what happens without it."
    )
    number = st.selectbox(
        "Layer",
        shown[:-1] or shown,
        format_func=lambda place: title(network, place),
        key="unit_layer",
        index=0,
        help="Layers that only hand on what they get are left out.",
    )
    values = results[number]
    strong = strongest(values)
    key = f"units-{derived.identity(recognizer)[:12]}-{number}"
    if values.ndim == 3:
        maps, largest = _as_maps(values), float(np.abs(values).max())
        columns = min(len(maps), 16)
        urls = [
            mosaic(
                one[None],
                1,
                signed=True,
                scale=max(1, 28 // one.shape[1]),
                largest=largest,
                marked=[0] * (unit in strong),
            )
            for unit, one in enumerate(maps)
        ]
        clicked = click_picture(
            urls, [f"{unit + 1}" for unit in range(len(maps))], columns, 34, "The maps of the layer.", key
        )
    else:
        clicked = click_bar(values.astype(float).tolist(), set(strong), "The units of the layer as bars.", key)
    unit = clicked if clicked is not None else (strong[0] if strong else 0)
    with st.container(border=True):
        st.markdown(f"**Unit {unit + 1}** of layer {title(network, number)}")
        left, right = st.columns([1, 2], gap="medium")
        with left:
            _weights(network, number, unit)
        with right:
            _exciting(recognizer, number, unit)
        _without(network, subject, number, unit, results[-1])


def _weights(network: Network, number: int, unit: int) -> None:
    learned = next(
        (place for place in range(number, -1, -1) if network.layers[place].parameters.get("weights") is not None), None
    )
    weights = None if learned is None else explain.unit_weights(network, learned, unit)
    st.caption("What it looks for (its weights)")
    if learned is None or weights is None:
        st.markdown("Its weights are not a picture: what comes before is no picture either.")
        return
    count, height, width = weights.shape
    columns = min(count, 6)
    scale, largest = max(1, 200 // (columns * (width + 1))), float(np.abs(weights).max())
    words = "a picture" if count == 1 else f"{count} pictures, one for each map before it,"
    st.image(
        mosaic(weights, columns, signed=True, scale=scale, largest=largest),
        alt=f"The weights of unit {unit + 1}: {words} of {height} by {width}.",
    )


def _exciting(recognizer: Recognizer, number: int, unit: int) -> None:
    places = derived.exciting_images(recognizer, number)[unit]
    images, labels = load_mnist().test_images[places] / 255, load_mnist().test_labels[places]
    st.caption("The test images that excite it most (of the first 2,000)")
    digits = ", ".join(str(digit) for digit in labels)
    st.image(mosaic(images, 5, scale=3), alt=f"The ten images that excite unit {unit + 1} most: {digits}.")


def _without(network: Network, subject: Subject, number: int, unit: int, scores: np.ndarray) -> None:
    factor = st.slider(
        "Scale this unit",
        0.0,
        3.0,
        1.0,
        0.25,
        key="unit_factor",
        help="0 switches the unit off; 2 makes it twice as strong. The layers after it get the changed values.",
    )
    *_, last = explain.outputs(network, subject.image[None], {(number, unit): factor})
    (before, after) = (probabilities(values.reshape(1, -1), network.output)[0] for values in (scores, last))
    old, new = int(before[:DIGITS].argmax()), int(after[:DIGITS].argmax())
    if factor == 1:
        st.markdown(f"As it is, the network reads **{old}** ({percent(float(before[old]))}).")
    elif new == old:
        st.markdown(f"It still reads **{old}**: {percent(float(after[old]))} instead of {percent(float(before[old]))}.")
    else:
        st.markdown(f"Now it reads **{new}** ({percent(float(after[new]))}) instead of **{old}**.")
