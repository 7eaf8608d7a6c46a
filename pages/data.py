"""The Data page: the digits that the networks learn from."""

from pages.components.frame import page_frame
from pages.components.inside.data_views import doubts_view, gallery_view, numbers_view
from pages.components.inside.page_state import DATA_VIEW, data_page_state
from pages.components.inside.view_choice import choose_view

VIEWS = {"numbers": "In numbers", "gallery": "Gallery", "doubts": "Doubtful labels"}


def data_page() -> None:
    """One view at a time."""
    page_frame(
        "The digits",
        "MNIST: 70,000 digits, written by American census employees and high-school students, and brought to 28×28 "
        "pixels by LeCun, Cortes and Burges. The networks learn from 60,000 of them; 10,000 are kept for the test.",
    )
    view = choose_view(VIEWS, DATA_VIEW, data_page_state().view)
    if view == "numbers":
        numbers_view()
    elif view == "gallery":
        gallery_view()
    else:
        doubts_view()


data_page()
