"""The views of the Data page: a dataset in numbers, as a gallery, and the labels that people doubt."""

from typing import Any

import numpy as np
import pyarrow as pa
import streamlit as st

from mnist_core.data import DOUBTFUL, TEN_DIGITS, Dataset
from pages.components.answers import OTHER, SIDE_BY_SIDE
from pages.components.charts import draw_chart
from pages.components.class_choice import choose_class
from pages.components.datasets import dataset_version
from pages.components.inside.how import how_computed
from pages.components.inside.page_state import GALLERY_IMAGE, SPLIT, Key, chart_of, gallery_digit, gallery_page
from pages.components.inside.picture_grid import picture_grid
from pages.components.inside.subject import address_of, images_and_labels, title_of
from pages.components.pictures import mosaic, picture
from pages.components.screen import as_wide
from pages.components.words import a_class, escaped, percent

A_PAGE, AT_ONCE = 120, 3000
SPLITS = {"train": "Training images", "test": "Test images"}
COUNTS: dict[str, Any] = {
    "height": 220,
    "mark": {"type": "bar", "cornerRadiusEnd": 3},
    "encoding": {
        "x": {"field": "digit", "type": "ordinal", "sort": None, "axis": {"title": "digit", "labelAngle": 0}},
        "y": {"field": "images", "type": "quantitative", "axis": {"title": "images"}},
        "tooltip": [{"field": "digit"}, {"field": "images", "format": ","}],
    },
}
PIXELS = {
    "height": 220,
    "mark": {"type": "bar"},
    "encoding": {
        "x": {
            "field": "gray",
            "type": "ordinal",
            "sort": None,
            "axis": {"title": "gray value, 0 background to 255 ink", "labelAngle": 0},
        },
        "y": {"field": "share", "type": "quantitative", "axis": {"title": "share of all pixels", "format": "%"}},
        "tooltip": [{"field": "gray"}, {"field": "share", "format": ".2%"}],
    },
}


def numbers_view(name: str, dataset: Dataset) -> None:
    """Counts of each class, the mean of each, the histogram of gray values. name: by which the dataset is chosen."""
    split, classes = _split(), dataset.classes
    _, labels = images_and_labels(dataset, split)
    counts, means, shares = _numbers(dataset_version(name), split, dataset)
    what = "digit" if classes == TEN_DIGITS else "class"
    rarest, most = (escaped(classes[int(index)]) for index in (counts.argmin(), counts.argmax()))
    rare = f" No {what} is rare: the rarest" if 2 * counts.min() > counts.mean() else " The rarest"
    st.markdown(
        f"**{len(labels):,} images.**{rare}, {rarest}, comes {counts.min():,} times, the most frequent, {most}, "
        f"{counts.max():,} times."
    )
    # Many bars need the whole width.
    left, right = st.columns(2, gap="large") if len(classes) <= SIDE_BY_SIDE else (st.container(), st.container())
    with left:
        st.markdown(f"**How many of each {what}**")
        table = pa.table({"digit": list(classes), "images": counts})
        draw_chart(table, _counts(classes), key=Key.COUNTS, alt="Bar chart: " + _list(counts, classes))
    with right:
        st.markdown("**How dark the pixels are**")
        background, full = (percent(float(shares[step]), 0) for step in (0, -1))
        names = [f"{16 * step}–{16 * step + 15}" for step in range(16)]
        draw_chart(
            pa.table({"gray": names, "share": shares}),
            PIXELS,
            key=Key.PIXELS,
            alt=f"Histogram of gray values: {background} of all pixels are background, {full} full ink.",
        )
    st.markdown(
        f"**The mean of each {what}**: what all its images have in common is bright; where they differ, it blurs."
    )
    st.image(mosaic(means, 10, scale=2), alt=f"The mean of each {what}: {', '.join(classes)}.")
    if what == "class":
        st.caption(f"From left to right: {escaped(', '.join(classes))}.")
    how_computed(
        r"The mean is $\bar x = \frac{1}{N} \sum_n x_n$ over all images with that label, pixel by pixel; "
        "the histogram counts all 784 pixels of every image in 16 steps of gray."
    )


def _counts(classes: tuple[str, ...]) -> dict[str, Any]:
    """How the counts are drawn: long names stand aslant."""
    if classes == TEN_DIGITS:
        return COUNTS
    angle = 0 if max(map(len, classes)) == 1 else -45
    axis = {"title": "class", "labelAngle": angle, "labelOverlap": False}
    x = COUNTS["encoding"]["x"] | {"axis": axis}
    tooltip = [{"field": "digit", "title": "class"}, {"field": "images", "format": ","}]
    return COUNTS | {"encoding": COUNTS["encoding"] | {"x": x, "tooltip": tooltip}}


