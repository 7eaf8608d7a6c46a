"""How many drawings help how much: the network is taught 1, 2, 5, 10 and 20 of each digit, each a run of its own."""

import time
from typing import Any

import pyarrow as pa
import streamlit as st

from mnist_core import InputError, Recognizer
from mnist_core.drawings import Collection, DrawingStore, held_out
from mnist_core.runs import RunStore
from mnist_core.teaching import COUNTS, of_each
from pages.components.charts import LINE, draw_chart, with_words
from pages.components.language import _, gettext_noop
from pages.components.teach.lessons import Taught, lessons, start_lesson
from pages.components.teach.measures import groups_of, share_right
from pages.components.teach.page_state import Key, teach_page_state
from pages.components.words import counted, joined, percent, whole

LOOK_SECONDS = 2.0
PURPOSE = "curve"
SPEC: dict[str, Any] = {
    "height": 260,
    "mark": {"type": "line", "point": {"size": 80}, "strokeWidth": LINE},
    "encoding": {
        "x": {
            "field": "drawings",
            "type": "ordinal",
            "sort": None,
            "axis": {"title": gettext_noop("drawings of each digit that it has learned"), "labelAngle": 0},
        },
        "y": {
            "field": "right",
            "type": "quantitative",
            "title": gettext_noop("read rightly"),
            "axis": {"format": "%"},
            "scale": {"zero": False},
        },
        "color": {"field": "of", "type": "nominal", "sort": None, "legend": {"orient": "top", "title": None}},
        "strokeDash": {"field": "of", "type": "nominal", "sort": None, "legend": None},
        "tooltip": [
            {"field": "of", "title": gettext_noop("of")},
            {"field": "drawings", "title": gettext_noop("drawings")},
            {"field": "right", "title": gettext_noop("right"), "format": ".1%"},
        ],
    },
}


def help_curve(runs: RunStore, secret: str, recognizer: Recognizer, drawings: Collection) -> None:
    """The button, and the curve as far as it is."""
    st.header(_("How many drawings help how much?"), anchor=False)
    aside = held_out(drawings.labels)
    learned = drawings.where(~aside)
    steps = steps_for(learned)
    if not aside.any() or not steps:
        words = _("From three drawings of a digit on, one is held out, and the curve can be measured with it.")
        st.caption(words)
        return
    found = _newest(runs, secret)
    going = any(one.is_going for one in found)
    st.button(
        _("Teach it {counts} of each digit").format(counts=joined([whole(step) for step in steps])),
        key=Key.CURVE,
        icon=":material/show_chart:",
        disabled=going,
        on_click=_start,
        args=(runs, secret, recognizer),
        help=_(
            "As many trainings as there are numbers, one after another; they are among your runs on the Train page."
        ),
    )
    if found:
        st.fragment(_live, run_every=LOOK_SECONDS if going else None)(runs, secret, drawings, going)


def steps_for(learned: Collection) -> list[int]:
    """The numbers for which there are drawings: up to the first that takes all of the digit that has most."""
    most = max(learned.counts().values(), default=0)
    fitting = [count for count in COUNTS if count < most]
    return [*fitting, *[count for count in COUNTS if count >= most][:1]] if most else []


def _start(runs: RunStore, secret: str, recognizer: Recognizer) -> None:
    batch = f"{PURPOSE} {time.time_ns()}"
    try:
        # As they are now: since this page was drawn, some may have been deleted.
        drawings = DrawingStore(runs.root).of(secret)
        learned = drawings.where(~held_out(drawings.labels))
        for count in steps_for(learned):
            start_lesson(
                runs,
                secret,
                recognizer,
                learned.where(of_each(learned.labels, count)),
                with_mnist=True,
                name=f"{count} of each digit",
                purpose=f"{batch} {count}",
            )
    except InputError as error:
        teach_page_state().problem = str(error)


def _newest(runs: RunStore, secret: str) -> list[Taught]:
    """The runs of the curve that was asked for last, the fewest drawings first."""
    found = lessons(runs, secret, PURPOSE)
    return sorted((one for one in found if one.info.purpose.split()[1] == found[0].info.purpose.split()[1]), key=_count)


def _count(one: Taught) -> int:
    return int(one.info.purpose.split()[2])


def _live(runs: RunStore, secret: str, drawings: Collection, going: bool) -> None:
    found = _newest(runs, secret)
    if not found or any(one.is_going for one in found) != going:
        st.rerun()
    rows = []
    try:
        mine, *__, known_before = groups_of(drawings, frozenset().union(*(one.learned() for one in found)))
        known = [("0", found[0].before())]
        for one in found:
            one.run.watch()
            after = one.after() if one.has_ended else None
            if after is not None:
                known.append((str(_count(one)), after))
    except InputError as error:
        st.error(str(error), icon=":material/error:")
        return
    for label, network in known:
        for words, group in ((_("my drawings"), mine), (known_before.title, known_before)):
            right, count = share_right(network, group)
            rows.append({"drawings": label, "of": words, "right": right / max(count, 1)})
    told = ", ".join(f"{row['drawings']}: {percent(float(str(row['right'])))}" for row in rows[::2])
    draw_chart(
        pa.Table.from_pylist(rows),
        with_words(SPEC),
        key=Key.CURVE_CHART,
        alt=_(
            "Line chart of the share of my held-out drawings that is read rightly, by how many were learned: {shares}."
        ).format(shares=told),
    )
    done = len(known) - 1
    if going:
        trainings = counted(len(found), "{count} training", "{count} trainings")
        st.caption(_("{done} of {trainings} are done.").format(done=done, trainings=trainings))
