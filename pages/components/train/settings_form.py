"""The form in which a training is set up: from a preset, in a student's words."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from mnist_core import InputError
from mnist_core.data import AUGMENTATIONS, USUAL, Dataset, to_unit
from mnist_core.nn import LOSSES, parse, plan_network
from mnist_core.recipes import catalog, measured
from mnist_core.training import SAMPLING, TrainingConfig, check_outputs, count_training_images, largest_batch
from pages.components.datasets import dataset_titles, dataset_version, mapped_dataset
from pages.components.language import _, pgettext
from pages.components.pictures import mosaic
from pages.components.told import told
from pages.components.train.network_form import network_form
from pages.components.train.page_state import DATASET, PRESET, SETTINGS, train_page_state
from pages.components.train.settings_choices import (
    AUGMENTATION_NAMES,
    LOSS_NAMES,
    MAX_BATCH,
    MAX_RATE,
    MIN_RATE,
    OPTIMIZER_NAMES,
    SAMPLING_NAMES,
    SCHEDULE_NAMES,
    augmentation_name,
    name_in,
    with_current,
)
from pages.components.train.settings_state import form_values, keep_settings, take_link, take_preset
from pages.components.train.training_link import Preset, preset_config, preset_title, presets
from pages.components.words import accuracy, counted, whole


@dataclass(frozen=True)
class Setting:
    """What is set: the preset that it started from, the settings, None if they are impossible, and the dataset.

    run_name: if the settings came with one; "" for none.
    """

    preset: Preset
    config: TrainingConfig | None
    dataset: str = USUAL
    run_name: str = ""


def settings_form(root: Path) -> Setting:
    """Draw the form, which says why settings are impossible. root: the folder of all runs."""
    names = dataset_titles()
    name, dataset = take_link(names, lambda name: mapped_dataset(root, name))
    key = st.selectbox(
        _("Start from"),
        [preset.key for preset in presets()],
        format_func=lambda key: preset_title(Preset.from_key(key)),
        key=PRESET.key,
        on_change=take_preset,
        args=(name, dataset),
        help=_(
            "A ready setting: the networks of this app, and six that were published as notebooks. "
            "A corrected twin differs from the published one only in its mistake."
        ),
    )
    preset = Preset.from_key(key)
    about = st.container()
    if len(names) > 1:
        st.selectbox(
            _("Dataset"),
            list(names),
            format_func=names.__getitem__,
            key=DATASET.key,
            help=_("The images to learn from. The last layer gets an output for each of their classes."),
        )
    place = st.container()
    try:
        config = _config(name, dataset)
        place.caption(_summary(config, dataset))
    except InputError as error:
        place.error(str(error), icon=":material/error:")
        config = None
    keep_settings(preset, config, name, dataset)
    with about:
        if config is None or _is_like(config, preset_config(preset, dataset)):
            _about(preset)
        else:
            st.caption(_("This setting was changed: **Network**, **Learning** and **Images** say how it is now."))
    return Setting(preset, config, name, train_page_state().run_name)


def _is_like(config: TrainingConfig, preset: TrainingConfig) -> bool:
    """Whether what is said about a preset is still so: of its network, and of the images that it learns from."""

    def said(one: TrainingConfig) -> tuple[object, ...]:
        return one.layers, one.loss, one.l2, one.augmentation, one.train_images, one.sampling, one.batch_size == 0

    return said(config) == said(preset)


def _about(preset: Preset) -> None:
    recipe = catalog.RECIPES[preset.recipe]
    words = [_(recipe.description)]
    if recipe.printed is not None:
        words.append(_("Its author printed **{accuracy}**.").format(accuracy=accuracy(recipe.printed)))
        words.append(_(recipe.lesson))
        words.append(told(measured()[recipe.name].cost))
    st.caption(" ".join(word for word in words if word))


def _config(name: str, dataset: Dataset) -> TrainingConfig:
    """All controls, in three groups. Raises InputError for settings that do not go together."""
    others = form_values().others
    total = len(dataset.train_labels)
    layers: tuple[str, ...] = ()
    wrong = None
    with st.expander(_("Network"), icon=":material/hub:"):
        try:
            layers = network_form(len(dataset.classes))
        except InputError as error:
            # Raised only after all controls are drawn: Streamlit forgets the values of those that are not.
            wrong = error
    with st.expander(_("Images"), icon=":material/image:"):
        validation = st.number_input(
            _("Held out for validation"),
            0,
            max(0, total - 10),
            step=1000,
            key=SETTINGS["validation"].key,
            help=_(
                "Images that the network never learns from. How well it reads them shows whether it has understood "
                "or only learned by heart."
            ),
        )
        train_images = st.number_input(
            _("Images to learn from (0: all the others)"),
            0,
            total,
            step=1000,
            key=SETTINGS["train_images"].key,
            help=_("Of {total}. With few, training is quick, and you see a network learn them by heart.").format(
                total=whole(total)
            ),
        )
        sampling = st.selectbox(
            pgettext("of the images", "Order"),
            SAMPLING,
            format_func=lambda text: name_in(SAMPLING_NAMES, text),
            key=SETTINGS["sampling"].key,
            help=_("In which order the network sees the images."),
        )
        augmentation = st.selectbox(
            _("Augmentation"),
            with_current(AUGMENTATION_NAMES, SETTINGS["augmentation"].value),
            format_func=augmentation_name,
            key=SETTINGS["augmentation"].key,
            help=_(
                "New images out of old ones, slightly turned, sized and shifted each time, as other hands would "
                "write them."
            ),
        )
        st.image(
            _preview(dataset.train_images[:10], dataset_version(name), augmentation),
            alt=_("Ten training images with augmentation {augmentation}.").format(augmentation=augmentation),
            width="stretch",
        )
    with st.expander(_("Learning"), icon=":material/school:", expanded=False):
        optimizer = st.selectbox(
            _("Optimizer"),
            with_current(OPTIMIZER_NAMES, SETTINGS["optimizer"].value),
            format_func=lambda text: name_in(OPTIMIZER_NAMES, text),
            key=SETTINGS["optimizer"].key,
            help=_("How the numbers in the network follow the slope of the loss. Adam is the safest choice."),
        )
        rate = st.number_input(
            _("Learning rate"),
            MIN_RATE,
            MAX_RATE,
            step=0.001,
            format="%g",
            key=SETTINGS["learning_rate"].key,
            help=_("How large each step is. Too small: it crawls. Too large: the loss jumps or explodes."),
        )
        schedule = st.selectbox(
            _("Schedule"),
            with_current(SCHEDULE_NAMES, SETTINGS["schedule"].value),
            format_func=lambda text: name_in(SCHEDULE_NAMES, text),
            key=SETTINGS["schedule"].key,
            help=_("How the learning rate changes during the training."),
        )
        whole_batch = st.toggle(
            _("All images in one batch"),
            key=SETTINGS["whole_batch"].key,
            help=_("One step an epoch, along the slope for all images at once."),
        )
        batch_size = st.number_input(
            _("Batch size"),
            1,
            MAX_BATCH,
            step=32,
            key=SETTINGS["batch_size"].key,
            disabled=whole_batch,
            help=_("How many images the network looks at before each step."),
        )
        epochs = st.number_input(
            _("Epochs"),
            1,
            10_000,
            key=SETTINGS["epochs"].key,
            help=_("How many times it sees all images."),
            disabled=bool(others["steps"]),
        )
        if steps := others["steps"]:
            st.caption(_("This preset counts steps instead: {steps}.").format(steps=whole(steps)))
        l2 = st.number_input(
            _("L2"),
            0.0,
            10.0,
            step=0.0001,
            format="%g",
            key=SETTINGS["l2"].key,
            help=_("Pulls large weights toward 0, against learning by heart. 0 switches it off."),
        )
        loss = st.selectbox(
            _("Loss"),
            with_current({name: name for name in LOSSES}, SETTINGS["loss"].value),
            format_func=_loss_name,
            key=SETTINGS["loss"].key,
            help=_("How wrong an answer is, as one number that the training makes small."),
        )
        seed = st.number_input(
            _("Seed"),
            0,
            2**32 - 1,
            key=SETTINGS["seed"].key,
            help=_(
                "Where the random numbers start. The same seed gives the same training; another one shows how much "
                "was luck."
            ),
        )
    if wrong is not None:
        raise wrong
    if train_images + validation > total or validation >= total:
        raise InputError(
            _(
                "{train_images} images to learn from and {validation} for validation are more than the {total} that "
                "there are."
            ).format(train_images=whole(train_images), validation=whole(validation), total=whole(total))
        )
    return TrainingConfig(
        layers=layers,
        loss=loss,
        optimizer=optimizer,
        learning_rate=float(rate),
        schedule=schedule,
        batch_size=0 if whole_batch else int(batch_size),
        epochs=int(epochs),
        l2=float(l2),
        augmentation=augmentation,
        validation=int(validation),
        train_images=0 if train_images == total - validation else int(train_images),
        seed=int(seed),
        sampling=sampling,
        **others,
    )


def _summary(config: TrainingConfig, dataset: Dataset) -> str:
    """How large it will be, in one line.

    Raises InputError if it is too large for the memory, or if there are more classes than outputs.
    """
    network = plan_network(config.layers)
    check_outputs(network.shapes[-1][0], dataset)
    images = count_training_images(config, len(dataset.train_labels), config.validation)
    batch = config.batch_size or images
    most = largest_batch(network)
    if most is not None and batch > most:
        raise InputError(
            _(
                "Batch size {batch_size} is too large for the memory: with this network's normalization at most "
                "{most} images fit."
            ).format(batch_size=whole(batch), most=whole(most))
        )
    steps = config.total_steps(images)
    parts = (
        counted(network.size, "{count} number to learn", "{count} numbers to learn"),
        counted(images, "{count} image", "{count} images"),
        counted(steps, "{count} step", "{count} steps"),
    )
    return " · ".join(parts)


def _loss_name(loss: str) -> str:
    if loss in LOSS_NAMES:
        return name_in(LOSS_NAMES, loss)
    return _("{loss} (a published mistake)").format(loss=loss.replace("_", " "))


@st.cache_data(show_spinner=False, max_entries=50)
def _preview(_images: np.ndarray, version: str, augmentation: str) -> str:
    images = to_unit(_images)
    warped = parse(augmentation, AUGMENTATIONS, "augmentation")(images, np.random.default_rng(0))
    return mosaic(warped, columns=10)
