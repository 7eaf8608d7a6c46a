"""The Teach page: the visitor's own drawings and those of a class, and networks that learn from them."""

from mnist_core.runs import RunStore
from pages.components.frame import page_frame
from pages.components.language import gettext_noop
from pages.components.teach.class_view import class_view
from pages.components.teach.my_view import my_view
from pages.components.teach.page_state import TEACH_VIEW, teach_page_state
from pages.components.view_choice import choose_view
from pages.components.visitor import mount_visitor_cookie, visitor

VIEWS = {"mine": gettext_noop("My drawings"), "class": gettext_noop("My class")}


def teach_page() -> None:
    """One view at a time."""
    page_frame(
        gettext_noop("Teach it your hand"),
        gettext_noop(
            "Draw, say what it is, and teach: the network learns your hand within seconds, and you see what that costs "
            "elsewhere."
        ),
        wide=True,
    )
    store, secret = RunStore(), visitor()
    if choose_view(VIEWS, TEACH_VIEW, teach_page_state().view) == "mine":
        my_view(store, secret)
    else:
        class_view(store, secret)
    mount_visitor_cookie()


teach_page()
