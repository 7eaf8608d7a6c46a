"""How the pages fit a screen: a phone in the hand, a projector that is read from the back of a room, light and dark.

These are the only styles that the pages add to Streamlit's own. Charts have their sizes from `charts.py`.
"""

import streamlit as st

from pages.components.language import _
from pages.components.shared_state import PROJECTOR, shared_state

DRAW = """
:is(.st-key-canvas, .st-key-number_canvas) { zoom: var(--canvas-zoom, 1); outline-offset: 2px; }
:is(.st-key-canvas, .st-key-number_canvas):focus-visible { outline: 2px solid #8b8bf0; }
.st-key-prediction [data-testid="stMarkdown"] { min-height: 3.2rem; }
.st-key-say [role="radiogroup"], .st-key-chosen_drawing [role="radiogroup"] { flex-wrap: nowrap; gap: 0; }
:is(.st-key-say, .st-key-chosen_drawing) [data-testid="stButtonGroup"] button {
  flex: 1; min-width: 0; padding: 0.15rem 0; margin: 0;
}
.st-key-say [data-testid="stWidgetLabel"] { color: inherit; }
.st-key-prediction .st-key-long_answer [data-testid^="stMetricValue"] {
  font-size: 2.4rem; line-height: 1.15; min-height: 5.5rem;
}
.st-key-long_answer [data-testid^="stMetricValue"] * { white-space: normal; overflow-wrap: anywhere; }
.st-key-number [data-testid="stMetricValue"], .st-key-number [data-testid="stMetricValue"] * {
  white-space: normal; overflow-wrap: anywhere; line-height: 1.1;
}
"""
"""The canvas's own script says how large it is (`canvas_script.js`). The answer's box stays as high as it is. The label
of keys that cannot be pressed yet is as dark as others: it is read, too."""
PHONE = """
@media (hover: none), (max-width: 640px) { .st-key-keys { display: none; } }
@media (max-height: 500px) { .st-key-head { display: none; } }
@media (max-width: 640px) {
  .st-key-menu { flex-wrap: nowrap; gap: 0; justify-content: space-between; overflow-x: auto; scrollbar-width: none; }
  .st-key-menu > :first-child, .st-key-projector { display: none; }
  .st-key-menu [data-testid="stPageLink"] { margin: 0; }
  .st-key-menu a { gap: 0; padding: 0.35rem 0.4rem; }
  .st-key-menu a > span:first-child { display: none; }
  .st-key-menu a p { font-size: 0.875rem; }
  [data-testid="stTable"] table, [data-testid="stTable"] thead, [data-testid="stTable"] tbody { display: flex; }
  [data-testid="stTable"] tbody { flex: 2; }
  [data-testid="stTable"] thead, [data-testid="stTable"] tr { flex: 1; }
  [data-testid="stTable"] tr { display: flex; flex-direction: column; }
  [data-testid="stTable"] :is(th, td) { min-height: 2.4rem; padding: 0.25rem !important; }
  [data-testid="stTable"] :is(th, td, tr) { min-width: 0; }
  [data-testid="stTable"] :is(th, td) * { text-align: right; }
  [data-testid="stMain"]:has(.st-key-canvas, .st-key-number_canvas) .st-key-head [data-testid="stMarkdown"] {
    display: none;
  }
  .st-key-subject > :nth-child(2) { flex: 1 0 100%; }
  .st-key-prediction { flex-direction: row; align-items: center; }
  .st-key-prediction > :first-child { flex: 0 0 8.75rem; width: auto !important; }
  .st-key-prediction > :last-child { flex: 1; min-width: 0; width: auto !important; }
  [data-testid="stButtonGroup"] button { margin: 0 0.25rem 0.25rem 0; border-radius: 0.5rem; }
  [data-testid="stButtonGroup"] button:not([aria-checked="true"], [aria-pressed="true"]) {
    border-color: color-mix(in srgb, currentColor 20%, transparent) !important;
  }
}
@media (max-width: 430px) {
  .st-key-menu [data-testid="stPageLink"] a { padding: 0.35rem 0.1rem; letter-spacing: -0.025em; }
}
@media (max-width: 360px) { .st-key-menu a p { font-size: 0.8rem; } }
"""
"""One row of links; the table of an answer stands on end; each button of a choice has a frame of its own; canvas and
answer are seen together."""
READABLE = """
[data-testid="stMainBlockContainer"] { position: relative; }
.st-key-switches {
  position: absolute; top: 0.25rem; align-self: flex-end; width: auto; min-width: 0; flex-wrap: nowrap;
}
.st-key-menu { container-type: inline-size; }
@container (max-width: 800px) {
  .st-key-menu a > span:first-child { display: none; }
  .st-key-menu a { padding-inline: 0.4rem; }
}
.st-key-back { position: absolute; }
[data-testid="stBaseButton-primary"]:not(:disabled), [data-testid="stMultiSelect"] [data-tag] {
  background-color: #5b5bd6; border-color: #5b5bd6;
}
[data-testid="stBaseButton-primary"]:not(:disabled):is(:hover, :active) { background-color: #4a4abf; }
"""
"""The switches scroll away with the head: they would lie under what is scrolled to their place. A page with a narrow
middle has no room for the links' icons. What shows nothing takes no room. White letters need a darker ground
than the theme's main color in dark, in which letters are written, too."""
LESSON = """
.st-key-lesson_step [data-testid="stPageLink"] a {
  border: 1px solid color-mix(in srgb, currentColor 45%, transparent); border-radius: 0.5rem; padding: 0.4rem 0.75rem;
}
.st-key-lesson_step [data-testid="stRadioOption"] { padding-block: 0.35rem; }
.st-key-lesson_step [data-testid="stRadioOption"]:not([data-selected="true"]) > div > div:first-child {
  border-color: color-mix(in srgb, currentColor 55%, transparent);
}
"""
"""What a step asks for is as easy to see and to hit as Next: links to other pages, and the circles of a prediction."""
LARGE = """
html { font-size: clamp(16px, 1.36vw, 52px); }
[data-testid="stMain"] code { font-size: 0.875rem !important; }
[data-testid="stTooltipIcon"] svg { width: 1rem; height: 1rem; }
[data-testid="stImage"] img { zoom: 1.5; }
.st-key-prediction [data-testid="stMetricValue"] { font-size: 10rem; line-height: 1; }
.st-key-prediction .st-key-long_answer [data-testid^="stMetricValue"] { font-size: 4rem; }
"""
"""On 1920 pixels the smallest letters, 7/8 of the usual ones, have 22.8. Icons of help would keep the size
that they had before the switch was pressed."""
WIDER = 1.63
"""How much larger letters are on a projector of 1920 pixels."""


