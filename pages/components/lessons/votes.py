"""Predictions: the visitor's own, and those of the class as bars, without names."""

import streamlit as st

from pages.components.language import _
from pages.components.lessons.lesson import Step
from pages.components.lessons.page_state import prediction
from pages.components.lessons.place import Place, predict, question
from pages.components.words import counted, escaped, unbroken_percent


def ask(place: Place) -> None:
    """The choices of a step to predict."""
    step, known = place.step, place.choice(place.step.name)
    widget = prediction(place.lesson.id, step.name)
    if not widget.has_value():
        widget.put(None if known is None else step.choices[known])
    st.radio(
        _("Your prediction"),
        step.choices,
        format_func=shown,
        key=widget.key,
        on_change=_predicted,
        args=(place,),
        help=_("Decide before you try it. Nobody sees who has predicted what, and nothing is graded."),
    )
    if known is not None:
        st.caption(_("Noted. You can change it until you go on."))


def _predicted(place: Place) -> None:
    chosen = prediction(place.lesson.id, place.step.name).value
    if chosen in place.step.choices:
        predict(place, place.step.name, place.step.choices.index(chosen))


def look_back(place: Place) -> None:
    """What was predicted, and what happens."""
    asked = place.lesson.prediction(place.step.about)
    known = place.choice(asked.name)
    if known is not None:
        st.markdown(_("**You predicted:** {choice}").format(choice=shown(asked.choices[known])))
    if asked.right is not None:
        st.markdown(_("**What happens:** {choice}").format(choice=shown(asked.choices[asked.right])))
    if place.seat.id:
        class_bars(place, asked, answered=True)


def may_see(place: Place) -> bool:
    """Whether the visitor may see what the class has predicted: not before having predicted, so that nobody copies."""
    if question(place.lesson, place.step.name) in place.pace.revealed:
        return True
    return not place.followed and place.choice(place.step.name) is not None


def class_bars(place: Place, asked: Step, *, answered: bool) -> None:
    """What the class has predicted, a bar for each choice. answered: mark the one that happens."""
    counts = place.store.classes.lesson.counts(place.seat.id, question(place.lesson, asked.name), len(asked.choices))
    total = sum(counts)
    if not total:
        st.caption(_("Nobody in the class has predicted anything yet."))
        return
    predictions = counted(total, "{count} prediction", "{count} predictions")
    st.caption(_("What the class has predicted: {predictions}.").format(predictions=predictions))
    for number, (choice, count) in enumerate(zip(asked.choices, counts, strict=True)):
        mark = ":material/check: " if answered and number == asked.right else ""
        words = _("{choice}: **{count}** of {total}").format(choice=shown(choice), count=count, total=total)
        st.progress(count / total, text=f"{mark}{words}")


def how_many(place: Place) -> str:
    """How many have predicted, for the teacher who waits for them."""
    step = place.step
    counts = place.store.classes.lesson.counts(place.seat.id, question(place.lesson, step.name), len(step.choices))
    predictions = counted(sum(counts), "{count} prediction", "{count} predictions")
    return _("{predictions} so far.").format(predictions=predictions)


def shown(choice: str) -> str:
    """A choice, which is no Markdown."""
    return escaped(unbroken_percent(_(choice)))
