"""A table of all runs: their settings and what came of them."""

import pyarrow as pa
import streamlit as st

from mnist_core import InputError
from mnist_core.reading import weights
from mnist_core.runs import ENDED, Curves
from pages.components.charts import LARGER
from pages.components.datasets import dataset_titles
from pages.components.language import _, gettext_noop
from pages.components.network_choice import accuracy_on_test
from pages.components.screen import for_projector, on_phone
from pages.components.train import live_run
from pages.components.train.line_names import cut
from pages.components.train.page_state import Key
from pages.components.train.run_list import Entry
from pages.components.train.settings_choices import OPTIMIZER_NAMES, augmentation_name, name_in
from pages.components.words import UNKNOWN, accuracy, counted, number_or_dash

HEADS = {
    "run": gettext_noop("run"),
    "state": gettext_noop("state"),
    "best validation": gettext_noop("best validation"),
    "training": gettext_noop("training"),
    "test": gettext_noop("test"),
    "seconds": gettext_noop("seconds"),
    "optimizer": gettext_noop("optimizer"),
    "rate": gettext_noop("rate"),
    "batch": gettext_noop("batch"),
    "epochs": gettext_noop("epochs"),
    "augmentation": gettext_noop("augmentation"),
    "seed": gettext_noop("seed"),
    "layers": gettext_noop("layers"),
    "dataset": gettext_noop("dataset"),
}
LETTER_PIXELS, MOST_PIXELS = 8, 320
"""Of the column of names: its width for each letter, and the most."""
PHONE_LETTERS = 20
"""On a phone, names are shorter, so that other columns are seen beside them."""


def run_table(found: list[Entry], curves: dict[str, Curves]) -> None:
    """Settings and results of all runs, side by side."""
    names = [entry.name for entry in found]
    if on_phone():
        names = [cut(name, PHONE_LETTERS) for name in names]
    several = any(entry.info.dataset for entry in found)
    titles = dataset_titles() if several else {}
    rows = []
    for entry, name in zip(found, names, strict=True):
        known = live_run.standing(entry.status, curves.get(entry.run.id) or live_run.curves_of(entry.run))
        config = entry.info.config
        rows.append(
            {
                "run": name,
                "state": live_run.look_of_state(entry.status)[0],
                "best validation": accuracy(known.best_validation()),
                "training": accuracy(known.last("accuracy")),
                "test": _test_share(entry),
                "seconds": number_or_dash(known.last("seconds"), ",.1f"),
                "optimizer": name_in(OPTIMIZER_NAMES, config.optimizer),
                "rate": number_or_dash(config.learning_rate, "g"),
                "batch": _("all") if config.batch_size == 0 else str(config.batch_size),
                "epochs": "" if config.steps else str(config.epochs),
                "augmentation": augmentation_name(config.augmentation),
                "seed": config.seed,
                "layers": ", ".join(config.layers),
            }
            | ({"dataset": titles.get(entry.info.dataset, entry.info.dataset)} if several else {})
        )
    st.markdown(_("**All runs**"))
    longest = max(map(len, names), default=0)
    width, most = LETTER_PIXELS * longest + 24, MOST_PIXELS
    if for_projector():
        width, most = round(LARGER * width), round(LARGER * MOST_PIXELS)
    st.dataframe(
        pa.Table.from_pylist(rows),
        hide_index=True,
        key=Key.TABLE,
        alt=counted(len(rows), "Settings and results of {count} run.", "Settings and results of {count} runs."),
        column_config={name: st.column_config.Column(_(head)) for name, head in HEADS.items()}
        # The browser would keep the width of the first names, and cut those that are given later.
        | {"run": st.column_config.TextColumn(_(HEADS["run"]), width=min(most, width))},
    )


def _test_share(entry: Entry) -> str:
    """The accuracy on the test images, once the network is finished."""
    if entry.status.state not in ENDED:
        return UNKNOWN
    try:
        return accuracy_on_test(weights.load_card("network", entry.run.folder))
    except InputError:
        return UNKNOWN
