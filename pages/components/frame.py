"""The frame around every page: title, links to the other pages, one look. Called first on each page."""

import gc
import importlib
import sys
from collections.abc import Callable
from typing import Literal

import streamlit as st
from PIL import Image, ImageDraw
from threadpoolctl import threadpool_limits

from pages.components.language import _, gettext_noop
from pages.components.language_choice import language_menu, take_language_of_address
from pages.components.link import kept_in_links
from pages.components.one_step_back import one_step_back
from pages.components.screen import for_projector, headline_with_styles, projector_switch, take_screen_of_address
from pages.components.shared_state import Key, shared_state

APP = "Digit Lab"
PAGES = (
    ("app.py", gettext_noop("Draw"), ":material/draw:"),
    ("pages/lessons.py", gettext_noop("Lessons"), ":material/menu_book:"),
    ("pages/teach.py", gettext_noop("Teach"), ":material/school:"),
    ("pages/train.py", gettext_noop("Train"), ":material/trending_up:"),
    ("pages/inside.py", gettext_noop("Inside"), ":material/search:"),
    ("pages/data.py", gettext_noop("Data"), ":material/grid_view:"),
    ("pages/networks.py", gettext_noop("Networks"), ":material/hub:"),
)

LESSONS = "Lessons"
"""The title of the page that a lesson is on."""

IMPORTED_LATER = (
    "pandas",
    "pyarrow.pandas_compat",
    "streamlit.dataframe.lazy_df_adapters",
    "scipy.ndimage",
    *(f"pages.components.{part}" for part in ("draw.draw_page", "numbers.number_page")),
    *(f"pages.components.train.{part}" for part in ("board_view", "run_desk", "settings_form")),
    *(f"pages.components.inside.{part}" for part in ("layers_view", "map_view", "mistakes_view", "networks_view")),
    *(f"pages.components.inside.{part}" for part in ("why_view", "data_views")),
    "pages.components.networks.card",
    "pages.components.view_choice",
    "pages.components.teach.my_view",
    "pages.components.lessons.lesson_page",
)
"""Modules that a page, or a library on its behalf, imports when somebody first needs them."""
SWITCH_SECONDS = 0.001


def page_frame(
    title: str,
    introduction: str,
    *,
    wide: bool = False,
    headed: bool = True,
    beside: Callable[[], None] | None = None,
) -> None:
    """Configure the page and draw its head: the app's name, the links, the page's title and one sentence.

    title, introduction: in English, marked by `gettext_noop`: only now the visitor's language is known. wide: use the
    whole width of the screen, as a projector always does. headed: show the title and the sentence on the page; a
    projector has no room for them. beside: draws what stands beside the title.
    """
    take_screen_of_address()
    take_language_of_address()
    layout: Literal["wide", "centered"] = "wide" if wide or for_projector() else "centered"
    st.set_page_config(page_title=f"{_(title)} · {APP}", page_icon=_icon(), layout=layout)
    _settle()
    shared = shared_state()
    if shared.open_page != title:
        shared.open_page = title
        shared.pages_opened += 1
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=Key.MENU):
        headline_with_styles(APP)
        one_step_back()
        for path, label, icon in PAGES:
            st.page_link(path, label=_(label), icon=icon, width="content", query_params=kept_in_links() or None)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=Key.SWITCHES):
        if shared.open_lesson and title != LESSONS:
            _back_to_lesson(shared.open_lesson)
        projector_switch()
        language_menu()
    if headed:
        page_head(title, introduction, beside)


def page_head(title: str, introduction: str, beside: Callable[[], None] | None = None) -> None:
    """The page's title and one sentence, for which a projector has no room; see `page_frame`."""
    if for_projector():
        return
    with st.container(key=Key.HEAD, gap="small"):
        if beside is None:
            st.title(_(title), anchor=False)
        else:
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                st.title(_(title), anchor=False, width="content")
                beside()
        st.markdown(_(introduction))


def _back_to_lesson(number: int) -> None:
    """Whoever tries something for a lesson finds back to it."""
    st.page_link(
        "pages/lessons.py",
        label=_("Back to lesson {number}").format(number=number),
        icon=":material/arrow_back:",
        width="content",
        query_params=kept_in_links() or None,
    )


@st.cache_resource(show_spinner=False)
def _settle() -> None:
    """Runs once a server, while the first page waits: whatever costs more once many people are there.

    What a page would import later is imported now. An import reads hundreds of files, and after each one a thread
    waits until the threads of all visitors had their turn: pandas, which the first table needs, then takes half a
    minute. BLAS gets one thread: a reading is far too small to gain from a second one. And whoever computes gives way
    sooner than Python's usual 5 ms: a stroke and its answer pass from thread to thread several times.
    """
    for name in IMPORTED_LATER:
        importlib.import_module(name)
    threadpool_limits(1, user_api="blas")
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()


@st.cache_resource(show_spinner=False)
def _icon() -> Image.Image:
    """The tab's icon, drawn here: an icon by name would be fetched from the internet."""
    icon = Image.new("RGB", (64, 64), "#5b5bd6")
    draw = ImageDraw.Draw(icon)
    draw.line([(20, 17), (45, 17), (29, 49)], fill="white", width=8, joint="curve")
    return icon
