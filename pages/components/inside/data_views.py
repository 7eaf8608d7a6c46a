"""The views of the Data page: a dataset in numbers, as a gallery, and the labels that people doubt."""

from typing import Any

import numpy as np
import pyarrow as pa
import streamlit as st

from mnist_core.data import DOUBTFUL, TEN_DIGITS, Dataset, Doubt
from pages.components.answers import OTHER, SIDE_BY_SIDE, answer_name
from pages.components.charts import draw_chart
from pages.components.class_choice import choose_class
from pages.components.datasets import dataset_version
from pages.components.inside.how import how_computed
from pages.components.inside.page_state import GALLERY_IMAGE, SPLIT, Key, chart_of, gallery_digit, gallery_page
from pages.components.inside.picture_grid import picture_grid
from pages.components.inside.subject import address_of, images_and_labels, title_of
from pages.components.language import _, gettext_noop
from pages.components.pictures import mosaic, picture
from pages.components.screen import as_wide
from pages.components.spinner_text import SpinnerText
from pages.components.words import a_class, counted, escaped, percent, whole

A_PAGE, AT_ONCE = 120, 3000
SPLITS = {"train": gettext_noop("Training images"), "test": gettext_noop("Test images")}


def numbers_view(name: str, dataset: Dataset) -> None:
    """Counts of each class, the mean of each, the histogram of gray values. name: by which the dataset is chosen."""
    split, classes = _split(), dataset.classes
    labels = images_and_labels(dataset, split)[1]
    counts, means, shares = _numbers(dataset_version(name), split, dataset)
    digits = classes == TEN_DIGITS
    every_image = counted(len(labels), "**{count} image.**", "**{count} images.**")
    st.markdown(f"{every_image} {_how_even(counts, classes)}")
    # Many bars need the whole width.
    left, right = st.columns(2, gap="large") if len(classes) <= SIDE_BY_SIDE else (st.container(), st.container())
    with left:
        st.markdown(_("**How many of each digit**") if digits else _("**How many of each class**"))
        table = pa.table({"digit": list(classes), "images": counts})
        draw_chart(
            table, _counts(classes), key=Key.COUNTS, alt=_("Bar chart: {counts}").format(counts=_list(counts, classes))
        )
    with right:
        st.markdown(_("**How dark the pixels are**"))
        background, full = (percent(float(shares[step]), 0) for step in (0, -1))
        names = [f"{16 * step}–{16 * step + 15}" for step in range(16)]
        draw_chart(
            pa.table({"gray": names, "share": shares}),
            _pixels(),
            key=Key.PIXELS,
            alt=_("Histogram of gray values: {background} of all pixels are background, {full} full ink.").format(
                background=background, full=full
            ),
        )
    if digits:
        text = _(
            "**The mean of each digit**: what all its images have in common is bright; where they differ, it blurs."
        )
        alt = _("The mean of each digit: {classes}.")
    else:
        text = _(
            "**The mean of each class**: what all its images have in common is bright; where they differ, it blurs."
        )
        alt = _("The mean of each class: {classes}.")
    st.markdown(text)
    st.image(mosaic(means, 10, scale=2), alt=alt.format(classes=", ".join(classes)))
    if not digits:
        st.caption(_("From left to right: {classes}.").format(classes=escaped(", ".join(classes))))
    how_computed(
        _(
            r"The mean is $\bar x = \frac{1}{N} \sum_n x_n$ over all images with that label, pixel by pixel; "
            "the histogram counts all 784 pixels of every image in 16 steps of gray."
        )
    )


def _how_even(counts: np.ndarray, classes: tuple[str, ...]) -> str:
    """Whether the classes are about as frequent as each other."""
    if 2 * counts.min() <= counts.mean():
        text = _("The rarest, {rarest}, comes {least} times, the most frequent, {frequent}, {most} times.")
    elif classes == TEN_DIGITS:
        text = _(
            "No digit is rare: the rarest, {rarest}, comes {least} times, the most frequent, {frequent}, {most} times."
        )
    else:
        text = _(
            "No class is rare: the rarest, {rarest}, comes {least} times, the most frequent, {frequent}, {most} times."
        )
    rarest, frequent = (escaped(classes[int(index)]) for index in (counts.argmin(), counts.argmax()))
    least, most = whole(int(counts.min())), whole(int(counts.max()))
    return text.format(rarest=rarest, least=least, frequent=frequent, most=most)


