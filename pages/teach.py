"""The Teach page: the visitor's own drawings, and networks that learn from them."""

from mnist_core.runs import RunStore
from pages.components.frame import page_frame
from pages.components.teach.my_view import my_view
from pages.components.visitor import mount_visitor_cookie, visitor


def teach_page() -> None:
    """The whole page."""
    page_frame(
        "Teach it your hand",
        "Draw, say what it is, and teach: the network learns your hand within seconds, and you see what that costs "
        "elsewhere.",
        wide=True,
    )
    store, secret = RunStore(), visitor()
    my_view(store, secret)
    mount_visitor_cookie()


teach_page()
