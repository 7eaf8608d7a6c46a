"""The Inside page: see why a network answers what it answers."""

import streamlit as st

from pages.components.draw.kept_drawing import mount_kept_drawing
from pages.components.frame import page_frame
from pages.components.inside.images import choose_images
from pages.components.inside.layers_view import layers_view
from pages.components.inside.map_view import map_view
from pages.components.inside.mistakes_view import mistakes_view
from pages.components.inside.networks_view import networks_view
from pages.components.inside.page_state import INSIDE_VIEW, Key, inside_page_state
from pages.components.inside.subject import Subject, choose_picture
from pages.components.inside.why_view import why_view
from pages.components.language import _, gettext_noop
from pages.components.network_choice import choose_network
from pages.components.pictures import picture
from pages.components.screen import as_wide
from pages.components.view_choice import choose_view

VIEWS = {
    "layers": gettext_noop("Through the layers"),
    "why": gettext_noop("Why this digit"),
    "mistakes": gettext_noop("What it gets wrong"),
    "map": gettext_noop("Where digits live"),
    "networks": gettext_noop("All networks"),
}
OF_OTHERS = {"why": gettext_noop("Why this answer"), "map": gettext_noop("Where classes live")}
"""Titles for a network that reads something else than digits."""


def inside_page() -> None:
    """Network, picture and view at the top; below, one view at a time."""
    page_frame(
        gettext_noop("Inside a network"),
        gettext_noop(
            "Choose a network and a picture, and see how one becomes the answer, why, and where it goes wrong."
        ),
    )
    with st.container(border=True, horizontal=True, gap="medium", vertical_alignment="top", key=Key.SUBJECT):
        with st.container(width=as_wide(150)):
            place = st.empty()
        with st.container(width="stretch"):
            recognizer = choose_network()
            images = choose_images(recognizer)
            subject = choose_picture(images.dataset)
        _show(subject, place)
    views = VIEWS if recognizer.reads_digits else VIEWS | OF_OTHERS
    view = choose_view(views, INSIDE_VIEW, inside_page_state().view)
    if view == "layers":
        layers_view(recognizer, images, subject)
    elif view == "why":
        why_view(recognizer, subject)
    elif view == "mistakes":
        mistakes_view(recognizer, images)
    elif view == "networks":
        networks_view(recognizer, images, subject)
    else:
        map_view(recognizer, images, subject)
    mount_kept_drawing()


def _show(subject: Subject, place: st.delta_generator.DeltaGenerator) -> None:
    alt = _("{picture}, as the network sees it.").format(picture=subject.title)
    place.image(picture(subject.image), caption=subject.title, alt=alt, width=140)


inside_page()
