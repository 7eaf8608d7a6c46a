"""What a class does together in a lesson: who is there, what it predicts, and how the teacher leads it."""

import streamlit as st

from mnist_core.runs import RunStore
from pages.components.classes.invitation import invitation
from pages.components.classes.seat import Seat
from pages.components.classes.shared_board import shared_board
from pages.components.classes.watchers import interval, watchers
from pages.components.classes.who_is_there import who_is_there
from pages.components.language import _
from pages.components.lessons import votes
from pages.components.lessons.page_state import Key, lessons_page_state
from pages.components.lessons.place import Place, class_pace, lead, reveal
from pages.components.link import kept_in_links
from pages.components.words import escaped

LOOKS = 1.5
"""So many times the interval of the Train page: a class may wait two seconds for its teacher's next step."""


def follow(store: RunStore, secret: str, seat: Seat, place: Place | None) -> None:
    """Look again and again where the class is, and draw the page anew when it has moved on."""
    watchers()
    st.fragment(_follow, run_every=LOOKS * interval())(store, secret, seat, place)


def _follow(store: RunStore, secret: str, seat: Seat, place: Place | None) -> None:
    store.classes.members.touch(seat.id, secret)
    pace, state = class_pace(store, seat), lessons_page_state()
    if state.drawn is not None and pace != state.drawn:
        st.rerun(scope="app")
    if place is not None and place.step.kind == "predict":
        if votes.may_see(place):
            votes.class_bars(place, place.step, answered=False)
        else:
            st.caption(votes.how_many(place))
    board = shared_board(store, seat.id)
    if board is not None:
        st.markdown(who_is_there(board, seat))


def teacher_part(place: Place) -> None:
    """The teacher's buttons; each asks for the secret in the address once more."""
    with st.container(border=True, key=Key.CLASS):
        st.markdown(_(":material/groups: **Class {name}**").format(name=escaped(place.seat.name)))
        with st.container(horizontal=True, vertical_alignment="center"):
            if place.followed and place.pace.together:
                st.button(
                    _("Let everybody go on alone"),
                    key=Key.ALONE,
                    icon=":material/directions_walk:",
                    on_click=lead,
                    args=(place, place.number),
                    kwargs={"together": False},
                    help=_("From here on, every page has buttons of its own."),
                )
            else:
                st.button(
                    _("Bring all pages here"),
                    key=Key.LEAD,
                    icon=":material/groups:",
                    type="primary",
                    on_click=lead,
                    args=(place, place.number),
                    kwargs={"together": True},
                    help=_(
                        "All pages of the class show this step, and go on with you; so does one that is opened later."
                    ),
                )
            if place.step.kind == "predict":
                st.button(
                    _("Show what the class predicts"),
                    key=Key.REVEAL,
                    icon=":material/bar_chart:",
                    on_click=reveal,
                    args=(place, place.step.name),
                    help=_("As bars, without names, before the answer."),
                )
            with st.popover(_("Invite"), icon=":material/qr_code_2:"):
                if info := place.store.classes.find(place.seat.id):
                    invitation(info, for_lessons=True)
            st.page_link(
                "pages/lessons.py",
                label=_("Slides for the projector"),
                icon=":material/slideshow:",
                query_params={"class": place.seat.id, "lesson": place.lesson.id, "slides": "1"}
                | kept_in_links()
                | {"projector": "1"},
                width="content",
            )
