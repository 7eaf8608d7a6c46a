"""A network that another program has trained: what must be asked about its file, and what can be done with it."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from mnist_core import InputError, Recognizer
from mnist_core.exchange import FITS, SCALES, Imported, PicturesWanted, best_way, take_apart
from mnist_core.nn import parse_layers
from mnist_core.runs import FirstState
from pages.components.language import _, gettext_noop
from pages.components.link import kept_in_links
from pages.components.own_networks import keep_network, own_networks
from pages.components.train.page_state import (
    FOREIGN_LAYERS,
    Key,
    foreign_fit,
    foreign_numbers,
    foreign_scale,
    train_page_state,
)
from pages.components.words import percent

TrainOn = Callable[[FirstState], None]
OTHER = "another"
SCALE_WORDS = {
    "0..1": gettext_noop("0 for background to 1 for ink"),
    "0.1307,0.3081": gettext_noop("mean 0.1307, deviation 0.3081"),
    "0..255": gettext_noop("0 for background to 255 for ink"),
    "-1..1": gettext_noop("-1 for background to 1 for ink"),
    "1..0": gettext_noop("1 for paper to 0 for ink"),
    OTHER: gettext_noop("another mean and deviation"),
}
FIT_WORDS = {"pad": gettext_noop("with a margin around it"), "resize": gettext_noop("enlarged or reduced")}
MOST_KEPT = 4


def foreign_network(files: Sequence[Any], train_on: TrainOn) -> None:
    """The questions that an uploaded file leaves open, and then the network. train_on: starts a run with it."""
    if len(files) > 1:
        st.error(_("Expected one ONNX or safetensors file, and no other beside it."), icon=":material/error:")
        return
    (file,) = files
    try:
        upload = str(file.file_id)
        imported = _taken_apart(upload, file.name, file.getvalue())
        if imported.needs_layers:
            text = st.text_area(
                _("Layers, one on a line"),
                key=FOREIGN_LAYERS.key,
                placeholder="conv 16 3\nrelu\nmaxpool 2\nflatten\ndense 10",
                help=_(
                    "A safetensors file holds arrays, but not what is computed with them. Write all layers in their "
                    "order, from 28×28 pixels on: conv FILTERS SIZE, dense UNITS, batchnorm, relu, maxpool SIZE, "
                    "flatten."
                ),
            )
            if not text.strip():
                st.caption(_("This file does not say which layers its arrays belong to."))
                return
            lines = parse_layers(text)
            imported = imported.with_layers(lines)
            upload = f"{upload} {lines}"
        recognizer = _recognizer(upload, imported, _pictures(upload, imported))
    except InputError as error:
        st.error(str(error), icon=":material/error:")
        return
    key = f"upload:{recognizer.card.title[:60]}"
    keep_network(key, recognizer)
    use_network(key, train_on)


def use_network(key: str, train_on: TrainOn) -> None:
    """What can be done with one of the visitor's own networks."""
    recognizer = own_networks()[key]
    st.caption(" → ".join(f"`{line}`" for line in recognizer.network.description))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(
            "app.py", label=_("Draw with it"), icon=":material/draw:", query_params={"network": key} | kept_in_links()
        )
        st.page_link(
            "pages/inside.py",
            label=_("Look inside"),
            icon=":material/visibility:",
            query_params={"network": key} | kept_in_links(),
        )
        st.button(
            _("Train it on"),
            key=Key.TRAIN_ON,
            icon=":material/play_arrow:",
            on_click=lambda: train_on(FirstState(recognizer.network, recognizer.card.title)),
            help=_("A run that begins with this network instead of new weights, with a low learning rate."),
        )


def _taken_apart(upload: str, name: str, data: bytes) -> Imported:
    """The file, taken apart once for each upload."""
    kept = train_page_state().foreign
    if upload not in kept:
        kept[upload] = take_apart(name, data)
        while len(kept) > MOST_KEPT:
            kept.pop(next(iter(kept)))
    return kept[upload]


def _recognizer(upload: str, imported: Imported, wanted: PicturesWanted) -> Recognizer:
    """The network, made once for each answer to the questions: pages hold on to it while they draw."""
    kept, key = train_page_state().foreign_networks, f"{upload} {wanted}"
    if key not in kept:
        kept[key] = Recognizer(*imported.network(wanted))
        while len(kept) > MOST_KEPT:
            kept.pop(next(iter(kept)))
    return kept[key]


def _pictures(upload: str, imported: Imported) -> PicturesWanted:
    """Which pictures the network was trained on, as the visitor says; offered first is what it reads best."""
    if imported.card is not None:
        return PicturesWanted()
    usual, right = _best(upload, imported)
    scales = [*SCALES, OTHER]
    scale = st.selectbox(
        _("Pixels it was trained on"),
        scales,
        index=scales.index(usual.scale),
        format_func=lambda scale: _(SCALE_WORDS[scale]),
        key=foreign_scale(upload).key,
        help=_("How the program that trained it scaled MNIST's pixels; its author knows."),
    )
    best = _("Of the usual ones, it reads training images best with {scale}: {accuracy} right.")
    st.caption(best.format(scale=_(SCALE_WORDS[usual.scale]), accuracy=percent(right)))
    if scale == OTHER:
        scale = st.text_input(
            _("Mean and deviation of pixels from 0 to 1"), "0.5, 0.25", key=foreign_numbers(upload).key, max_chars=60
        )
    side = imported.body.side if imported.body else 28
    fit = usual.fit
    if side > 28:
        fit = st.segmented_control(
            _("28×28 pixels become {side}×{side}").format(side=side),
            FITS,
            default=usual.fit,
            format_func=lambda fit: _(FIT_WORDS[fit]),
            key=foreign_fit(upload).key,
            required=True,
        )
    return PicturesWanted(scale, fit)


def _best(upload: str, imported: Imported) -> tuple[PicturesWanted, float]:
    kept = train_page_state().usual_pictures
    if upload not in kept:
        with st.spinner(_("The usual ways to scale pixels are tried on training images …")):
            kept[upload] = best_way(imported)
        while len(kept) > MOST_KEPT:
            kept.pop(next(iter(kept)))
    return kept[upload]
