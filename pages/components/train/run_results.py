"""What a training leaves: a network to draw with, files to take away, and the way to bring them back."""

import streamlit as st

from mnist_core import InputError, Recognizer
from mnist_core.reading import weights
from pages.components.own_networks import check_upload, keep_network, key_of, take_upload
from pages.components.shared_state import NETWORK, shared_state
from pages.components.train.curves import Goal, Line
from pages.components.train.page_state import UPLOAD, Key, figure_key
from pages.components.train.run_figure import FORMATS, csv_of, figure_of
from pages.components.train.run_list import Entry
from pages.components.words import accuracy


def run_results(entry: Entry) -> None:
    """What can be done with a network that is trained."""
    folder = entry.run.folder
    try:
        card = weights.load_card("network", folder)
        npz, text = (folder / "network.npz").read_bytes(), (folder / "network.json").read_bytes()
    except (InputError, OSError):
        st.caption("The trained network cannot be read; train it again.")
        return
    with st.container(border=True, key=Key.RESULTS):
        shares = [f"**{accuracy(share)}** of the {name} images right" for name, share in card.accuracies.items()]
        st.markdown(f":material/check_circle: Trained: {', '.join(shares)}.")
        with st.container(horizontal=True):
            if entry.mine and st.button("Use it on the Draw page", key=Key.USE, type="primary", icon=":material/draw:"):
                keep_network(key_of(entry.run), Recognizer.load("network", folder))
                NETWORK.forget()
                shared_state().chosen_network = key_of(entry.run)
                st.switch_page("app.py", query_params={"network": key_of(entry.run)})
            st.download_button(
                "Weights", npz, "network.npz", key=Key.WEIGHTS, icon=":material/download:", on_click="ignore"
            )
            st.download_button(
                "Model card", text, "network.json", key=Key.CARD, icon=":material/download:", on_click="ignore"
            )


def keep_curves(lines: list[Line], goal: Goal | None) -> None:
    """The curves as a table and as a figure, to be downloaded."""
    with st.popover("Keep the curves", icon=":material/save:"):
        st.download_button(
            "Table (CSV)", lambda: csv_of(lines), "curves.csv", "text/csv", key=Key.CSV, on_click="ignore"
        )
        for name, mime in FORMATS.items():
            st.download_button(
                f"Figure ({name.upper()})",
                lambda name=name: figure_of(lines, name, goal),  # type: ignore[misc]
                f"curves.{name}",
                mime,
                key=figure_key(name),
                on_click="ignore",
            )


def bring_back() -> None:
    """A network that was downloaded here before, taken up again."""
    with st.expander("Use a network that you downloaded", icon=":material/upload:"):
        files = st.file_uploader(
            "Weights (.npz) and model card (.json), both together",
            type=["npz", "json"],
            accept_multiple_files=True,
            key=UPLOAD.key,
            max_upload_size=32,
            help="The two files that this page offers for download under a trained network.",
        )
        problems = [problem for file in files or () if (problem := _problem_of(file.name, file.getvalue()))]
        for problem in problems:
            st.error(problem, icon=":material/error:")
        if problems or not files:
            return
        if len(files) == 1:
            st.caption("Now add the other file.")
            return
        try:
            key = take_upload([(file.name, file.getvalue()) for file in files])
        except InputError as error:
            st.error(str(error), icon=":material/error:")
            return
        st.page_link("app.py", label="Draw with it", icon=":material/draw:", query_params={"network": key})


def _problem_of(name: str, data: bytes) -> str:
    """What is wrong with one of the two files, whatever the other is; "" if nothing is seen."""
    try:
        check_upload(name, data)
    except InputError as error:
        return str(error)
    return ""
