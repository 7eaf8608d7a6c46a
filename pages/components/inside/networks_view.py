"""One picture read by all networks, and how their mistakes on the test images differ."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from mnist_core import Reading, Recognizer
from pages.components.answers import OTHER, answer_name, shown_classes
from pages.components.inside import derived
from pages.components.inside.answers import class_name
from pages.components.inside.class_table import whole_percent
from pages.components.inside.how import how_computed
from pages.components.inside.images import Images
from pages.components.inside.page_state import NETWORK_PAIR, Key
from pages.components.inside.picture_grid import number_grid, picture_grid, text_grid
from pages.components.inside.subject import Subject, open_picture
from pages.components.language import _, gettext_noop, ngettext
from pages.components.network_choice import network_labels, network_named
from pages.components.screen import on_phone
from pages.components.shared_state import NETWORK
from pages.components.words import a_class, confidence, counted, escaped, whole

SHOWN = 24
LEAST = 0.01
"""The least share that is written."""
HOW = (
    gettext_noop(
        "Each network reads the picture as on the Draw page: with several looks and a temperature, where its card says "
        'so. The shares of a row add up to 1; "none" is the share of all that is none of these, in networks that were '
        "taught it."
    ),
    gettext_noop(
        r"With $W_i$ the test images that network $i$ reads wrongly (one look each), a cell of the matrix holds "
        r"$|W_i \setminus W_j|$: wrong in row $i$ and right in column $j$; the diagonal holds $|W_i|$. In the vote, "
        r"each network has one voice, and the first of several answers with as many voices wins."
    ),
)


def networks_view(chosen: Recognizer, images: Images, subject: Subject) -> None:
    """The whole view, of all networks that read the same. chosen: that of the page, whose mistakes come first."""
    keys = [key for key in network_labels() if network_named(key).classes == chosen.classes]
    recognizers = [network_named(key) for key in keys]
    identities = [recognizer.identity for recognizer in recognizers]
    names = [f"{number} · {_(recognizer.card.title)}" for number, recognizer in enumerate(recognizers, 1)]
    readings = [derived.reading(recognizer, subject.image) for recognizer in recognizers]
    st.markdown(_agreement(chosen, names, readings, subject.label))
    _shares(keys, names, readings, identities.index(chosen.identity), any(each.knows_others for each in recognizers))
    if len(recognizers) == 1:
        st.caption(_("No other network here reads the same classes, so there is none to compare it with."))
    if images.labels is None or len(recognizers) == 1:
        return
    st.header(_("How their mistakes differ"), anchor=False)
    with st.spinner(_("All networks read the test images. The first time, this takes some seconds …")):
        answers = derived.answers_of_all(recognizers, images)
    _differences(identities, names, answers, chosen, images)
    how_computed("\n\n".join(_(part) for part in HOW))


def _answer(reading: Reading) -> int:
    return len(reading.classes) if reading.status == "other" else int(reading.digit or 0)


def _sure(reading: Reading) -> float:
    return reading.other if reading.status == "other" else reading.confidence


def _agreement(recognizer: Recognizer, names: list[str], readings: Sequence[Reading], label: str | None) -> str:
    """Who agrees, and who reads what else."""
    answers = [_answer(reading) for reading in readings]
    frequent = int(np.bincount(answers).argmax())
    sure = [_sure(reading) for reading, answer in zip(readings, answers, strict=True) if answer == frequent]
    if len(names) == 1:
        text = _("**This network reads {answer}**")
    elif len(sure) == len(names):
        text = _("**All {all} networks read {answer}**")
    else:
        text = ngettext(
            "**{count} of {all} networks reads {answer}**", "**{count} of {all} networks read {answer}**", len(sure)
        )
    text = text.format(count=len(sure), all=len(names), answer=escaped(class_name(recognizer, frequent)))
    least, most = confidence(min(sure)), confidence(max(sure))
    how_sure = _("{networks_read}, {least} sure.") if least == most else _("{networks_read}, {least} to {most} sure.")
    text = how_sure.format(networks_read=text, least=least, most=most)
    others = [
        _("*{network}* reads **{answer}** ({sure})").format(
            network=name, answer=escaped(class_name(recognizer, answer)), sure=confidence(_sure(reading))
        )
        for name, reading, answer in zip(names, readings, answers, strict=True)
        if answer != frequent
    ]
    if others:
        text += f" {'; '.join(others)}."
    if label is not None:
        text += " " + _("The picture is labeled {label}.").format(label=escaped(label))
    return text


def _shares(keys: list[str], names: list[str], readings: Sequence[Reading], chosen: int, others: bool = True) -> None:
    """A row for each network, of which `chosen` is that of the page; a click chooses another one.

    others: whether any was taught what is none of the classes.
    """
    shares = np.array([[*(reading.probabilities * (1 - reading.other)), reading.other] for reading in readings])
    known = len(readings[0].classes)
    shown = [*shown_classes(shares[:, :known].max(axis=0)), *([known] if others else [])]
    classes = [[*readings[0].classes, answer_name(OTHER)][index] for index in shown]
    shares, answer = shares[:, shown], _answer(readings[chosen])
    text_grid(
        [whole_percent(share).replace("%", "") if share >= LEAST else "" for share in shares.flat],
        shares,
        [
            f"{name}: {which}, {confidence(float(share))}"
            for name, row in zip(names, shares, strict=True)
            for which, share in zip(classes, row, strict=True)
        ],
        rows=[str(number) for number in range(1, len(names) + 1)] if on_phone() else names,
        columns=classes,
        alt=_("What each network reads, and how sure it is."),
        key=Key.ALL_SHARES,
        choose=lambda place: NETWORK.put(keys[place // len(classes)]),
        chosen=chosen * len(classes) + shown.index(answer) if answer in shown else None,
    )
    what = _("A row for each network: its shares of 1 for each answer, in percent. Click one to choose that network.")
    st.caption(f"{what} {'; '.join(names)}." if on_phone() else what)


def _differences(
    identities: list[str], names: list[str], answers: np.ndarray, recognizer: Recognizer, images: Images
) -> None:
    """answers: integers [networks, images]."""
    labels, chosen = images.labels, recognizer.identity
    assert labels is not None
    wrong = answers != labels
    mistakes = wrong.sum(axis=1)
    votes = np.stack([(answers == index).sum(axis=0) for index in range(len(recognizer.classes))])
    voted, best = int((votes.argmax(axis=0) != labels).sum()), int(mistakes.argmin())
    st.markdown(
        _(
            "**{images}** of {all} are read wrongly by at least one network, **{by_all}** by all. A vote of all makes "
            "{mistakes}; the best, *{network}*, alone makes {of_best}. Click a cell: which images does the network of "
            "the row read wrongly, and that of the column rightly?"
        ).format(
            images=counted(int(wrong.any(axis=0).sum()), "{count} image", "{count} images"),
            all=whole(len(labels)),
            by_all=whole(int(wrong.all(axis=0).sum())),
            mistakes=counted(voted, "{count} mistake", "{count} mistakes"),
            network=names[best],
            of_best=whole(int(mistakes[best])),
        )
    )
    only = (wrong[:, None] & ~wrong[None]).sum(axis=2)
    counts = only + np.diag(mistakes)
    count = len(names)
    pair = NETWORK_PAIR.value_or((chosen, ""))
    row = identities.index(pair[0]) if pair[0] in identities else 0
    column = identities.index(pair[1]) if pair[1] in identities else best if best != row else (row + 1) % count
    cells = [
        _wrong_in(names[i], names[j] if i != j else None, int(counts[i, j])) for i in range(count) for j in range(count)
    ]
    numbers = [str(number + 1) for number in range(count)]

    def choose(place: int) -> None:
        NETWORK_PAIR.put((identities[place // count], identities[place % count]))

    number_grid(
        counts,
        counts / np.maximum(counts.max(), 1),
        cells,
        rows=numbers,
        columns=numbers,
        alt=_("Matrix of the networks: images that the row reads wrongly and the column rightly."),
        key=Key.NETWORK_MATRIX,
        choose=choose,
        chosen=row * count + column,
    )
    st.caption(_("The numbers are those of the networks above. On the diagonal: all mistakes of a network."))
    read = [recognizer.classes[answer] for answer in answers[row].tolist()]
    _images(cells[row * count + column], row, column, wrong, read, images)


def _wrong_in(network: str, right_in: str | None, count: int) -> str:
    """What a cell of the matrix holds. right_in: the network of its column, if that is another one."""
    images = counted(count, "{count} image", "{count} images")
    if right_in is None:
        return _("Wrong in {network}: {images}").format(network=network, images=images)
    return _("Wrong in {network}, right in {other}: {images}").format(network=network, other=right_in, images=images)


def _images(title: str, row: int, column: int, wrong: np.ndarray, read: Sequence[str], images: Images) -> None:
    """read: what the network of the row reads in each image."""
    found = np.flatnonzero(wrong[row] if row == column else wrong[row] & ~wrong[column])
    shown = found[:SHOWN]
    text = _("**{title}**, of which {count} are shown") if len(found) > SHOWN else "**{title}**"
    st.markdown(text.format(title=title, count=SHOWN))
    if not len(shown):
        return
    picture_grid(
        images.test_images[shown] / 255,
        [
            _("Test image {number}, {what}, read as {answer}. Open it.").format(
                number=whole(number), what=a_class(images.name_of(number)), answer=read[number]
            )
            for number in shown
        ],
        alt=_("Images that differ."),
        key=Key.DIFFERING,
        choose=lambda place: open_picture("test", int(shown[place])),
        captions=[f"{images.name_of(number)}→{read[number]}" for number in shown],
    )
    st.caption(
        _("Under each, its label and the answer of the network of the row. Click one to have all networks read it.")
    )
