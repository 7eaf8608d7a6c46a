"""What it gets wrong: which digits it confuses, its surest mistakes, and how much damage it bears."""

from typing import Any

import numpy as np
import pyarrow as pa
import streamlit as st

from mnist_core import Recognizer
from mnist_core.damage import DAMAGES
from mnist_core.dataset import load_mnist
from mnist_core.metrics import confusion_matrix
from pages.components.charts import TEXT, percent
from pages.components.explain import derived
from pages.components.explain.clickable import ACCENT, click_picture
from pages.components.explain.how import how_computed
from pages.components.explain.subject import open_picture
from pages.components.learning import confusion_chart
from pages.components.networks import bundled_cards, network_named, summary
from pages.components.pictures import mosaic

SHOWN = 24
DAMAGE_WORDS = {
    "noise": ("Noise", "standard deviation of the noise"),
    "rotation": ("Rotation", "degrees, counterclockwise"),
    "shift": ("Shift", "pixels to the right"),
    "blur": ("Blur", "width of the blur in pixels"),
    "thickness": ("Stroke thickness", "pixels on each side"),
}


def mistakes_view(recognizer: Recognizer) -> None:
    """The whole view."""
    found, dataset = derived.test_probabilities(recognizer), load_mnist()
    labels = dataset.test_labels
    answers = found.argmax(axis=1)
    wrong = np.flatnonzero(answers != labels)
    st.markdown(
        f"Of MNIST's {len(labels):,} test images, one look at each gives **{len(wrong):,}** wrong answers. "
        "Click a cell to see its images, and an image to look at it through this network."
    )
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**What is taken for what**")
        cell = confusion_chart(confusion_matrix(answers, labels), "inside_confusion", clickable=True)
    with right:
        _images(found, labels, answers, wrong, cell)
    _damage(recognizer)
    how_computed(
        "A row of the matrix holds the images of one digit, a column those that were read as one; the diagonal "
        "is right. "
        "The surest mistakes are those with the largest share for the wrong digit. Damage: 500 test images, each "
        "harmed "
        "in the same way; noise is normally distributed, rotation and shift sample the picture anew (bilinear), "
        "blur is "
        "Gaussian, thickness takes the largest (or smallest) of a pixel and its neighbors."
    )


def _images(
    found: np.ndarray, labels: np.ndarray, answers: np.ndarray, wrong: np.ndarray, cell: tuple[int, int] | None
) -> None:
    sure = found[np.arange(len(labels)), answers]
    if cell is None:
        places, heading = wrong, "The surest mistakes"
    else:
        digit, answer = cell
        places = np.flatnonzero((labels == digit) & (answers == answer))
        heading = f"{digit}, read as {answer}" if digit != answer else f"{digit}, read rightly; the least sure first"
        if digit == answer:
            sure = 1 - sure
    places = places[np.argsort(-sure[places], kind="stable")]
    st.markdown(f"**{heading}** ({len(places):,})")
    if len(places) == 0:
        st.caption("There is no such image." if cell else "It makes no mistakes on the test images.")
        return
    places = places[:SHOWN]
    images = load_mnist().test_images[places] / 255
    captions = [f"{labels[place]}→{answers[place]}" for place in places]
    shares = [percent(float(found[place, answers[place]])) for place in places]
    words = [f"{caption} ({share})" for caption, share in zip(captions, shares, strict=True)]
    urls = [mosaic(image[None], 1, scale=2) for image in images]
    clicked = click_picture(urls, captions, 5, 52, f"Test images: {'; '.join(words[:6])}.", f"wrong-{cell}")
    if clicked is not None and clicked < len(places):
        place = int(places[clicked])
        st.button(
            f"Look at test image {place:,} through the layers",
            icon=":material/search:",
            key="open_mistake",
            type="primary",
            on_click=_open,
            args=(place,),
        )


def _open(place: int) -> None:
    open_picture("test", place)
    st.session_state["inside_view"] = "layers"


def _damage(recognizer: Recognizer) -> None:
    st.subheader("How much damage it bears", anchor=False)
    damage = st.segmented_control(
        "Damage",
        list(DAMAGES),
        format_func=lambda name: DAMAGE_WORDS[name][0],
        default="rotation",
        required=True,
        key="damage",
        help="What is done to 500 test images before they are read.",
    )
    cards, _ = bundled_cards()
    others = [name for name in cards if name != recognizer.card.name]
    second = st.selectbox(
        "Compare with",
        others,
        index=others.index("mlp") if "mlp" in others else 0,
        format_func=lambda name: summary(cards[name]),
        key="damage_second",
        help="A second network, on the same axes.",
    )
    rows: list[dict[str, Any]] = []
    damage = str(damage or "rotation")
    for reader in (recognizer, network_named(second)):
        curve = derived.damage_curve(reader, damage)
        rows += [
            {"amount": float(amount), "right": right, "network": reader.card.title}
            for amount, right in zip(DAMAGES[damage][1], curve, strict=True)
        ]
    name, unit = DAMAGE_WORDS[damage]
    spec = {
        "height": 320,
        "mark": {"type": "line", "point": {"size": 60}, "strokeWidth": 2.5},
        "encoding": {
            "x": {"field": "amount", "type": "quantitative", "title": unit},
            "y": {
                "field": "right",
                "type": "quantitative",
                "title": "read rightly",
                "axis": {"format": "%"},
                "scale": {"domain": [0, 1]},
            },
            "color": {
                "field": "network",
                "type": "nominal",
                "sort": None,
                "scale": {"range": [ACCENT, TEXT]},
                "legend": {"orient": "top", "title": None},
            },
            "strokeDash": {"field": "network", "type": "nominal", "sort": None, "legend": None},
            "shape": {"field": "network", "type": "nominal", "sort": None, "legend": None},
            "tooltip": [{"field": "network"}, {"field": "amount"}, {"field": "right", "format": ".1%"}],
        },
    }
    worst = min(rows, key=lambda row: row["right"])
    st.vega_lite_chart(
        pa.Table.from_pylist(rows),
        spec,
        key="damage_chart",
        alt=f"{name}: share read rightly of two networks; the lowest, {worst['network']}, gets {worst['right']:.0%}.",
    )
