"""The choice among the bundled networks. It follows the visitor from page to page, and stands in the page's address."""

import gc

import streamlit as st

from mnist_core import InputError, Recognizer
from mnist_core.reading import ModelCard, weights
from pages.components.language import _
from pages.components.own_networks import find_network, own_networks
from pages.components.shared_state import NETWORK, shared_state
from pages.components.words import accuracy

MOST_LETTERS = 24


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


@st.cache_resource(show_spinner=False)
def bundled_network(name: str) -> Recognizer:
    """The bundled network `name`, loaded once for all sessions. Raises InputError if its files are not sound."""
    loaded = Recognizer.load(name)
    gc.freeze()
    return loaded


def cards_with_warnings() -> dict[str, ModelCard]:
    """The model cards of the bundled networks by name; a warning on the page for each that was left out."""
    cards, problems = bundled_cards()
    for problem in problems:
        st.warning(_("A network was left out. {problem}").format(problem=problem))
    return cards


def choose_network() -> Recognizer:
    """A select box of the bundled networks; returns the chosen one, ready to read.

    A network that the address names anew comes first, then what this visitor chose last, on whatever page.
    """
    cards = cards_with_warnings()
    if not cards:
        st.error(
            _("There are no networks in the weights folder; train one with: {command}").format(
                command="python -m mnist_core train --recipe default --out weights"
            )
        )
        st.stop()
    address = st.query_params.get("network")
    shared = shared_state()
    named = bool(address) and address != shared.network_in_address
    if named or not NETWORK.has_value() or shared.network_asked_at != shared.pages_opened:
        wanted = (address if named else "") or shared.chosen_network
        if wanted not in cards and find_network(wanted) is None:
            words = _("There is no network of the name in this address; the first one reads.")
            st.toast(words, icon=":material/info:")
            wanted = next(iter(cards))
        NETWORK.put(wanted)
        shared.network_asked_at = shared.pages_opened
    labels = network_labels()
    name = st.selectbox(
        _("Network"),
        list(labels),
        key=NETWORK.key,
        format_func=labels.__getitem__,
        help=_(
            "Which network reads. The percentage is its share of right answers on the test images of what it learned: "
            "for the bundled ones, MNIST's 10,000."
        ),
    )
    shared.chosen_network = name
    if st.query_params.get("network", next(iter(cards))) != name:
        st.query_params["network"] = name
    shared.network_in_address = st.query_params.get("network")
    return network_named(name)


def digits_are_read() -> bool:
    """Whether the network that is chosen reads digits, as far as is known before the page asks for it."""
    found = own_networks().get(st.query_params.get("network") or shared_state().chosen_network)
    return found is None or found.reads_digits


def network_labels() -> dict[str, str]:
    """The bundled networks and this visitor's own, by key: their labels in a list. No two labels are the same."""
    labels = {name: f"{_(card.title)} · {accuracy_on_test(card)}" for name, card in bundled_cards()[0].items()}
    labels |= {
        key: _("Yours: {title}").format(title=shortened(found.card.title)) for key, found in own_networks().items()
    }
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
        return bundled_network(name)
    except InputError as error:
        st.error(_("This network cannot be used. {error}").format(error=error))
        st.stop()


def shortened(title: str) -> str:
    """A title that a select box on a phone has room for; its end stays, where a number tells one run from another."""
    return title if len(title) <= MOST_LETTERS else f"{title[: MOST_LETTERS - 6].rstrip()}…{title[-5:]}"


def accuracy_on_test(card: ModelCard) -> str:
    """The share of right answers on the test images."""
    return accuracy(card.accuracies["test"]) if "test" in card.accuracies else _("not tested")
