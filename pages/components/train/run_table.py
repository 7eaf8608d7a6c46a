"""A table of all runs: their settings and what came of them."""

import pyarrow as pa
import streamlit as st

from mnist_core import InputError
from mnist_core.reading import weights
from mnist_core.runs import ENDED, Curves
from pages.components.network_choice import accuracy_on_test
from pages.components.train import live_run
from pages.components.train.page_state import Key
from pages.components.train.run_list import Entry
from pages.components.train.settings_choices import OPTIMIZER_NAMES, augmentation_name
from pages.components.words import UNKNOWN, accuracy, number_or_dash

LETTER_PIXELS, MOST_PIXELS = 8, 320
"""Of the column of names: its width for each letter, and the most, which a phone has room for."""


def run_table(found: list[Entry], curves: dict[str, Curves]) -> None:
    """Settings and results of all runs, side by side."""
    rows = []
    for entry in found:
        known = live_run.standing(entry.status, curves.get(entry.run.id) or live_run.curves_of(entry.run))
        config = entry.info.config
        rows.append(
            {
                "run": entry.name,
                "state": live_run.STATES[entry.status.state][0],
                "best validation": accuracy(known.best_validation()),
                "training": accuracy(known.last("accuracy")),
                "test": _test_share(entry),
                "seconds": number_or_dash(known.last("seconds"), ",.1f"),
                "optimizer": OPTIMIZER_NAMES.get(config.optimizer, config.optimizer),
                "rate": f"{config.learning_rate:g}",
                "batch": "all" if config.batch_size == 0 else str(config.batch_size),
                "epochs": "" if config.steps else str(config.epochs),
                "augmentation": augmentation_name(config.augmentation),
                "seed": config.seed,
                "layers": ", ".join(config.layers),
            }
        )
    st.markdown("**All runs**")
    longest = max((len(entry.name) for entry in found), default=0)
    st.dataframe(
        pa.Table.from_pylist(rows),
        hide_index=True,
        key=Key.TABLE,
        alt=f"Settings and results of {len(rows)} runs.",
        # The browser would keep the width of the first names, and cut those that are given later.
        column_config={"run": st.column_config.TextColumn(width=min(MOST_PIXELS, 24 + LETTER_PIXELS * longest))},
    )


def _test_share(entry: Entry) -> str:
    """The accuracy on the test images, once the network is finished."""
    if entry.status.state not in ENDED:
        return UNKNOWN
    try:
        return accuracy_on_test(weights.load_card("network", entry.run.folder))
    except InputError:
        return UNKNOWN
