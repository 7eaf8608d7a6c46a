"""A network to be taken away as a file of another program."""

from collections.abc import Callable

import streamlit as st

from mnist_core.exchange import FORMATS, as_one_file, exported, lacking, missing
from mnist_core.nn import Network
from mnist_core.reading import ModelCard
from pages.components.language import _, gettext_noop
from pages.components.told import told

ENDINGS = {"onnx": ".onnx", "safetensors": ".safetensors", "torch": "_torch.zip"}
NEEDED = {"onnx": "onnx", "safetensors": "safetensors", "torch": "safetensors"}
"""The package without which a format is missing."""
EXPORTED = {
    "onnx": gettext_noop("The whole reading: a 28x28 picture in, probabilities out."),
    "safetensors": gettext_noop("All arrays, with the model card."),
    "torch": gettext_noop("A state dict, and a short program that rebuilds the network."),
}


def for_other_programs(load: Callable[[], tuple[Network, ModelCard]], stem: str, key: Callable[[str], str]) -> None:
    """A button for each format; the file is made when somebody clicks.

    load: gives the network. stem: the file's name without its ending. key: of the button of a format.
    """
    lacks = lacking()
    with st.popover(_("For other programs"), icon=":material/open_in_new:"):
        if sentence := missing("onnx", "safetensors"):
            st.caption(told(sentence))
        for file_format, title in FORMATS.items():
            if NEEDED[file_format] in lacks:
                continue
            st.download_button(
                title,
                lambda file_format=file_format: exported_file(load, file_format),  # type: ignore[misc]
                f"{stem}{ENDINGS[file_format]}",
                key=key(file_format),
                icon=":material/download:",
                on_click="ignore",
                help=_(EXPORTED[file_format]),
            )


def exported_file(load: Callable[[], tuple[Network, ModelCard]], file_format: str) -> bytes:
    """The one file that is downloaded."""
    return as_one_file(exported(*load(), file_format))[1]
