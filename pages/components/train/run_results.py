"""What a training leaves: a network to draw with, files to take away, and the way to bring them back."""

from collections.abc import Mapping

import streamlit as st

from mnist_core import InputError, Recognizer
from mnist_core.exchange import SUFFIXES, missing
from mnist_core.reading import weights
from pages.components.language import _, gettext_noop, language, spoken
from pages.components.other_programs import for_other_programs
from pages.components.own_networks import check_upload, keep_network, key_of, take_upload
from pages.components.shared_state import NETWORK, shared_state
from pages.components.told import told
from pages.components.train.curves import Goal, Line
from pages.components.train.foreign_network import TrainOn, foreign_network, use_network
from pages.components.train.page_state import UPLOAD, Key, export_key, figure_key
from pages.components.train.run_figure import FORMATS as FIGURES
from pages.components.train.run_figure import csv_of, events_of, figure_of
from pages.components.train.run_list import Entry
from pages.components.words import accuracy

SHARES = {
    "validation": gettext_noop("**{accuracy}** of the validation images right"),
    "test": gettext_noop("**{accuracy}** of the test images right"),
}
"""How a share of right answers is told, by the name of the images."""


def run_results(entry: Entry) -> None:
    """What can be done with a network that is trained."""
    folder = entry.run.folder
    try:
        card = weights.load_card("network", folder)
        npz, text = (folder / "network.npz").read_bytes(), (folder / "network.json").read_bytes()
    except (InputError, OSError):
        st.caption(_("The trained network cannot be read; train it again."))
        return
    with st.container(border=True, key=Key.RESULTS):
        other = _("**{accuracy}** of the {images} images right")
        shares = [
            (_(SHARES[name]) if name in SHARES else other).format(accuracy=accuracy(share), images=name)
            for name, share in card.accuracies.items()
        ]
        st.markdown(":material/check_circle: " + _("Trained: {shares}.").format(shares=", ".join(shares)))
        with st.container(horizontal=True):
            use = _("Use it on the Draw page")
            if entry.mine and st.button(use, key=Key.USE, type="primary", icon=":material/draw:"):
                keep_network(key_of(entry.run), Recognizer.load("network", folder))
                NETWORK.forget()
                shared_state().chosen_network = key_of(entry.run)
                st.switch_page("app.py", query_params={"network": key_of(entry.run)})
            st.download_button(
                _("Weights"), npz, "network.npz", key=Key.WEIGHTS, icon=":material/download:", on_click="ignore"
            )
            st.download_button(
                _("Model card"), text, "network.json", key=Key.CARD, icon=":material/download:", on_click="ignore"
            )
            for_other_programs(lambda: weights.load("network", folder), "network", export_key)


def keep_curves(lines: list[Line], goal: Goal | None, created: Mapping[str, float]) -> None:
    """The curves as a table, as a figure and for TensorBoard, to be downloaded. created: when each run was made."""
    code = language()
    with st.popover(_("Keep the curves"), icon=":material/save:"):
        st.download_button(
            _("Table (CSV)"), lambda: csv_of(lines), "curves.csv", "text/csv", key=Key.CSV, on_click="ignore"
        )
        for name, mime in FIGURES.items():
            st.download_button(
                _("Figure ({format})").format(format=name.upper()),
                lambda name=name: _figure(lines, name, goal, code),  # type: ignore[misc]
                f"curves.{name}",
                mime,
                key=figure_key(name),
                on_click="ignore",
            )
        if lacks := missing("tensorboardX"):
            st.caption(told(lacks))
        else:
            st.download_button(
                _("TensorBoard (ZIP)"),
                lambda: events_of(lines, created),
                "tensorboard.zip",
                "application/zip",
                key=Key.EVENTS,
                on_click="ignore",
                help=_("Unpack it, then: tensorboard --logdir FOLDER"),
            )


def _figure(lines: list[Line], file_format: str, goal: Goal | None, code: str) -> bytes:
    """The figure, made when somebody clicks: no page is drawn then, so its language, `code`, is noted before."""
    with spoken(code):
        return figure_of(lines, file_format, goal)


def bring_back(train_on: TrainOn) -> None:
    """A network from a file, downloaded here or made by another program. train_on: starts a run with it."""
    with st.expander(_("Use a network from a file"), icon=":material/upload:"):
        files = st.file_uploader(
            _("Weights (.npz) and model card (.json), both together; or an ONNX or safetensors file"),
            type=["npz", "json", *SUFFIXES],
            accept_multiple_files=True,
            key=UPLOAD.key,
            max_upload_size=32,
            help=_(
                "What this page offers for download under a trained network, or what another program has trained on "
                "MNIST. In PyTorch: torch.onnx.export, or safetensors.torch.save_file(model.state_dict(), ...)."
            ),
        )
        if files and files[0].name.lower().endswith(SUFFIXES):
            foreign_network(files, train_on)
            return
        problems = [problem for file in files or () if (problem := _problem_of(file.name, file.getvalue()))]
        for problem in problems:
            st.error(problem, icon=":material/error:")
        if problems or not files:
            return
        if len(files) == 1:
            st.caption(_("Now add the other file."))
            return
        try:
            key = take_upload([(file.name, file.getvalue()) for file in files])
        except InputError as error:
            st.error(str(error), icon=":material/error:")
            return
        use_network(key, train_on)


def _problem_of(name: str, data: bytes) -> str:
    """What is wrong with one of the two files, whatever the other is; "" if nothing is seen."""
    try:
        check_upload(name, data)
    except InputError as error:
        return str(error)
    return ""