def take_screen_of_address() -> None:
    """Note whether the address asks for a projector; to an address that says nothing, add what was last asked."""
    shared, asked = shared_state(), st.query_params.get("projector")
    if asked is not None:
        shared.projector = asked == "1"
    elif shared.projector:
        st.query_params["projector"] = "1"


def for_projector() -> bool:
    """Whether this visitor's pages are shown by a projector."""
    return shared_state().projector


def as_wide(pixels: int) -> int:
    """The width of what holds words: so many pixels, and on a projector more, as its letters are larger."""
    return round(WIDER * pixels) if for_projector() else pixels


def projector_switch() -> None:
    """The switch above the menu."""
    PROJECTOR.put(for_projector())
    st.toggle(
        _("Projector"),
        key=PROJECTOR.key,
        on_change=_switched,
        width="content",
        help=_(
            "Large type, thick lines and the whole width, to be read from the back of a room. It stands in the "
            "address: a bookmark keeps it."
        ),
    )


def _switched() -> None:
    shared = shared_state()
    shared.projector = PROJECTOR.value
    if shared.projector:
        st.query_params["projector"] = "1"
    else:
        st.query_params.pop("projector", None)


def headline_with_styles(words: str) -> None:
    """Some words in bold, and with them the styles: for phones always, since the browser knows how wide it is; for a
    projector if it is asked for.

    Styles alone would be kept by Streamlit where messages appear for a moment ("Training has started."), and the first
    message would take their place.
    """
    styles = READABLE + DRAW + LESSON + PHONE + (LARGE if for_projector() else "")
    st.html(f"<b>{words}</b><style>{styles}</style>", width="content")


def on_phone() -> bool:
    """Whether the browser says that it is a phone's. For charts, whose width a style cannot change."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")