def gallery_view(name: str, dataset: Dataset) -> None:
    """All images, by class, page by page. name: by which the dataset is chosen."""
    split, classes = _split(), dataset.classes
    images, labels = images_and_labels(dataset, split)
    names = [*classes, OTHER]
    shows = [names[min(label, len(classes))] for label in range(max(len(classes), int(labels.max()) + 1))]
    what = "digit" if classes == TEN_DIGITS else "class"
    every = "Everybody writes differently" if all(len(each) == 1 for each in classes) else "No two are the same"
    st.markdown(f"**{every}**: leaf through the images, all or those of one {what}, and click one.")
    digit = choose_class(
        what.capitalize(),
        classes,
        key=gallery_digit(name).key,
        words="Only images with this label.",
        all_of_them=True,
    )
    digit = "all" if digit is None else digit
    indices = np.arange(len(labels)) if isinstance(digit, str) else np.flatnonzero(labels == digit)
    if len(indices) == 0:
        st.info(f"There is no {escaped(classes[int(digit)])} among them.", icon=":material/info:")
        return
    pages = -(-len(indices) // A_PAGE)
    with st.container(key=Key.GALLERY_HEAD, horizontal=True, gap="large", vertical_alignment="center"):
        page = int(
            st.number_input(
                "Page",
                1,
                pages,
                1,
                key=gallery_page(split, digit, name).key,
                width=as_wide(140),
                help=f"There are {pages:,} pages.",
            )
        )
        shown = indices[(page - 1) * A_PAGE : page * A_PAGE].tolist()
        chosen = GALLERY_IMAGE.value_or(-1)
        if chosen not in shown:
            chosen = shown[0]
        _chosen_image(name, split, chosen, images[chosen] / 255, shows[labels[chosen]])
    picture_grid(
        images[shown] / 255,
        [f"Number {number:,}, {a_class(shows[labels[number]])}" for number in shown],
        alt=f"Images {shown[0]:,} to {shown[-1]:,}, with their labels.",
        key=chart_of(GALLERY_IMAGE),
        choose=lambda place: GALLERY_IMAGE.put(shown[place]),
        captions=[shows[labels[number]] for number in shown],
        chosen=shown.index(chosen),
        lead_to=Key.GALLERY_HEAD,
    )
    st.caption(
        f"{len(shown)} of {len(indices):,} images, from number {shown[0]:,} to {shown[-1]:,}, each with its label."
    )
    how_computed(
        r"Nothing is computed: these are the bytes of the file, $x \in \{0, …, 255\}^{784}$, 0 for background. "
        r"Networks get $x / 255$."
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
            label="Open it on the Inside page",
            icon=":material/search:",
            query_params={"image": address_of(split, number), "view": "layers"} | where,
        )


def doubts_view(dataset: Dataset) -> None:
    """The test images whose labels people doubt."""
    if dataset.name != "MNIST":
        st.info(f"Nobody has yet asked people about the labels of {escaped(dataset.name)}.", icon=":material/info:")
        return
    st.markdown(
        f"Nobody can be right about everything: {len(DOUBTFUL)} of the 10,000 test images have a label that most "
        "of five people did not choose. A network that gets them all right has learned its test by heart."
    )
    with st.container(horizontal=True, gap="medium"):
        for doubt in DOUBTFUL:
            with st.container(width=as_wide(112), gap="small"):
                image = dataset.test_images[doubt.index][None] / 255
                st.image(
                    mosaic(image, 1, scale=4),
                    alt=f"Test image {doubt.index}, labeled {doubt.label}, perhaps a {doubt.other}.",
                    width=112,
                )
                st.markdown(f"labeled **{doubt.label}**, or **{doubt.other}**?")
                neither = 5 - doubt.for_label - doubt.for_other
                votes = f"{doubt.for_label} of 5 say {doubt.label}, {doubt.for_other} say {doubt.other}"
                st.caption(votes + (f", {neither} neither" if neither else ""))
                st.page_link(
                    "pages/inside.py",
                    label=f"No. {doubt.index:,}",
                    icon=":material/search:",
                    query_params={"image": address_of("test", doubt.index), "view": "layers"},
                )
    how_computed(
        "About a hundred images at which networks and labels disagree were shown to five people each, who chose "
        "between the label, the network's answer, both and neither. These are the images whose label fewer than "
        "three chose (Northcutt, Athalye, Mueller, *Pervasive label errors in test sets destabilize machine learning "
        "benchmarks*, 2021)."
    )


def _split() -> str:
    split = st.segmented_control(
        "Images",
        list(SPLITS),
        format_func=SPLITS.__getitem__,
        default="train",
        required=True,
        key=SPLIT.key,
        persist_state="session",
        help="Networks learn from the training images; the test images tell how well they do.",
    )
    return str(split or "train")


@st.cache_data(show_spinner="Counting …", max_entries=40)
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
    return ", ".join(f"{name}: {count:,}" for name, count in zip(classes, counts.tolist(), strict=True))
