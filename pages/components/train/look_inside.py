"""What a network looks like inside while it learns: first layer, updates, mistakes, and the visitor's own drawing."""

import functools
from collections.abc import Sequence

import numpy as np
import streamlit as st

from mnist_core import InputError
from mnist_core.ink import canvas
from mnist_core.nn import Network
from mnist_core.runs import Run, network_of, network_time
from pages.components.charts import probability_chart
from pages.components.confusion_chart import confusion_chart
from pages.components.course import Course
from pages.components.course_strip import course_strip
from pages.components.drawing import current_drawing
from pages.components.language import _, gettext_noop
from pages.components.pictures import mosaic, picture
from pages.components.train.page_state import LOOK, FromFile, Key, train_page_state
from pages.components.words import confidence, counted, escaped, number_or_dash, percent, read_as

LOOKS = (
    gettext_noop("First layer"),
    gettext_noop("Updates"),
    gettext_noop("Mistakes"),
    gettext_noop("Your drawing"),
)
MAX_COURSES = 20
"""So many are kept of a visitor, the newest."""


def newest_look(run: Run) -> dict[str, np.ndarray] | None:
    """The newest look inside the run's network, read again only when there is another."""
    state, written = train_page_state(), run.view_time()
    if state.look is None or (state.look.run, state.look.time) != (run.id, written):
        state.look = FromFile(run.id, written, run.view())
    return state.look.content


def look_inside(run: Run, classes: Sequence[str]) -> None:
    """What the network looks like at the moment, and how it reads the visitor's own drawing.

    classes: the names of what it learns to tell apart.
    """
    which = st.segmented_control(
        _("Look inside"),
        LOOKS,
        default="First layer",
        format_func=_,
        key=LOOK.key,
        required=True,
        help=_("Refreshed every second or two while it trains."),
    )
    if which == "Your drawing":
        own_drawing(run, classes)
    else:
        show_look(newest_look(run), str(which), classes)


def show_look(look: dict[str, np.ndarray] | None, which: str, classes: Sequence[str]) -> None:
    """One of "First layer", "Updates", "Mistakes"; look: as `mnist_core.insight.probe.look` makes it."""
    if look is None:
        st.caption(_("Comes with the first steps."))
    elif which == "First layer":
        first_layer(look["units"])
    elif which == "Updates":
        updates(look)
    else:
        left, right = st.columns(2)
        with left:
            confusion(look["confusion"], classes)
        with right:
            worst(look, classes)


def first_layer(units: np.ndarray) -> None:
    """The weights of the first layer's units as pictures. units: float [U, H, W]."""
    if len(units) == 0:
        st.caption(_("The first layer of this network does not look at pixels in place."))
        return
    st.image(
        _picture_of(units.tobytes(), units.shape),
        alt=counted(
            len(units),
            "The weights of {count} unit of the first layer.",
            "The weights of {count} units of the first layer.",
        ),
        caption=_("What each unit looks for: ink on blue speaks for it, ink on red against it."),
    )


@functools.lru_cache(maxsize=64)
def _picture_of(weights: bytes, shape: tuple[int, int, int]) -> str:
    """The picture, kept: a class that watches one run asks for the same one many times."""
    units = np.frombuffer(weights, np.float32).reshape(shape)
    scale = 3 if units.shape[1] == 28 else 12
    return mosaic(units, columns=min(8, len(units)), signed=True, scale=scale)


def _table_head(*names: str) -> list[str]:
    """The first two lines of a table in Markdown."""
    return [f"| {' | '.join(names)} |", "|" + " --- |" * len(names)]


