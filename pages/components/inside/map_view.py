"""Where digits live: the test images laid out by what a layer makes of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import streamlit as st

from mnist_core import InputError, Recognizer
from mnist_core.data import TEN_DIGITS
from mnist_core.insight import explain
from pages.components.charts import SMALL, TEXT, draw_chart, with_words
from pages.components.class_choice import choose_class
from pages.components.inside import derived
from pages.components.inside.answers import about_the_units
from pages.components.inside.class_table import number_text
from pages.components.inside.how import how_computed
from pages.components.inside.images import Images
from pages.components.inside.page_state import Key, map_digit, map_layer
from pages.components.inside.picture_grid import picture_grid
from pages.components.inside.subject import Subject, open_picture
from pages.components.inside.units import SILENT, title
from pages.components.language import _, gettext_noop, ngettext
from pages.components.pictures import thumbnail
from pages.components.session import clicked_fields
from pages.components.words import a_class, escaped, percent, whole

NEAREST = 10
COLORS = [
    *("#488ef0", "#e26d06", "#ed605b", "#179e9a", "#2fa339"),
    *("#a28e0d", "#b66eea", "#e758ac", "#b0856c", "#8a8e97"),
]
"""Of the digits 0 to 9, and of other classes again and again. All are as bright as each other: 3.2 times as bright as
dark, and light as much as they."""
SHORT = 2
"""A class of so many letters is written on the map; longer names stand beside it."""


def _diamond(width: int, color: str) -> dict[str, Any]:
    """The mark of the picture itself."""
    look = {"size": 700, "strokeWidth": width, "stroke": color, "fill": "transparent", "opacity": 1}
    return {
        "transform": [{"filter": "datum.yours"}],
        "mark": {"type": "point", "shape": "diamond"} | look,
        "encoding": {"tooltip": [{"field": "digit", "title": gettext_noop("this")}, {"field": "image"}]},
    }


CLICK = {"name": "clicked", "select": {"type": "point", "fields": ["place"], "on": "click"}}
SPEC: dict[str, Any] = {
    "height": 520,
    "encoding": {
        "x": {"field": "x", "type": "quantitative", "axis": None},
        "y": {"field": "y", "type": "quantitative", "axis": None},
    },
    "layer": [
        {
            "transform": [{"filter": "!datum.yours"}],
            "mark": {"type": "text", "fontSize": SMALL, "fontWeight": "bold", "cursor": "pointer"},
            "params": [CLICK],
            "encoding": {
                "text": {"field": "digit"},
                "color": {"field": "digit", "type": "nominal", "scale": {"range": COLORS}, "legend": None},
                "tooltip": [
                    {"field": "digit", "title": gettext_noop("digit")},
                    {"field": "place", "title": gettext_noop("test image")},
                    {"field": "image"},
                ],
            },
        },
        _diamond(9, "#14141e"),
        _diamond(4, "#f0b429"),
        {
            "transform": [{"filter": "datum.near"}],
            "mark": {"type": "point", "size": 260, "strokeWidth": 2, "stroke": TEXT, "fill": "transparent"},
        },
    ],
    "config": {"view": {"stroke": None}},
}


def _spec(classes: Sequence[str]) -> dict[str, Any]:
    """How the map is drawn: with the names themselves, or with dots where names are words."""
    if max(map(len, classes)) <= SHORT:
        return SPEC
    images, *others = SPEC["layer"]
    encoding = {name: value for name, value in images["encoding"].items() if name != "text"}
    legend = {"orient": "bottom", "title": None, "columns": 3, "values": list(classes)}
    encoding["color"] = encoding["color"] | {"legend": legend}
    mark = {"type": "circle", "size": 60, "opacity": 0.8, "cursor": "pointer"}
    return SPEC | {"layer": [images | {"mark": mark, "encoding": encoding}, *others]}


def map_view(recognizer: Recognizer, images: Images, subject: Subject) -> None:
    """The whole view."""
    network, classes = recognizer.network, images.dataset.classes
    st.markdown(_introduction(min(derived.MANY_IMAGES, len(images.test_images)), classes))
    layers = [-1, *(number for number, layer in enumerate(network.layers) if layer.name not in SILENT)]
    layers = [number for number in layers if number < 0 or network.layers[number].name not in ("batchnorm",)]
    number = st.select_slider(
        _("Layer"),
        layers,
        value=layers[-1],
        format_func=lambda layer: _("pixels") if layer < 0 else title(network, layer),
        key=map_layer(recognizer.identity).key,
        persist_state="session",
        help=_("What the images are compared by: their pixels, or what one of the layers makes of them."),
    )
    try:
        found = derived.layer_map(recognizer, images, number)
    except InputError as error:
        st.info(str(error), icon=":material/info:")
        return
    if number < 0:
        own = subject.image.reshape(1, -1)
    else:
        own = derived.as_points(list(explain.outputs(network, subject.image[None]))[number])
    points = np.vstack([found.plane.places, found.plane.place(own)])
    near, away = derived.nearest_images(recognizer, images, number, own[0], NEAREST, subject.test_number)
    data = pa.table(
        {
            "x": points[:, 0].astype(float),
            "y": points[:, 1].astype(float),
            "digit": [*(classes[label] for label in found.labels.tolist()), subject.title],
            "place": [*range(len(found.labels)), -1],
            "yours": [False] * len(found.labels) + [True],
            "near": np.isin(np.arange(len(points)), near),
            "image": [*_thumbnails(images.version, images), thumbnail(np.round(subject.image * 255).astype(np.uint8))],
        }
    )
    around = _in_words(found.labels[near], classes)

    def choose() -> None:
        place = clicked_fields(Key.MAP).get("place", -1)
        if isinstance(place, int) and 0 <= place < len(found.labels):
            open_picture("test", place)

    draw_chart(
        data,
        with_words(_spec(classes)),
        key=Key.MAP,
        on_select=choose,
        alt=_("Map of {count} test images; the ten most like the picture: {around}.").format(
            count=whole(len(found.labels)), around=around
        ),
    )
    st.caption(
        _(
            "The plane shows {share} of all differences between the images. The rest is left out: images that lie "
            "close together here may be far apart in the layer."
        ).format(share=percent(found.plane.explained, 0))
    )
    st.markdown(_nearest(recognizer, number, around))
    picture_grid(
        images.test_images[near] / 255,
        [
            _("Test image {number}, {what}, {distance} away. Open it.").format(
                number=whole(place), what=a_class(images.name_of(place)), distance=number_text(float(distance))
            )
            for place, distance in zip(near.tolist(), away, strict=True)
        ],
        alt=_("The ten test images nearest to the picture, the nearest first."),
        key=Key.NEAREST,
        choose=lambda place: open_picture("test", int(near[place])),
        captions=[number_text(float(distance)) for distance in away],
    )
    st.caption(_("Under each, how far away it is in the layer. Click one to take it."))
    _listed(found, images)
    if number == len(network.layers) - 1 and (about := about_the_units(recognizer)):
        st.markdown(about)
    how_computed(
        _(
            r"The outputs of the layer for these images are points $y_n$ in as many dimensions as it has numbers. "
            r"Less their mean, they are $Y$; the two directions $u$ of unit length in which they differ most, those "
            r"that make $\lVert Y u \rVert$ largest, span the plane (principal components, Pearson 1901; found by "
            r"repeated products with $Y$ and $Y^\top$). The picture is put where $(y - \bar y) \cdot u$ says. The "
            r"nearest images are those with the smallest $\lVert y_n - y \rVert$, over all dimensions, without the "
            "picture itself; large maps are first averaged over small squares of pixels."
        )
    )


def _introduction(count: int, classes: Sequence[str]) -> str:
    """What the map shows, and how to use it."""
    text = (
        _(
            "Each figure is one of {count} test images. Images that the layer finds alike lie close together: go from "
            "the first layer to the last, and see the digits come apart. The **yellow diamond** is your picture, "
            "**rings** are those that the layer finds most like it. Hover to see an image, click to take it; without a "
            "mouse, list the images of a digit below."
        )
        if classes == TEN_DIGITS
        else _(
            "Each figure is one of {count} test images. Images that the layer finds alike lie close together: go from "
            "the first layer to the last, and see the classes come apart. The **yellow diamond** is your picture, "
            "**rings** are those that the layer finds most like it. Hover to see an image, click to take it; without a "
            "mouse, list the images of a class below."
        )
    )
    return text.format(count=whole(count))


def _listed(found: derived.LayerMap, images: Images) -> None:
    """The images of one class as buttons, for those who have no mouse, and to see what lies far out."""
    classes = images.dataset.classes
    if classes == TEN_DIGITS:
        label = _("List the images of a digit")
        words = _("The same images as buttons. First those that lie far from the middle of their digit.")
        far = _("Test image {number}, {distance} from the middle of its digit. Open it.")
    else:
        label = _("List the images of a class")
        words = _("The same images as buttons. First those that lie far from the middle of their class.")
        far = _("Test image {number}, {distance} from the middle of its class. Open it.")
    digit = choose_class(
        label,
        classes,
        key=map_digit(len(classes)).key,
        persist_state="session",
        words=words,
    )
    if digit is None:
        return
    listed, name = np.flatnonzero(found.labels == digit), classes[int(digit)]
    if not len(listed):
        st.caption(_("There is no {name} among them.").format(name=escaped(name)))
        return
    places = found.plane.places[listed]
    away = np.linalg.norm(places - np.median(places, axis=0), axis=1)
    order = np.argsort(-away, kind="stable")
    listed, away = listed[order], away[order]
    picture_grid(
        images.test_images[listed] / 255,
        [
            far.format(number=whole(place), distance=number_text(float(distance)))
            for place, distance in zip(listed.tolist(), away, strict=True)
        ],
        alt=ngettext(
            "{count} image of {what} on the map, the farthest out first.",
            "{count} images of {what} on the map, the farthest out first.",
            len(listed),
        ).format(count=whole(len(listed)), what=a_class(name)),
        key=Key.LISTED,
        choose=lambda place: open_picture("test", int(listed[place])),
    )


def _in_words(labels: np.ndarray, classes: Sequence[str]) -> str:
    """ "nine are a 4, one is a 9": how many there are of each class, the most frequent first."""
    counts = np.bincount(labels, minlength=len(classes))
    order = [int(index) for index in np.argsort(-counts, kind="stable") if counts[index]]
    return ", ".join(
        ngettext("{count} is {what}", "{count} are {what}", int(counts[index])).format(
            count=counts[index], what=escaped(a_class(classes[index]))
        )
        for index in order
    )


def _nearest(recognizer: Recognizer, number: int, around: str) -> str:
    """What the nearest images in a layer show, and by what they are compared."""
    if number < 0:
        return _("**The ten nearest in the layer itself**, by all 784 pixels: {around}.").format(around=around)
    shape = recognizer.network.shapes[number + 1]
    if len(shape) == 1:
        text = _("**The ten nearest in the layer itself**, by the values of all {count} units: {around}.")
        return text.format(count=whole(shape[0]), around=around)
    text = _("**The ten nearest in the layer itself**, by all {count} maps: {around}.")
    return text.format(count=shape[2], around=around)


@st.cache_resource(show_spinner=False, max_entries=4)
def _thumbnails(version: str, _images: Images) -> tuple[str, ...]:
    """The thumbnails of the first 2,000 test images."""
    return tuple(thumbnail(image) for image in _images.test_images[: derived.MANY_IMAGES])
