"""What is set in the form of a training: brought from a preset or the page's address into the widgets, and back."""

import dataclasses
from collections.abc import Callable, Mapping

import streamlit as st

from mnist_core import InputError
from mnist_core.data import USUAL, Dataset
from mnist_core.nn import DIGITS, Architecture, recognize
from mnist_core.runs import clean_name
from mnist_core.training import TrainingConfig, fitted
from pages.components.language import _
from pages.components.train.page_state import DATASET, PRESET, SETTINGS, FormValues, train_page_state
from pages.components.train.settings_choices import (
    MAX_CONVOLUTIONS,
    MAX_DROPOUT,
    MAX_FILTERS,
    MAX_HIDDEN_LAYERS,
    MAX_RATE,
    MAX_UNITS,
    MIN_RATE,
    Kind,
)
from pages.components.train.training_link import DEFAULT, NAME, NAMES, Preset, from_query, preset_config, to_query

OTHERS = ("dtype", "steps", "stop_at_loss", "validate_every", "averaging")
"""Settings that have no control of their own, but come with a preset or a link."""


def _values(preset: Preset, config: TrainingConfig, name: str = USUAL, classes: int = DIGITS) -> FormValues:
    """What the form shows for these settings, with the dataset of that name and so many classes."""
    architecture = recognize(config.layers)
    if architecture and not (_fits_the_controls(architecture) and architecture.outputs == classes):
        architecture = None
    known = architecture or Architecture()
    kind: Kind = "own" if architecture is None else "cnn" if architecture.filters else "dense"
    return FormValues(
        preset=preset.key,
        dataset=name,
        kind=kind,
        layers="\n".join(config.layers),
        filters=", ".join(map(str, known.filters or (16, 32))),
        units=", ".join(map(str, known.units)),
        activation=known.activation,
        batchnorm=known.batchnorm,
        dropout=known.dropout,
        validation=config.validation,
        train_images=config.train_images,
        sampling=config.sampling,
        augmentation=config.augmentation,
        optimizer=config.optimizer,
        learning_rate=config.learning_rate,
        schedule=config.schedule,
        whole_batch=config.batch_size == 0,
        batch_size=config.batch_size or 128,
        epochs=config.epochs,
        l2=config.l2,
        loss=config.loss,
        seed=config.seed,
        kernel=known.kernel,
        others={name: getattr(config, name) for name in OTHERS},
    )


def _fits_the_controls(architecture: Architecture) -> bool:
    return (
        len(architecture.filters) <= MAX_CONVOLUTIONS
        and len(architecture.units) <= MAX_HIDDEN_LAYERS
        and max(architecture.filters, default=0) <= MAX_FILTERS
        and max(architecture.units, default=0) <= MAX_UNITS
        and architecture.dropout <= MAX_DROPOUT
    )


def form_values() -> FormValues:
    """What was last set in the form; at first, the default."""
    return train_page_state().form or _values(DEFAULT, preset_config(DEFAULT))


def put_settings(preset: Preset, config: TrainingConfig, name: str, dataset: Dataset) -> None:
    """Show these settings, for a dataset, in the form: in a callback, or before the form is drawn."""
    values = train_page_state().form = _values(preset, config, name, len(dataset.classes))
    for name, widget in SETTINGS.items():
        widget.put(getattr(values, name))


def take_preset(name: str, dataset: Dataset) -> None:
    """Show the settings of the preset that was just chosen, for the dataset of that name."""
    preset = Preset.from_key(PRESET.value)
    put_settings(preset, preset_config(preset, dataset), name, dataset)


def take_link(titles: Mapping[str, str], load: Callable[[str], Dataset]) -> tuple[str, Dataset]:
    """Show what the page's address says, if that is new; otherwise what was set when the page was last open.

    titles: the datasets that can be chosen; load: gives one by its name. Returns the one that is chosen, and its name.
    """
    state = train_page_state()
    query = {name: value for name, value in st.query_params.to_dict().items() if name in NAMES}
    if query and query != state.link:
        state.link = query
        try:
            name = query.get("dataset", USUAL)
            if name not in titles:
                raise InputError(_("There is no dataset called {name} on this server.").format(name=repr(name[:60])))
            dataset = load(name)
            preset, config = from_query(query, dataset)
            check_limits(config, len(dataset.train_labels))
            put_settings(preset, config, name, dataset)
            state.run_name, state.named_setting = clean_name(query.get(NAME, "")), None
            return name, dataset
        except InputError as error:
            words = _("The setting in this link cannot be used. {error}").format(error=error)
            st.warning(words, icon=":material/link_off:")
    if state.form is None:
        dataset = load(USUAL)
        state.form = _values(DEFAULT, preset_config(DEFAULT, dataset), USUAL, len(dataset.classes))
    # Streamlit forgets a widget that was not drawn in the last run: on another page, or below an error.
    for setting, widget in SETTINGS.items():
        if not widget.has_value():
            widget.put(getattr(state.form, setting))
    return _take_dataset(titles, load)


def _take_dataset(titles: Mapping[str, str], load: Callable[[str], Dataset]) -> tuple[str, Dataset]:
    """The dataset that is chosen in the form; if it has just been chosen, the setting is fitted to it."""
    state = train_page_state()
    assert state.form is not None
    name = DATASET.value
    try:
        if name not in titles:
            raise InputError(_("It is not there any more."))
        dataset = load(name)
    except InputError as error:
        st.error(_("This dataset cannot be used. {error}").format(error=error), icon=":material/error:")
        name, dataset = USUAL, load(USUAL)
    if name != state.form.dataset:
        try:
            # What differs from the preset stays.
            preset, config = from_query(state.link, dataset)
        except InputError:
            preset = Preset.from_key(state.form.preset)
            config = preset_config(preset, dataset)
        put_settings(preset, fitted(config, dataset), name, dataset)
    return name, dataset


def check_limits(config: TrainingConfig, total: int) -> None:
    """Raise InputError for a value in a link that the controls of the form cannot show."""
    for name, low, high in (
        ("learning_rate", MIN_RATE, MAX_RATE),
        ("validation", 0, max(0, total - 10)),
        ("train_images", 0, total),
    ):
        value = getattr(config, name)
        if not low <= value <= high:
            raise InputError(f"{name}: expected {low:g} to {high:g}, found {value:g}.")


def keep_settings(preset: Preset, config: TrainingConfig | None, name: str, dataset: Dataset) -> None:
    """Note what is set, in the session and, if it is possible, in the page's address."""
    state, before = train_page_state(), form_values()
    now = {name: widget.value_or(getattr(before, name)) for name, widget in SETTINGS.items()}
    state.form = dataclasses.replace(before, **now)
    if config is None:
        return
    if state.named_setting is None:
        state.named_setting = (config, name)
    if state.named_setting != (config, name):
        # Another training than the link was made for.
        state.run_name = ""
    link = to_query(preset, config, name, dataset) | ({NAME: state.run_name} if state.run_name else {})
    if link != state.link:
        state.link = link
        for name in [name for name in st.query_params if name in NAMES]:
            del st.query_params[name]
        st.query_params.update(link)