def updates(look: dict[str, np.ndarray]) -> None:
    """How much a step changes each layer, and how many of its units are dead."""
    if len(look["updates"]) == 0:
        st.caption(_("How much a step changes each layer is seen with the next step."))
    rows = _table_head(_("layer"), _("one step changes it by")) if len(look["updates"]) else []
    for layer, ratio in zip(look["updates_layers"].tolist(), look["updates"].tolist(), strict=True):
        change = _("{ratio} of its size").format(ratio=number_or_dash(ratio, ".2g"))
        rows.append(f"| {layer} | {change} |")
    if rows:
        st.markdown("\n".join(rows))
        st.caption(
            _("About 0.001 is healthy. Far less: it hardly learns. Much more: one step undoes what others learned.")
        )
    if len(look["dead"]):
        rows = _table_head(_("layer"), _("dead units"))
        for layer, share in zip(look["dead_layers"].tolist(), look["dead"].tolist(), strict=True):
            rows.append(f"| {layer} | {percent(share, 0)} |")
        st.markdown("\n".join(rows))
        st.caption(_("A dead unit answers the same to every image, and its weights no longer move."))


def confusion(counts: np.ndarray, classes: Sequence[str]) -> None:
    """Which classes are taken for which, with a heading. counts: see `confusion_chart`."""
    st.markdown(_("**What is taken for what**"))
    confusion_chart(counts, Key.CONFUSION, classes)


def worst(look: dict[str, np.ndarray], classes: Sequence[str]) -> None:
    """The validation images that the network is most wrong about."""
    st.markdown(_("**Where it is most wrong**"))
    if len(look["worst"]) == 0:
        st.caption(_("No mistakes on these images."))
        return
    if len(look["worst_images"]) == 0:
        st.caption(_("These images are people's drawings: a run keeps none of them."))
        return
    captions = [
        read_as(classes[digit], classes[answer])
        for digit, answer in zip(look["worst_digit"].tolist(), look["worst_answer"].tolist(), strict=True)
    ]
    with st.container(horizontal=True):
        for image, caption in zip(look["worst_images"], captions, strict=True):
            url = mosaic(image[None] / 255, columns=1, scale=3)
            st.image(url, caption=escaped(caption), alt=_("An image: {answer}.").format(answer=caption), width=96)


def own_drawing(run: Run, classes: Sequence[str]) -> None:
    """The drawing of the Draw page, read by the network as it stands."""
    drawing = current_drawing()
    image = None if drawing is None else canvas.normalize(drawing, canvas.BLACK)
    if image is None:
        st.caption(_("Draw a digit on the Draw page first; then watch here how the network learns to read it."))
        st.page_link("app.py", label=_("Draw a digit"), icon=":material/draw:")
        return
    try:
        found = _network_now(run)
    except InputError as error:
        st.error(str(error))
        return
    if found is None:
        st.caption(_("The network has not begun yet."))
        return
    network, step = found
    with np.errstate(all="ignore"):
        probabilities = np.nan_to_num(network.predict(image[None])[0][: len(classes)])
    digit = int(probabilities.argmax())
    course = _course_of(run, image)
    course.add(float(step), probabilities)
    left, right = st.columns([1, 3])
    left.image(picture(image), caption=_("28×28 pixels"), alt=_("Your drawing as the network sees it."))
    with right:
        words = _("It reads {answer}, {confidence} sure").format(
            answer=escaped(classes[digit]), confidence=confidence(float(probabilities[digit]))
        )
        st.markdown(f"### {words}")
        probability_chart(probabilities, classes)
        course_strip(course, "step", Key.COURSE, Key.COURSE_FIGURE, classes)


def _course_of(run: Run, image: np.ndarray) -> Course:
    """How this run's network has read this drawing since somebody first looked."""
    courses, key = train_page_state().courses, (run.id, image.tobytes())
    if key not in courses:
        while len(courses) >= MAX_COURSES:
            del courses[next(iter(courses))]
        courses[key] = Course()
    return courses[key]


def _network_now(run: Run) -> tuple[Network, int] | None:
    """The network as it stands, read again only if there is a newer one."""
    written = network_time(run)
    state = train_page_state()
    if state.network is None or (state.network.run, state.network.time) != (run.id, written):
        state.network = FromFile(run.id, written, network_of(run))
    return state.network.content
