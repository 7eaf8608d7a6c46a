"""What is set in the form of a training, on its way between the widgets, the session and the page's address.

Every widget's key begins with "set_"; "settings" keeps their values while another page is open.
"""

from typing import Any

import streamlit as st

from mnist_core import InputError
from mnist_core.nn import Architecture, recognize
from mnist_core.training import TrainingConfig
from pages.components.train.settings_choices import (
    MAX_CONVOLUTIONS,
    MAX_DROPOUT,
    MAX_FILTERS,
    MAX_HIDDEN_LAYERS,
    MAX_UNITS,
    Kind,
)
from pages.components.train.training_link import DEFAULT, NAMES, Preset, from_query, preset_config, to_query

OTHERS = ("dtype", "steps", "stop_at_loss", "validate_every", "averaging")
"""Settings that have no control of their own, but come with a preset or a link."""


def _values(preset: Preset, config: TrainingConfig) -> dict[str, Any]:
    """What the widgets show for these settings."""
    architecture = recognize(config.layers)
    if architecture and not _fits_the_controls(architecture):
        architecture = None
    known = architecture or Architecture()
    kind: Kind = "own" if architecture is None else "cnn" if architecture.filters else "dense"
    return {
        "set_preset": preset.key,
        "set_kind": kind,
        "set_layers": "\n".join(config.layers),
        "set_filters": ", ".join(map(str, known.filters or (16, 32))),
        "set_units": ", ".join(map(str, known.units)),
        "set_activation": known.activation,
        "set_batchnorm": known.batchnorm,
        "set_dropout": known.dropout,
        "set_kernel": known.kernel,
        "set_validation": config.validation,
        "set_train_images": config.train_images,
        "set_sampling": config.sampling,
        "set_augmentation": config.augmentation,
        "set_optimizer": config.optimizer,
        "set_learning_rate": config.learning_rate,
        "set_schedule": config.schedule,
        "set_whole_batch": config.batch_size == 0,
        "set_batch_size": config.batch_size or 128,
        "set_epochs": config.epochs,
        "set_l2": config.l2,
        "set_loss": config.loss,
        "set_seed": config.seed,
        "set_other": {name: getattr(config, name) for name in OTHERS},
    }


def _fits_the_controls(architecture: Architecture) -> bool:
    return (
        len(architecture.filters) <= MAX_CONVOLUTIONS
        and len(architecture.units) <= MAX_HIDDEN_LAYERS
        and max(architecture.filters, default=0) <= MAX_FILTERS
        and max(architecture.units, default=0) <= MAX_UNITS
        and architecture.dropout <= MAX_DROPOUT
    )


def put_settings(preset: Preset, config: TrainingConfig) -> None:
    """Show these settings in the form; for callbacks, before the form is drawn."""
    st.session_state.update(_values(preset, config))


def take_preset() -> None:
    """Show the settings of the preset that was just chosen."""
    preset = Preset.from_key(st.session_state["set_preset"])
    put_settings(preset, preset_config(preset))


def take_link(total: int) -> None:
    """Show what the page's address says, if that is new; otherwise what was set when the page was last open."""
    state = st.session_state
    query = {name: value for name, value in st.query_params.to_dict().items() if name in NAMES}
    if query and query != state.get("settings_link"):
        state["settings_link"] = query
        try:
            preset, config = from_query(query)
            _check_limits(config, total)
            put_settings(preset, config)
            return
        except InputError as error:
            st.warning(f"The setting in this link cannot be used. {error}", icon=":material/link_off:")
    # Streamlit forgets a widget that was not drawn in the last run: on another page, or below an error.
    kept = state.get("settings") or _values(DEFAULT, preset_config(DEFAULT))
    state.update({name: value for name, value in kept.items() if name not in state})


def _check_limits(config: TrainingConfig, total: int) -> None:
    """Raise InputError for what a link may say but the controls of the form cannot show."""
    for name, low, high in (
        ("learning_rate", 1e-7, 100.0),
        ("validation", 0, total - 10),
        ("train_images", 0, total),
    ):
        value = getattr(config, name)
        if not low <= value <= high:
            raise InputError(f"{name}: expected {low:g} to {high:g}, found {value:g}.")


def keep_settings(preset: Preset, config: TrainingConfig | None) -> None:
    """Note what is set, in the session and, if it can be, in the page's address."""
    state = st.session_state
    before = state.get("settings") or _values(preset, preset_config(preset))
    state["settings"] = {name: state.get(name, value) for name, value in before.items()}
    if config is None:
        return
    link = to_query(preset, config)
    if link != state.get("settings_link"):
        state["settings_link"] = link
        for name in [name for name in st.query_params if name in NAMES]:
            del st.query_params[name]
        st.query_params.update(link)
