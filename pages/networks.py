"""The Networks page: what each bundled network is and how it was trained, from its model card."""

from pages.components.frame import page_frame
from pages.components.language import gettext_noop
from pages.components.network_choice import cards_with_warnings
from pages.components.networks.card import show_card

page_frame(
    gettext_noop("Networks"),
    gettext_noop(
        "These networks come with the app. Each was trained from nothing, in NumPy, on the MNIST digits; the first "
        "also on pen strokes."
    ),
)
for card in cards_with_warnings().values():
    show_card(card)
