"""Through the layers: what the picture becomes in each layer, down to the answer."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from mnist_core import Recognizer
from mnist_core.insight import explain
from mnist_core.nn import Network
from pages.components.inside.answers import about_the_units, named_shares, unit_names
from pages.components.inside.class_table import class_table, number_text, whole_percent
from pages.components.inside.diagram import diagram, is_dense
from pages.components.inside.how import how_computed
from pages.components.inside.images import Images
from pages.components.inside.one_unit import one_unit
from pages.components.inside.page_state import EVERY_STEP, Key, strip_of, unit_layer, unit_number
from pages.components.inside.subject import Subject
from pages.components.inside.unit_grid import unit_grid
from pages.components.inside.units import SILENT, most_units, title
from pages.components.language import _, gettext_noop
from pages.components.words import whole

MEANING = {
    "conv": gettext_noop("each unit looks for one small pattern everywhere"),
    "dense": gettext_noop("each unit weighs everything that comes before it"),
    "batchnorm": gettext_noop("brought to a common size"),
    "relu": gettext_noop("what speaks against a pattern is dropped"),
    "sigmoid": gettext_noop("squeezed between 0 and 1"),
    "tanh": gettext_noop("squeezed between -1 and 1"),
    "maxpool": gettext_noop("only the strongest of each small square stays"),
    "softmax": gettext_noop("shares that add up to 1"),
}
OUTPUTS = {
    "softmax": gettext_noop(
        r"Layer $l$ computes $x^{(l)} = f_l(x^{(l-1)})$, from the 784 pixels $x^{(0)}$ to the scores $z$; the answer "
        r"is $p_k = e^{z_k} / \sum_j e^{z_j}$."
    ),
    "sigmoid": gettext_noop(
        r"Layer $l$ computes $x^{(l)} = f_l(x^{(l-1)})$, from the 784 pixels $x^{(0)}$ to the scores $z$; the answer "
        r"is $s(z_k) = 1 / (1 + e^{-z_k})$, divided by the sum of all."
    ),
    "identity": gettext_noop(
        r"Layer $l$ computes $x^{(l)} = f_l(x^{(l-1)})$, from the 784 pixels $x^{(0)}$ to the scores $z$; the answer "
        r"is $z$ itself, divided by its sum: the last layer gives shares already."
    ),
}
"""How the answer is computed, by what the network returns."""


def layers_view(recognizer: Recognizer, images: Images, subject: Subject) -> None:
    """The whole view."""
    network = recognizer.network
    st.markdown(
        _(
            "Every layer turns numbers into other numbers. **Blue** values are above 0, **red** ones below; the "
            "strongest units have a **yellow frame**. Click any unit, or take the arrow keys, and see below what it is "
            "good for."
        )
    )
    results = [np.array(y[0]) for y in explain.outputs(network, subject.image[None])]
    shown = [number for number, layer in enumerate(network.layers) if layer.name not in SILENT]
    every = st.toggle(
        _("Every step"),
        key=EVERY_STEP.key,
        persist_state="session",
        help=_("Also the steps inside a layer, such as normalization."),
    )
    steps = [number for number in shown if _ends_a_step(network, number)]
    first = steps[0]
    overview = shown if every else steps
    with st.container(border=True):
        for number in overview[:-1]:
            _layer(recognizer, number, results[number])
        _answer(recognizer, results)
    if is_dense(network):
        diagram(recognizer, subject.image)
    one_unit(recognizer, images, subject, shown, results, first)
    how_computed(
        _(OUTPUTS[network.output])
        + " "
        + _(
            r"A unit that is scaled by $a$ gives $a\,x^{(l)}_i$ to the layers after it. This is one look at the "
            "picture; on the Draw page, some networks take the mean of five."
        )
    )


def _ends_a_step(network: Network, number: int) -> bool:
    """Whether the next layer has weights of its own, or only hands on what it gets, or there is none."""
    following = network.layers[number + 1 : number + 2]
    return not following or "weights" in following[0].parameters or following[0].name in SILENT


def _layer(recognizer: Recognizer, number: int, values: np.ndarray) -> None:
    network = recognizer.network
    meaning = MEANING.get(network.layers[number].name.split("_")[0], "")
    st.markdown(f"**{title(network, number)}**: {_(meaning)}")
    _units(recognizer, number, values)
    shown = len(most_units(values))
    if shown < values.shape[-1]:
        text = _("Of {all} units, the {shown} with the largest values.")
        st.caption(text.format(all=whole(values.shape[-1]), shown=shown))
    if not values.any():
        st.caption(_("Every unit of this layer is 0: for this picture it is dead."))


def _units(recognizer: Recognizer, number: int, values: np.ndarray, names: Sequence[str] = ()) -> None:
    """The units of a layer; one that is chosen is looked at further down."""
    name, layer = recognizer.identity, unit_layer(recognizer.identity)
    widget = unit_number(name, number)

    def choose(unit: int) -> None:
        layer.put(number)
        widget.put(unit + 1)

    here = layer.value_or(-1) == number and widget.has_value()
    unit_grid(
        values,
        alt=_("The units of layer {layer}.").format(layer=title(recognizer.network, number)),
        key=strip_of(name, number),
        choose=choose,
        chosen=widget.value - 1 if here else None,
        names=names,
        lead_to=Key.ONE_UNIT,
    )


def _answer(recognizer: Recognizer, results: Sequence[np.ndarray]) -> None:
    network, last = recognizer.network, len(results) - 1
    st.markdown(_("**{layer}**: the scores, one for each class").format(layer=title(network, last)))
    _units(recognizer, last, results[-1], unit_names(recognizer))
    if about := about_the_units(recognizer):
        st.markdown(about)
    names, scores, shares = named_shares(recognizer, results[-1])
    best = int(shares.argmax())
    st.markdown(_("**The answer**: the scores, and what they make as shares of 1"))
    rows = {
        _("score"): [number_text(score, 1) for score in scores],
        _("share"): [whole_percent(share) for share in shares.tolist()],
    }
    class_table(names, rows, best, shares)
