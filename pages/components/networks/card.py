"""The model card of one network as people read it: what it is, and how it was trained."""

from typing import Any

import pyarrow as pa
import streamlit as st

from mnist_core.reading import ModelCard, weights
from mnist_core.recipes import RECIPES
from pages.components.charts import draw_chart, with_words
from pages.components.language import _, gettext_noop
from pages.components.link import kept_in_links
from pages.components.network_choice import accuracy_on_test
from pages.components.networks.page_state import card_key, curves_key, export_key
from pages.components.other_programs import for_other_programs
from pages.components.words import accuracy, counted, duration, escaped, file_size, in_short, percent, whole

IMAGES = gettext_noop("test"), gettext_noop("held-out writers")
"""What the cards call the images that a network was tested on."""


CURVES: dict[str, Any] = {
    "height": 280,
    "mark": {"type": "line", "point": True},
    "encoding": {
        "x": {
            "field": "epoch",
            "title": gettext_noop("epoch"),
            "type": "quantitative",
            "axis": {"format": "d", "tickMinStep": 1, "grid": False},
        },
        "y": {
            "field": "right",
            "title": gettext_noop("right"),
            "type": "quantitative",
            "axis": {"format": "%"},
            "scale": {"zero": False},
        },
        "color": {"field": "images", "type": "nominal", "legend": {"orient": "top", "title": None}},
        "strokeDash": {"field": "images", "type": "nominal", "legend": None},
        "tooltip": [
            {"field": "epoch", "title": gettext_noop("epoch")},
            {"field": "right", "title": gettext_noop("right"), "format": ".2%"},
            {"field": "images", "title": gettext_noop("images")},
        ],
    },
}


def show_card(card: ModelCard) -> None:
    """One network: what it is, how well it reads, how to train it again."""
    with st.container(border=True, key=card_key(card.name)):
        st.header(_(card.title), anchor=False)
        st.markdown(_(card.description))
        if card.classes:
            st.markdown(_("It reads {classes}.").format(classes=escaped(in_short(card.class_names))))
        share = accuracy_on_test(card)
        epochs = counted(card.epochs, "{count} epoch", "{count} epochs")
        facts = (
            _("**{share}** right on the test images").format(share=share)
            if card.classes
            else _("**{share}** right on the {count} test images").format(share=share, count=whole(10_000)),
            _("**{count}** learned numbers").format(count=whole(card.parameters)),
            _("**{size}** file").format(size=file_size(card.bytes)),
            _("**{epochs}, {duration}** training").format(epochs=epochs, duration=duration(card.seconds)),
        )
        st.markdown("  \n".join(facts))
        recipe = RECIPES.get(card.name)
        if recipe and recipe.printed:
            words = _("Published in a notebook, which printed **{share}**.").format(share=accuracy(recipe.printed))
            st.markdown(f"{words} {_(recipe.lesson)}")
        with st.expander(_("Layers and training")):
            st.markdown("\n".join(f"{number}. `{layer}`" for number, layer in enumerate(card.layers, 1)))
            words = _("Data: {data}. Seed {seed}, {date}. Train it again with")
            st.markdown(words.format(data=_(card.data), seed=card.seed, date=card.date))
            st.code(card.command, language="bash", wrap_lines=True)
            for name, shares in card.by_digit.items():
                row = " · ".join(f"{escaped(digit)}: {percent(share)}" for digit, share in shares.items())
                by_class, by_digit = _("Right by class, {images}: {shares}"), _("Right by digit, {images}: {shares}")
                words = by_class if card.classes else by_digit
                st.caption(words.format(images=_(name), shares=row))
            _curves(card)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link(
                "app.py",
                label=_("Draw with it"),
                icon=":material/draw:",
                query_params={"network": card.name} | kept_in_links(),
                width="content",
            )
            for_other_programs(
                lambda: weights.load(card.name), card.name, lambda file_format: export_key(card.name, file_format)
            )


def _curves(card: ModelCard) -> None:
    """The share read rightly in each epoch: of the training images, and of images that were held out."""
    names = {"accuracy": _("training"), "validation_accuracy": _("held out")}
    rows = [
        {"epoch": epoch, "right": right, "images": words}
        for name, words in names.items()
        for epoch, right in zip(card.curves.get("epoch", []), card.curves.get(name, []), strict=False)
        if right is not None
    ]
    held_out = [share for share in card.curves.get("validation_accuracy", []) if share is not None]
    if len(held_out) < 2:
        return
    draw_chart(
        pa.Table.from_pylist(rows),
        with_words(CURVES),
        key=curves_key(card.name),
        alt=_("Share read rightly by epoch; after the last, {share} of the held-out images.").format(
            share=accuracy(held_out[-1])
        ),
    )