def _counts(classes: tuple[str, ...]) -> dict[str, Any]:
    """How the counts are drawn: long names stand aslant."""
    if classes == TEN_DIGITS:
        axis: dict[str, Any] = {"title": _("digit"), "labelAngle": 0}
    else:
        angle = 0 if max(map(len, classes)) == 1 else -45
        axis = {"title": _("class"), "labelAngle": angle, "labelOverlap": False}
    images = _("images")
    return {
        "height": 220,
        "mark": {"type": "bar", "cornerRadiusEnd": 3},
        "encoding": {
            "x": {"field": "digit", "type": "ordinal", "sort": None, "axis": axis},
            "y": {"field": "images", "type": "quantitative", "axis": {"title": images}},
            "tooltip": [
                {"field": "digit", "title": axis["title"]},
                {"field": "images", "title": images, "format": ","},
            ],
        },
    }


def _pixels() -> dict[str, Any]:
    """How the histogram of gray values is drawn."""
    axis = {"title": _("gray value, 0 background to 255 ink"), "labelAngle": 0}
    return {
        "height": 220,
        "mark": {"type": "bar"},
        "encoding": {
            "x": {"field": "gray", "type": "ordinal", "sort": None, "axis": axis},
            "y": {"field": "share", "type": "quantitative", "axis": {"title": _("share of all pixels"), "format": "%"}},
            "tooltip": [
                {"field": "gray", "title": _("gray")},
                {"field": "share", "title": _("share"), "format": ".2%"},
            ],
        },
    }


