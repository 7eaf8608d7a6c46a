"""The Networks page: what each bundled network is and how it was trained, from its model card."""

import pyarrow as pa
import streamlit as st

from mnist_core.reading import ModelCard
from mnist_core.recipes import RECIPES
from pages.components.frame import page_frame
from pages.components.network_choice import accuracy_on_test, bundled_cards

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
    with st.container(border=True, key=f"card-{card.name}"):
        st.subheader(card.title, anchor=False)
        st.markdown(card.description)
        facts = {
            "right on the 10,000 test images": accuracy_on_test(card),
            "learned numbers": f"{card.parameters:,}",
            "file": f"{card.bytes / 1000:,.0f} kB",
            "training": f"{card.epochs} epochs, {card.seconds / 60:.1f} minutes",
        }
        st.markdown("  \n".join(f"**{value}** {name}" for name, value in facts.items()))
        recipe = RECIPES.get(card.name)
        if recipe and recipe.printed:
            st.markdown(f"Published in a notebook, which printed **{recipe.printed * 100:.2f} %**. {recipe.lesson}")
        with st.expander("Layers and training"):
            st.markdown("\n".join(f"{number}. `{layer}`" for number, layer in enumerate(card.layers, 1)))
            st.markdown(f"Data: {card.data}. Seed {card.seed}, {card.date}. Train it again with")
            st.code(card.command, language="bash")
            for name, shares in card.by_digit.items():
                row = " · ".join(f"{digit}: {share:.1%}" for digit, share in shares.items())
                st.caption(f"Right by digit, {name}: {row}")
            _curves(card)
        st.page_link("app.py", label="Draw with it", icon=":material/draw:", query_params={"network": card.name})


def _curves(card: ModelCard) -> None:
    """The share read rightly in each epoch, while it learned, and after it, of images that were held out."""
    names = {"accuracy": "training", "validation_accuracy": "held out"}
    rows = [
        {"epoch": epoch, "right": right, "images": words}
        for name, words in names.items()
        for epoch, right in zip(card.curves.get("epoch", []), card.curves.get(name, []), strict=False)
        if right is not None
    ]
    held_out = [row["right"] for row in rows if row["images"] == "held out"]
    if len(held_out) < 2:
        return
    last = held_out[-1]
    st.vega_lite_chart(
        pa.Table.from_pylist(rows),
        CURVES,
        key=f"curves-{card.name}",
        alt=f"Share read rightly by epoch; after the last, {last:.2%} of the held-out images.",
    )


page_frame(
    "Networks",
    "These networks come with the app. Each was trained from nothing, in NumPy, on the MNIST digits; the first also on "
    "pen strokes.",
)
cards, problems = bundled_cards()
for problem in problems:
    st.warning(f"A network was left out. {problem}")
for card in cards.values():
    show_card(card)
