"""The model card of one network as people read it: what it is, and how it was trained."""

import pyarrow as pa
import streamlit as st

from mnist_core.reading import ModelCard
from mnist_core.recipes import RECIPES
from pages.components.charts import draw_chart
from pages.components.network_choice import accuracy_on_test
from pages.components.networks.page_state import card_key, curves_key
from pages.components.words import accuracy, counted, duration, escaped, file_size, in_short, percent

CURVES = {
    "height": 280,
    "mark": {"type": "line", "point": True},
    "encoding": {
        "x": {"field": "epoch", "type": "quantitative", "axis": {"format": "d", "tickMinStep": 1, "grid": False}},
        "y": {"field": "right", "type": "quantitative", "axis": {"format": "%"}, "scale": {"zero": False}},
        "color": {"field": "images", "type": "nominal", "legend": {"orient": "top", "title": None}},
        "strokeDash": {"field": "images", "type": "nominal", "legend": None},
        "tooltip": [{"field": "epoch"}, {"field": "right", "format": ".2%"}, {"field": "images"}],
    },
}


def show_card(card: ModelCard) -> None:
    """One network: what it is, how well it reads, how to train it again."""
    with st.container(border=True, key=card_key(card.name)):
        st.header(card.title, anchor=False)
        st.markdown(card.description)
        if card.classes:
            st.markdown(f"It reads {escaped(in_short(card.class_names))}.")
        facts = {
            "right on the 10,000 test images" if not card.classes else "right on the test images": accuracy_on_test(
                card
            ),
            "learned numbers": f"{card.parameters:,}",
            "file": file_size(card.bytes),
            "training": f"{counted(card.epochs, '{count} epoch', '{count} epochs')}, {duration(card.seconds)}",
        }
        st.markdown("  \n".join(f"**{value}** {name}" for name, value in facts.items()))
        recipe = RECIPES.get(card.name)
        if recipe and recipe.printed:
            st.markdown(f"Published in a notebook, which printed **{accuracy(recipe.printed)}**. {recipe.lesson}")
        with st.expander("Layers and training"):
            st.markdown("\n".join(f"{number}. `{layer}`" for number, layer in enumerate(card.layers, 1)))
            st.markdown(f"Data: {card.data}. Seed {card.seed}, {card.date}. Train it again with")
            st.code(card.command, language="bash", wrap_lines=True)
            for name, shares in card.by_digit.items():
                row = " · ".join(f"{escaped(digit)}: {percent(share)}" for digit, share in shares.items())
                st.caption(f"Right by {'class' if card.classes else 'digit'}, {name}: {row}")
            _curves(card)
        st.page_link("app.py", label="Draw with it", icon=":material/draw:", query_params={"network": card.name})


def _curves(card: ModelCard) -> None:
    """The share read rightly in each epoch: of the training images, and of images that were held out."""
    names = {"accuracy": "training", "validation_accuracy": "held out"}
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
        CURVES,
        key=curves_key(card.name),
        alt=f"Share read rightly by epoch; after the last, {accuracy(held_out[-1])} of the held-out images.",
    )
