"""A table of all runs: their settings and what came of them."""

import math

import pyarrow as pa
import streamlit as st

from mnist_core import InputError
from mnist_core.reading import weights
from mnist_core.runs import ENDED, Curves
from pages.components.network_choice import accuracy_on_test
from pages.components.train import live_run
from pages.components.train.run_list import Entry
from pages.components.train.settings_choices import AUGMENTATION_NAMES, OPTIMIZER_NAMES


def run_table(found: list[Entry], curves: dict[str, Curves]) -> None:
    """Settings and results of all runs, side by side."""
    rows = []
    for entry in found:
        known = curves.get(entry.run.id) or live_run.curves_of(entry.run)
        config = entry.info.config
        rows.append(
            {
                "run": entry.name,
                "state": live_run.STATES[entry.status.state][0],
                "best validation": _share(known.best_validation()),
                "training": _share(known.last("accuracy")),
                "test": _test_share(entry),
                "seconds": "" if math.isnan(known.last("seconds")) else f"{known.last('seconds'):,.1f}",
                "optimizer": OPTIMIZER_NAMES.get(config.optimizer, config.optimizer),
                "rate": f"{config.learning_rate:g}",
                "batch": "all" if config.batch_size == 0 else str(config.batch_size),
                "epochs": "" if config.steps else str(config.epochs),
                "augmentation": AUGMENTATION_NAMES.get(config.augmentation, config.augmentation),
                "seed": config.seed,
                "layers": ", ".join(config.layers),
            }
        )
    st.markdown("**All runs**")
    st.dataframe(
        pa.Table.from_pylist(rows), hide_index=True, key="table", alt=f"Settings and results of {len(rows)} runs."
    )


def _test_share(entry: Entry) -> str:
    """The accuracy on the test images, "" as long as the network is not finished."""
    if entry.status.state not in ENDED:
        return ""
    try:
        return accuracy_on_test(weights.load_card("network", entry.run.folder))
    except InputError:
        return ""


def _share(value: float) -> str:
    return "" if math.isnan(value) else f"{math.floor(value * 10_000 + 1e-6) / 100:.2f} %"
