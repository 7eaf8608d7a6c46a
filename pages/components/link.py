"""What every link to a page carries on, so that it holds in a new tab, too: the projector and the language."""

from pages.components.screen import for_projector
from pages.components.shared_state import shared_state


def kept_in_links() -> dict[str, str]:
    """Parameters of an address; none if nothing was chosen."""
    chosen = shared_state().language
    return ({"projector": "1"} if for_projector() else {}) | ({"lang": chosen} if chosen else {})
