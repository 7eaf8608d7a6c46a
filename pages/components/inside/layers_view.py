"""Through the layers: what the picture becomes in each layer, down to the answer."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from mnist_core import Recognizer
from mnist_core.insight import explain
from mnist_core.nn import Network
from pages.components.inside.answers import named_shares
from pages.components.inside.diagram import diagram, is_dense
from pages.components.inside.how import how_computed
from pages.components.inside.one_unit import one_unit
from pages.components.inside.page_state import EVERY_STEP, Key
from pages.components.inside.subject import Subject
from pages.components.inside.units import SILENT, as_maps, most_units, strongest, title
from pages.components.pictures import mosaic
from pages.components.words import percent

WIDTH = 680
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
OUTPUTS = {
    "softmax": r"the answer is $p_k = e^{z_k} / \sum_j e^{z_j}$.",
    "sigmoid": r"the answer is $s(z_k) = 1 / (1 + e^{-z_k})$, divided by the sum of all ten.",
    "identity": "the answer is $z$ itself, divided by its sum: the last layer gives shares already.",
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
    every = st.toggle(
        "Every step",
        key=EVERY_STEP.key,
        persist_state="session",
        help="Also the steps inside a layer, such as normalization.",
    )
    overview = shown if every else [number for number in shown if _ends_a_step(network, number)]
    with st.container(border=True):
        for number in overview[:-1]:
            _layer(network, number, results[number])
        _answer(network, results)
    if is_dense(network):
        diagram(network, subject.image)
    one_unit(recognizer, subject, shown, results)
    how_computed(
        r"Layer $l$ computes $x^{(l)} = f_l(x^{(l-1)})$, from the 784 pixels $x^{(0)}$ to the scores $z$; "
        + OUTPUTS[network.output]
        + r" A unit that is scaled by $a$ gives $a\,x^{(l)}_i$ to the layers after it. This is one look at the "
        "picture; on the Draw page, some networks take the mean of five."
    )


def _ends_a_step(network: Network, number: int) -> bool:
    """Whether the next layer has weights of its own, or only hands on what it gets, or there is none."""
    following = network.layers[number + 1 : number + 2]
    return not following or "weights" in following[0].parameters or following[0].name in SILENT


def _layer(network: Network, number: int, values: np.ndarray) -> None:
    meaning = MEANING.get(network.layers[number].name.split("_")[0], "")
    st.markdown(f"**{title(network, number)}**: {meaning}")
    units, strong = most_units(values), strongest(values)
    maps = as_maps(values)[units]
    columns, scale = _fitting(*maps.shape)
    marked = [position for position, unit in enumerate(units.tolist()) if unit in strong]
    names = ", ".join(str(unit + 1) for unit in strong) or "none, since every unit is 0 or below"
    st.image(
        mosaic(maps, columns, signed=True, scale=scale, largest=float(np.abs(maps).max()), marked=marked),
        alt=f"Layer {title(network, number)}, as pictures. The strongest: {names}.",
    )
    if len(units) < values.shape[-1]:
        st.caption(f"Of {values.shape[-1]:,} units, the {len(units)} with the largest values.")
    if not values.any():
        st.caption("Every unit of this layer is 0: for this picture it is dead.")


def _fitting(count: int, height: int, width: int) -> tuple[int, int]:
    """How many in a row, and how large a pixel, so that about 680 pixels are filled."""
    if width == 1:
        columns = min(count, 32)
        return columns, min(24, WIDTH // columns - 2)
    columns = min(count, 8 if count <= 16 else 12 if count <= 24 else 16)
    return columns, max(1, (WIDTH // columns - 2) // width)


def _answer(network: Network, results: Sequence[np.ndarray]) -> None:
    names, scores, shares = named_shares(network, results[-1])
    best = int(shares.argmax())
    st.markdown("**The answer**: a score for each class, and what they make as shares of 1")
    rows = [
        "| | " + " | ".join(f"**{name}**" if number == best else name for number, name in enumerate(names)) + " |",
        "| --- |" + " ---: |" * len(names),
        "| score | " + " | ".join(f"{score:.1f}" for score in scores) + " |",
        "| share | " + " | ".join(map(_short, shares.tolist())) + " |",
    ]
    with st.container(key=Key.ANSWER_TABLE):
        st.markdown("\n".join(rows))


def _short(share: float) -> str:
    """A share in whole percent: eleven must fit into a row."""
    return percent(share, 0, never_certain=True).replace(" ", "")
