"""How the answer of a network came about: a strip with a row for each digit (course_strip.js, course_strip.css).

Along the bottom is the time of drawing, or the steps of training. The darker, the likelier. It can be replayed: the
bars of the Draw page follow. It can be saved as a figure.
"""

import functools
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st
from matplotlib.figure import Figure

from pages.components.answers import OTHER, answer_name, shown_classes
from pages.components.course import Course
from pages.components.language import _, language, spoken
from pages.components.words import decimal, whole

FEWEST = 2
HERE = Path(__file__).parent
_component = st.components.v2.component(
    "digit_lab_course_strip",
    html="<div class='course'><div class='top'><span class='words'></span>"
    "<button type='button'></button></div><canvas role='img'></canvas>"
    "<div class='foot'><span class='start'></span><span class='end'></span></div></div>",
    css=(HERE / "course_strip.css").read_text(encoding="utf-8"),
    js=(HERE / "course_strip.js").read_text(encoding="utf-8"),
)


def course_strip(course: Course, unit: str, key: str, download_key: str, classes: Sequence[str]) -> None:
    """Show it, once there are two readings. unit: "s" for seconds of drawing, "step" for steps of training.

    classes: the names of the classes. Of many, those that were likeliest at any moment are shown.
    """
    course = course.copy()
    if len(course) < FEWEST:
        return
    names = [*classes, OTHER][: len(course.shares[0])]
    words = course_words(course, unit, names)
    shown = shown_classes(np.max(course.shares, axis=0))
    names, course.shares = [names[index] for index in shown], [shares[shown] for shares in course.shares]
    data = {
        "at": [round(at, 3) for at in course.at],
        "shares": [[round(float(share), 3) for share in shares] for shares in course.shares],
        "names": names,
        "words": words,
        "replay": _("▶ Replay"),
        "from": 0.0 if unit == "s" else course.at[0],
        "start": moment(0.0 if unit == "s" else course.at[0], unit),
        "end": moment(course.at[-1], unit),
    }
    _component(key=key, data=data, height="content")
    st.download_button(
        _("Save as a figure"),
        data=functools.partial(_figure, language(), course, unit, names, words),
        file_name="reading.png",
        mime="image/png",
        key=download_key,
        icon=":material/image:",
        on_click="ignore",
        type="tertiary",
    )


def moment(at: float, unit: str) -> str:
    """A place along the bottom in words."""
    return f"{decimal(at)} s" if unit == "s" else _("step {step}").format(step=whole(at))


def course_words(course: Course, unit: str, names: Sequence[str]) -> str:
    """In a sentence: what it is read as at the end, and since when."""
    answer, since = course.settled()
    first = names[int(course.shares[0].argmax())]
    if since == course.at[0]:
        return _from_the_beginning(names[answer], unit)
    values = {"first": first, "answer": names[answer], "moment": moment(since, unit)}
    if first == OTHER:
        return _("At first no digit; read as {answer} since {moment}.").format(**values)
    if names[answer] == OTHER:
        return _("At first {first}; read as no digit since {moment}.").format(**values)
    return _("At first {first}; read as {answer} since {moment}.").format(**values)


def _from_the_beginning(answer: str, unit: str) -> str:
    if unit == "s":
        if answer == OTHER:
            return _("Read as no digit from the beginning.")
        return _("Read as {answer} from the beginning.").format(answer=answer)
    if answer == OTHER:
        return _("Read as no digit since you first looked.")
    return _("Read as {answer} since you first looked.").format(answer=answer)


def _figure(spoken_here: str, course: Course, unit: str, names: Sequence[str], title: str) -> bytes:
    """The file is made when somebody takes it, and no page is drawn then."""
    with spoken(spoken_here):
        return course_figure(course, unit, names, title)


def course_figure(course: Course, unit: str, names: Sequence[str], title: str) -> bytes:
    """The strip as the bytes of a PNG file."""
    figure = Figure(figsize=(8, 3), layout="constrained")
    axis = figure.subplots()
    edges = [*course.at, course.at[-1] + (course.at[-1] - course.at[0]) / max(1, len(course) - 1)]
    axis.pcolormesh(edges, np.arange(len(names) + 1), np.array(course.shares).T, cmap="Purples", vmin=0, vmax=1)
    axis.set_yticks(np.arange(len(names)) + 0.5, [answer_name(name) for name in names])
    axis.invert_yaxis()
    axis.set_xlabel(_("seconds of drawing") if unit == "s" else _("step of training"))
    axis.set_title(title)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150)
    figure.clear()
    return buffer.getvalue()
