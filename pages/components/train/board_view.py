"""The board of a class in large type, for the projector: code, who is there, all curves, and the ranking."""

import streamlit as st

from mnist_core.runs import Board, BoardRun, RunStore, ranked
from pages.components.classes.class_address import class_address
from pages.components.classes.invitation import card_with_code
from pages.components.classes.member_names import member_name
from pages.components.classes.seat import Seat, hide_board
from pages.components.classes.watchers import interval
from pages.components.language import _, gettext_noop
from pages.components.train.board_chart import MEASURES, Measure, Shown, board_chart
from pages.components.train.class_live import class_strip, take_order
from pages.components.train.live_run import look_of_state
from pages.components.train.page_state import BOARD_MEASURE, BOARD_RUNS, BOARD_SMALL, Key, train_page_state
from pages.components.train.ranking import ranking
from pages.components.words import duration, escaped

WHICH = {
    "newest": gettext_noop("Newest run"),
    "best": gettext_noop("Best run"),
    "all": gettext_noop("All runs"),
}
MOST = 60
"""More curves than this nobody tells apart."""


def board_view(store: RunStore, secret: str, seat: Seat) -> None:
    """The whole page of the board."""
    _head(store, seat)
    st.fragment(_live, run_every=interval())(store, secret, seat)


def _head(store: RunStore, seat: Seat) -> None:
    info = store.classes.find(seat.id)
    if info is None:
        return
    address = class_address(info.id)
    with st.container(horizontal=True, vertical_alignment="center", gap="large"):
        with st.container(width="stretch"):
            with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
                st.title(_("Class {name}").format(name=escaped(info.name)), anchor=False, width="content")
                st.button(_("Settings"), icon=":material/arrow_back:", key=Key.HIDE_BOARD, on_click=hide_board)
            if not info.closed:
                words = _("Open **Train**, press **Join a class** and write **{code}**; or scan, or open this:")
                st.markdown(words.format(code=info.spoken_code()))
                st.code(address, language=None, wrap_lines=True)
        if not info.closed:
            with st.container(width=600):
                card_with_code(info, address)


def _live(store: RunStore, secret: str, seat: Seat) -> None:
    take_order(store, secret, seat)
    state = train_page_state()
    if state.problem:
        st.toast(escaped(state.problem), icon=":material/error:", duration="long")
        state.problem = None
    board = class_strip(store, seat)
    if board is None:
        return
    if not board.runs:
        with st.container(border=True):
            words = _("Whoever starts a training in this class appears here by nickname, within a second or two.")
            head = _("No curve yet")
            st.markdown(f"## {head}\n{words}")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        measure = st.segmented_control(
            _("Curves"),
            list(MEASURES),
            default="validation_accuracy",
            format_func=lambda measure: _(MEASURES[measure]),
            key=BOARD_MEASURE.key,
            required=True,
            label_visibility="collapsed",
            help=_("The share of the validation images that is right, the share of the training images, or the loss."),
        )
        which = st.segmented_control(
            _("Of everybody"),
            list(WHICH),
            default="newest",
            format_func=lambda which: _(WHICH[which]),
            key=BOARD_RUNS.key,
            label_visibility="collapsed",
            required=True,
        )
        small = st.toggle(
            _("Small charts"), key=BOARD_SMALL.key, help=_("A chart for each run instead of one for all.")
        )
    lines = lines_of(board, str(which), seat)
    chosen: Measure = measure
    if chosen == "validation_accuracy" and not any(line.run.best > 0 for line in lines):
        chosen = "accuracy"
        st.caption(_("Nobody has validated yet: until then, these are the shares of the training images."))
    left, right = st.columns([1.25, 1], gap="medium")
    with left:
        board_chart(lines, chosen, Key.BOARD_CHART, small=bool(small))
    with right:
        ranking(lines, Key.RANKING)


def lines_of(board: Board, which: str, seat: Seat) -> list[Shown]:
    """The runs to draw, the best first. which: "newest" or "best" of each member, or "all"."""
    runs = board.newest() if which == "newest" else board.best() if which == "best" else ranked(board.runs)
    shown: list[Shown] = []
    taken: set[str] = set()
    for run in runs[:MOST]:
        name = member_name(run.name)
        label, number = name, 2
        while label in taken:
            label, number = f"{name} ({number})", number + 1
        taken.add(label)
        shown.append(Shown(run, label, state_words(run), run.member == seat.member))
    return shown


def state_words(shown: BoardRun) -> str:
    """What a run does; one that waits says for how long, and one that failed has no epoch to come."""
    if shown.status.state == "waiting":
        return _("waiting {duration}").format(duration=duration(shown.run.asked_seconds()))
    return look_of_state(shown.status)[0].lower()