def gallery_view(name: str, dataset: Dataset) -> None:
    """All images, by class, page by page. name: by which the dataset is chosen."""
    split, classes = _split(), dataset.classes
    images, labels = images_and_labels(dataset, split)
    names = [*classes, answer_name(OTHER)]
    shows = [names[min(label, len(classes))] for label in range(max(len(classes), int(labels.max()) + 1))]
    if classes == TEN_DIGITS:
        text = _("**Everybody writes differently**: leaf through the images, all or those of one digit, and click one.")
    elif all(len(each) == 1 for each in classes):
        text = _("**Everybody writes differently**: leaf through the images, all or those of one class, and click one.")
    else:
        text = _("**No two are the same**: leaf through the images, all or those of one class, and click one.")
    st.markdown(text)
    digit = choose_class(
        _("Digit") if classes == TEN_DIGITS else _("Class"),
        classes,
        key=gallery_digit(name).key,
        words=_("Only images with this label."),
        all_of_them=True,
    )
    digit = "all" if digit is None else digit
    indices = np.arange(len(labels)) if isinstance(digit, str) else np.flatnonzero(labels == digit)
    if len(indices) == 0:
        text = _("There is no {name} among them.").format(name=escaped(classes[int(digit)]))
        st.info(text, icon=":material/info:")
        return
    pages = -(-len(indices) // A_PAGE)
    with st.container(key=Key.GALLERY_HEAD, horizontal=True, gap="large", vertical_alignment="center"):
        page = int(
            st.number_input(
                _("Page"),
                1,
                pages,
                1,
                key=gallery_page(split, digit, name).key,
                width=as_wide(140),
                help=_("There are {count} pages.").format(count=whole(pages)),
            )
        )
        shown = indices[(page - 1) * A_PAGE : page * A_PAGE].tolist()
        chosen = GALLERY_IMAGE.value_or(-1)
        if chosen not in shown:
            chosen = shown[0]
        _chosen_image(name, split, chosen, images[chosen] / 255, shows[labels[chosen]])
    first, last = whole(shown[0]), whole(shown[-1])
    picture_grid(
        images[shown] / 255,
        [
            _("Number {number}, {what}").format(number=whole(number), what=a_class(shows[labels[number]]))
            for number in shown
        ],
        alt=_("Images {first} to {last}, with their labels.").format(first=first, last=last),
        key=chart_of(GALLERY_IMAGE),
        choose=lambda place: GALLERY_IMAGE.put(shown[place]),
        captions=[shows[labels[number]] for number in shown],
        chosen=shown.index(chosen),
        lead_to=Key.GALLERY_HEAD,
    )
    text = _("{shown} of {all} images, from number {first} to {last}, each with its label.")
    st.caption(text.format(shown=len(shown), all=whole(len(indices)), first=first, last=last))
    how_computed(
        _(
            r"Nothing is computed: these are the bytes of the file, $x \in \{0, …, 255\}^{784}$, 0 for background. "
            r"Networks get $x / 255$."
        )
    )


def _chosen_image(dataset: str, split: str, number: int, image: np.ndarray, label: str) -> None:
    """The image that was clicked, large, and the way to the Inside page."""
    title = title_of(split, number, label)
    st.image(picture(image), alt=f"{title}.", width=96)
    with st.container(gap="small", width=as_wide(260)):
        st.markdown(f"**{escaped(title)}**")
        where = {"dataset": dataset} if dataset else {}
        st.page_link(
            "pages/inside.py",
            label=_("Open it on the Inside page"),
            icon=":material/search:",
            query_params={"image": address_of(split, number), "view": "layers"} | where,
        )


def doubts_view(dataset: Dataset) -> None:
    """The test images whose labels people doubt."""
    if dataset.name != "MNIST":
        text = _("Nobody has yet asked people about the labels of {dataset}.").format(dataset=escaped(dataset.name))
        st.info(text, icon=":material/info:")
        return
    st.markdown(
        _(
            "Nobody can be right about everything: {count} of the {all} test images have a label that most "
            "of five people did not choose. A network that gets them all right has learned its test by heart."
        ).format(count=len(DOUBTFUL), all=whole(10_000))
    )
    with st.container(horizontal=True, gap="medium"):
        for doubt in DOUBTFUL:
            with st.container(width=as_wide(112), gap="small"):
                image = dataset.test_images[doubt.index][None] / 255
                st.image(
                    mosaic(image, 1, scale=4),
                    alt=_("Test image {number}, labeled {label}, perhaps a {other}.").format(
                        number=doubt.index, label=doubt.label, other=doubt.other
                    ),
                    width=112,
                )
                st.markdown(_("labeled **{label}**, or **{other}**?").format(label=doubt.label, other=doubt.other))
                st.caption(_votes(doubt))
                st.page_link(
                    "pages/inside.py",
                    label=_("No. {number}").format(number=whole(doubt.index)),
                    icon=":material/search:",
                    query_params={"image": address_of("test", doubt.index), "view": "layers"},
                )
    how_computed(
        _(
            "About a hundred images at which networks and labels disagree were shown to five people each, who chose "
            "between the label, the network's answer, both and neither. These are the images whose label fewer than "
            "three chose (Northcutt, Athalye, Mueller, *Pervasive label errors in test sets destabilize machine "
            "learning benchmarks*, 2021)."
        )
    )


def _votes(doubt: Doubt) -> str:
    """What the five people said."""
    neither = 5 - doubt.for_label - doubt.for_other
    if neither:
        text = _("{for_label} of 5 say {label}, {for_other} say {other}, {neither} neither")
    else:
        text = _("{for_label} of 5 say {label}, {for_other} say {other}")
    return text.format(
        for_label=doubt.for_label, label=doubt.label, for_other=doubt.for_other, other=doubt.other, neither=neither
    )


def _split() -> str:
    split = st.segmented_control(
        _("Images"),
        list(SPLITS),
        format_func=lambda split: _(SPLITS[split]),
        default="train",
        required=True,
        key=SPLIT.key,
        persist_state="session",
        help=_("Networks learn from the training images; the test images tell how well they do."),
    )
    return str(split or "train")


@st.cache_data(show_spinner=SpinnerText(gettext_noop("Counting …")), max_entries=40)
def _numbers(version: str, split: str, _dataset: Dataset) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Images of each class [C]; the mean of each [C, 28, 28] in 0..1; the share of pixels in 16 steps of gray [16]."""
    images, labels = images_and_labels(_dataset, split)
    classes = len(_dataset.classes)
    counts = np.bincount(labels, minlength=classes)[:classes]
    sums = np.stack([images[labels == index].sum(axis=0, dtype=np.float64) for index in range(classes)])
    means = sums / np.maximum(counts, 1)[:, None, None] / 255
    pieces = (images[first : first + AT_ONCE] for first in range(0, len(images), AT_ONCE))
    parts = [np.bincount((part >> 4).reshape(-1), minlength=16) for part in pieces]
    shares = np.sum(parts, axis=0) / images.size
    return counts, means, shares


def _list(counts: np.ndarray, classes: tuple[str, ...]) -> str:
    return ", ".join(f"{name}: {whole(count)}" for name, count in zip(classes, counts.tolist(), strict=True))
