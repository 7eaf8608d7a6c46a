"""Where digits live: the test images laid out by what a layer makes of them."""

import functools

import numpy as np
import pyarrow as pa
import streamlit as st

from mnist_core import InputError, Recognizer
from mnist_core.data import load_mnist
from mnist_core.insight import explain
from pages.components.charts import SMALL, draw_chart
from pages.components.inside import derived
from pages.components.inside.how import how_computed
from pages.components.inside.page_state import Key, map_layer
from pages.components.inside.subject import Subject
from pages.components.inside.units import SILENT, title
from pages.components.pictures import thumbnail
from pages.components.words import percent

SPEC = {
    "height": 520,
    "encoding": {
        "x": {"field": "x", "type": "quantitative", "axis": None},
        "y": {"field": "y", "type": "quantitative", "axis": None},
    },
    "layer": [
        {
            "transform": [{"filter": "!datum.yours"}],
            "mark": {"type": "text", "fontSize": SMALL, "fontWeight": "bold"},
            "encoding": {
                "text": {"field": "digit"},
                "color": {"field": "digit", "type": "nominal", "scale": {"scheme": "tableau10"}, "legend": None},
                "tooltip": [{"field": "digit"}, {"field": "place", "title": "test image"}, {"field": "image"}],
            },
        },
        {
            "transform": [{"filter": "datum.yours"}],
            "mark": {
                "type": "point",
                "size": 700,
                "strokeWidth": 4,
                "stroke": "#f0b429",
                "fill": "transparent",
                "shape": "diamond",
                "opacity": 1,
            },
            "encoding": {"tooltip": [{"field": "digit", "title": "this"}, {"field": "image"}]},
        },
    ],
    "config": {"view": {"stroke": None}},
}


def map_view(recognizer: Recognizer, subject: Subject) -> None:
    """The whole view."""
    network = recognizer.network
    st.markdown(
        "Each figure is one of 2,000 test images. Images that the layer finds alike lie close together: go from the "
        "first layer to the last, and see the digits come apart. The **yellow diamond** is your picture; hover to see "
        "an image."
    )
    layers = [-1, *(number for number, layer in enumerate(network.layers) if layer.name not in SILENT)]
    layers = [number for number in layers if number < 0 or network.layers[number].name not in ("batchnorm",)]
    number = st.select_slider(
        "Layer",
        layers,
        value=layers[-1],
        format_func=lambda layer: "pixels" if layer < 0 else title(network, layer),
        key=map_layer(recognizer.identity).key,
        persist_state="session",
        help="What the images are compared by: their pixels, or what one of the layers makes of them.",
    )
    try:
        found = derived.layer_map(recognizer, number)
    except InputError as error:
        st.info(str(error), icon=":material/info:")
        return
    if number < 0:
        own = subject.image.reshape(1, -1)
    else:
        own = derived.as_points(list(explain.outputs(network, subject.image[None]))[number])
    points = np.vstack([found.plane.places, found.plane.place(own)])
    data = pa.table(
        {
            "x": points[:, 0].astype(float),
            "y": points[:, 1].astype(float),
            "digit": [*(str(label) for label in found.labels), subject.title],
            "place": [*range(len(found.labels)), -1],
            "yours": [False] * len(found.labels) + [True],
            "image": [*_thumbnails(load_mnist().name), thumbnail(np.round(subject.image * 255).astype(np.uint8))],
        }
    )
    near = _nearest(points, found.labels)
    draw_chart(
        data,
        SPEC,
        key=Key.MAP,
        alt=f"Map of {len(found.labels):,} test images; the digit most frequent around the picture is {near}.",
    )
    st.caption(
        f"The plane shows {percent(found.plane.explained, 0)} of all differences between the images. Among the ten "
        f"nearest to the picture, the most frequent digit is {near}."
    )
    how_computed(
        r"The outputs of the layer for 2,000 images are points $y_n$ in as many dimensions as it has numbers. "
        r"Less their mean, they are $Y$; the two directions $u$ of unit length in which they differ most, those that "
        r"make $\lVert Y u \rVert$ largest, span the plane (principal components, Pearson 1901; found by repeated "
        r"products with $Y$ and $Y^\top$). The picture is put where $(y - \bar y) \cdot u$ says."
    )


def _nearest(points: np.ndarray, labels: np.ndarray) -> int:
    away = np.hypot(*(points[:-1] - points[-1]).T)
    return int(np.bincount(labels[np.argsort(away)[:10]], minlength=10).argmax())


@functools.lru_cache(maxsize=1)
def _thumbnails(name: str) -> tuple[str, ...]:
    """The thumbnails of the first 2,000 test images. name: that of the server's dataset, for the cache."""
    return tuple(thumbnail(image) for image in load_mnist().test_images[: derived.MANY_IMAGES])
