"""How much damage of the test images a network bears, beside another network."""

from typing import Any

import pyarrow as pa
import streamlit as st

from mnist_core import Recognizer
from mnist_core.insight import DAMAGES
from pages.components.charts import LINE, TEXT, draw_chart
from pages.components.inside import derived
from pages.components.inside.images import Images
from pages.components.inside.page_state import DAMAGE, Key, second_network
from pages.components.inside.units import ACCENT
from pages.components.language import _, gettext_noop
from pages.components.network_choice import network_labels, network_named
from pages.components.words import by_language, percent

DAMAGE_WORDS = {
    "noise": (gettext_noop("Noise"), gettext_noop("standard deviation of the noise")),
    "rotation": (gettext_noop("Rotation"), gettext_noop("degrees, counterclockwise")),
    "shift": (gettext_noop("Shift"), gettext_noop("pixels to the right")),
    "blur": (gettext_noop("Blur"), gettext_noop("width of the blur in pixels")),
    "thickness": (gettext_noop("Stroke thickness"), gettext_noop("pixels on each side")),
}


def damage_curves(recognizer: Recognizer, images: Images) -> None:
    """The heading, the controls and the chart."""
    st.header(_("How much damage it bears"), anchor=False)
    damage = st.segmented_control(
        _("Damage"),
        list(DAMAGES),
        format_func=lambda name: _(DAMAGE_WORDS[name][0]),
        default="rotation",
        required=True,
        key=DAMAGE.key,
        persist_state="session",
        help=_("What is done to 500 test images before they are read."),
    )
    labels = network_labels()
    others = [
        name
        for name in labels
        if network_named(name).identity != recognizer.identity and network_named(name).classes == recognizer.classes
    ]
    readers = {_("this network"): recognizer}
    if others:
        second = st.selectbox(
            _("Compare with"),
            others,
            index=others.index("mlp") if "mlp" in others else 0,
            format_func=labels.__getitem__,
            key=second_network(recognizer.identity).key,
            persist_state="session",
            help=_("A second network, on the same axes."),
        )
        readers[_(network_named(second).card.title)] = network_named(second)
    damage = str(damage or "rotation")
    rows: list[dict[str, Any]] = [
        {"amount": float(amount), "right": right, "network": name}
        for name, reader in readers.items()
        for amount, right in zip(DAMAGES[damage][1], derived.damage_curve(reader, images, damage), strict=True)
    ]
    name, unit = (_(text) for text in DAMAGE_WORDS[damage])
    series = {"field": "network", "type": "nominal", "sort": None}
    legend = {"orient": "top", "title": None}
    spec = {
        "height": 320,
        "mark": {"type": "line", "point": {"size": 60}, "strokeWidth": LINE},
        "encoding": {
            "x": {"field": "amount", "type": "quantitative", "title": unit},
            "y": {
                "field": "right",
                "type": "quantitative",
                "title": _("read rightly"),
                "axis": {"format": "%"},
                "scale": {"domain": [0, 1]},
            },
            "color": series | {"scale": {"range": [ACCENT, TEXT]}, "legend": legend},
            "strokeDash": series | {"legend": None},
            "shape": series | {"legend": None},
            "tooltip": [
                {"field": "network", "title": _("network")},
                {"field": "amount", "title": _("amount")},
                {"field": "right", "title": _("right"), "format": ".1%"},
            ],
        },
    }
    first, last = rows[0], rows[len(DAMAGES[damage][1]) - 1]
    alt = (
        _("{damage}: this network reads {share} at {first} and {other_share} at {last} rightly, beside another.")
        if others
        else _("{damage}: this network reads {share} at {first} and {other_share} at {last} rightly.")
    )
    draw_chart(
        pa.Table.from_pylist(rows),
        spec,
        key=Key.DAMAGE_CHART,
        alt=alt.format(
            damage=name,
            share=percent(first["right"], 0),
            first=by_language(f"{first['amount']:g}"),
            other_share=percent(last["right"], 0),
            last=by_language(f"{last['amount']:g}"),
        ),
    )
