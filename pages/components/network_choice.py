"""The choice among the bundled networks, kept in the session and in the page's address."""

import math

import streamlit as st

from mnist_core import InputError, Recognizer
from mnist_core.reading import ModelCard, weights
from pages.components.frame import recognizer
from pages.components.own_networks import find_network, own_networks


@st.cache_resource(show_spinner=False)
def bundled_cards() -> tuple[dict[str, ModelCard], list[str]]:
    """The model cards of the bundled networks by name, the default first, and what is wrong with those left out."""
    cards, problems = {}, []
    for name in weights.names():
        try:
            cards[name] = weights.load_card(name)
        except InputError as error:
            problems.append(str(error))
    return cards, problems


def choose_network() -> Recognizer:
    """A select box of the bundled networks; returns the chosen one, ready to read."""
    cards, problems = bundled_cards()
    for problem in problems:
        st.warning(f"A network was left out. {problem}")
    if not cards:
        st.error(
            "There are no networks in the weights folder; train one with: "
            "python -m mnist_core train --recipe default --out weights"
        )
        st.stop()
    address = st.query_params.get("network")
    if "network" not in st.session_state or (address and address != st.session_state.get("network_in_address")):
        wanted = address or st.session_state.get("chosen_network", "default")
        if wanted not in cards and find_network(wanted) is None:
            st.toast("There is no network of the name in this address; the first one reads.", icon=":material/info:")
            wanted = next(iter(cards))
        st.session_state["network"] = wanted
    labels = network_labels()
    name = st.selectbox(
        "Network",
        list(labels),
        key="network",
        format_func=labels.__getitem__,
        help="Which network reads. The percentage is its share of right answers on MNIST's 10,000 test images.",
    )
    st.session_state["chosen_network"] = name
    if st.query_params.get("network", next(iter(cards))) != name:
        st.query_params["network"] = name
    st.session_state["network_in_address"] = st.query_params.get("network")
    return network_named(name)


def network_labels() -> dict[str, str]:
    """The bundled networks and this visitor's own, by key: how they are called in a list, no two the same."""
    labels = {name: summary(card) for name, card in bundled_cards()[0].items()}
    labels |= {key: f"Yours: {summary(found.card)}" for key, found in own_networks().items()}
    if len(set(labels.values())) < len(labels):
        # The browser answers with the label, so no two may be the same.
        labels = {name: f"{label} · {name.rpartition(':')[2]}" for name, label in labels.items()}
    return labels


def network_named(name: str) -> Recognizer:
    """A bundled network, or one of this visitor's own; stops the page with a sentence if it cannot be used."""
    own = own_networks()
    if name in own:
        return own[name]
    try:
        return recognizer(name)
    except InputError as error:
        st.error(f"This network cannot be used. {error}")
        st.stop()


def summary(card: ModelCard) -> str:
    """One line: title, accuracy on the test images, size."""
    return f"{card.title} · {accuracy_on_test(card)} · {card.bytes / 1000:,.0f} kB"


def accuracy_on_test(card: ModelCard) -> str:
    """The share of right answers on the test images, cut off (not rounded up) at two decimals."""
    share = card.accuracies.get("test")
    return "not tested" if share is None else f"{math.floor(share * 10_000 + 1e-6) / 100:.2f} %"
