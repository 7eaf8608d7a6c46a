"""The part of the form that sets up the network: its layers from a few choices, or as a list that somebody types."""

import streamlit as st

from mnist_core.nn import ACTIVATIONS, Architecture, parse_layers, parse_numbers
from pages.components.language import _
from pages.components.train.page_state import SETTINGS
from pages.components.train.settings_choices import (
    KIND_NAMES,
    MAX_CONVOLUTIONS,
    MAX_DROPOUT,
    MAX_FILTERS,
    MAX_HIDDEN_LAYERS,
    MAX_UNITS,
)
from pages.components.train.settings_state import form_values


def network_form(outputs: int) -> tuple[str, ...]:
    """Draw the controls; returns the layers, with so many outputs. Raises InputError if they cannot be."""
    kind = st.segmented_control(
        _("Kind"),
        list(KIND_NAMES),
        format_func=lambda kind: _(KIND_NAMES[kind]),
        key=SETTINGS["kind"].key,
        required=True,
        help=_(
            "Fully connected: every unit sees all pixels. A CNN slides small windows over the picture, and finds "
            "strokes wherever they lie."
        ),
    )
    if kind == "own":
        text = st.text_area(
            _("Layers, one on a line"),
            key=SETTINGS["layers"].key,
            height=220,
            help=_(
                "For example flatten, then dense 128, relu, dense {outputs}. Also conv 16 5, maxpool 2, batchnorm, "
                "dropout 0.5, sigmoid, tanh. The last one must be dense {outputs}."
            ).format(outputs=outputs),
        )
        return parse_layers(text)
    filters: tuple[int, ...] = ()
    if kind == "cnn":
        filters = parse_numbers(
            st.text_input(
                _("Filters of each convolution"),
                key=SETTINGS["filters"].key,
                help=_("For example 16, 32: two convolutions, with 16 and 32 filters."),
            ),
            "Filters of each convolution",
            1,
            MAX_FILTERS,
            MAX_CONVOLUTIONS,
        )
    units = parse_numbers(
        st.text_input(
            _("Units of each hidden layer"),
            key=SETTINGS["units"].key,
            help=_("For example 256, 128: two hidden layers. Empty: none, the network is then a logistic regression."),
        ),
        "Units of each hidden layer",
        1,
        MAX_UNITS,
        MAX_HIDDEN_LAYERS,
    )
    activation = st.selectbox(
        _("Activation"),
        ACTIVATIONS,
        key=SETTINGS["activation"].key,
        help=_("What bends a unit's answer: without it, several layers could do no more than one."),
    )
    batchnorm = st.toggle(
        _("Batch normalization"),
        key=SETTINGS["batchnorm"].key,
        help=_("Keeps the values inside the network near 0, which makes training quicker and steadier."),
    )
    dropout = st.slider(
        _("Dropout"),
        0.0,
        MAX_DROPOUT,
        step=0.05,
        key=SETTINGS["dropout"].key,
        help=_(
            "The share of the last hidden layer that is switched off at random in each step, so that the network "
            "does not lean on any one unit."
        ),
    )
    layers = Architecture(filters, units, activation, batchnorm, dropout, form_values().kernel, outputs).layers()
    st.caption(" → ".join(f"`{layer}`" for layer in layers))
    return layers
