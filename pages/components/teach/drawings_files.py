"""The visitor's drawings as files: taken away, brought back, and all of them deleted."""

import io
from collections.abc import Callable

import streamlit as st
from PIL import Image

from mnist_core import InputError
from mnist_core.drawings import Collection, DrawingStore, as_idx, as_pen, as_pictures, bring_back
from pages.components.language import _
from pages.components.teach.page_state import SURE_TO_DELETE_ALL, Key, teach_page_state, upload_box
from pages.components.words import counted, whole

ENDINGS = ["zip", "npz", "gz", "idx", "idx3-ubyte", "idx1-ubyte"]


def drawings_files(store: DrawingStore, secret: str, drawings: Collection) -> None:
    """Three small forms."""
    with st.container(horizontal=True):
        if len(drawings):
            with st.popover(_("Download"), icon=":material/download:"):
                _downloads(store, secret, drawings)
        with st.popover(_("Bring back"), icon=":material/upload:"):
            _uploads(store, secret)
        if count := len(drawings):
            delete_all(
                store, secret, counted(count, "I want to delete {count} drawing.", "I want to delete {count} drawings.")
            )


def delete_all(store: DrawingStore, secret: str, words: str = "") -> None:
    """The form that deletes all. words: what the visitor has to agree to; without a number where nobody can count."""
    with st.popover(_("Delete all"), icon=":material/delete_forever:"):
        sure = st.checkbox(words or _("I want to delete all my drawings."), key=SURE_TO_DELETE_ALL.key)
        st.button(_("Delete all"), key=Key.DELETE_ALL, disabled=not sure, on_click=_delete_all, args=(store, secret))


def _downloads(store: DrawingStore, secret: str, drawings: Collection) -> None:
    def pictures() -> bytes:
        return as_pictures(drawings, lambda identity: _png(store, secret, identity))

    _download(_("Pictures in folders (ZIP)"), pictures, "my-drawings.zip", Key.AS_PICTURES)
    if drawings.digits():
        _download(_("IDX files, as MNIST's (ZIP)"), lambda: as_idx(drawings), "my-drawings-idx.zip", Key.AS_IDX)
    if known := drawings.with_strokes():
        label = _("Strokes of {count} (.npz)").format(count=whole(known))
        _download(label, lambda: as_pen(drawings), "my-drawings.npz", Key.AS_PEN)


def _download(label: str, make: Callable[[], bytes], name: str, key: Key) -> None:
    st.download_button(label, make, name, key=key, on_click="ignore", width="stretch")


def _png(store: DrawingStore, secret: str, identity: str) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(store.picture(secret, identity)).save(buffer, "PNG")
    return buffer.getvalue()


def _uploads(store: DrawingStore, secret: str) -> None:
    box = upload_box(teach_page_state().uploads)
    st.file_uploader(
        _("Drawings from a file"),
        type=ENDINGS,
        accept_multiple_files=True,
        key=box.key,
        max_upload_size=40,
        help=_(
            "What this page offers for download. Or pictures of your own in a ZIP, in folders named by their label: "
            "0 to 9, or none for what is not a digit."
        ),
    )
    files = [(file.name, file.getvalue()) for file in box.value_or(None) or ()]
    if not files:
        return
    try:
        found = bring_back(files, store.most)
    except InputError as error:
        st.error(str(error), icon=":material/error:")
        return
    try:
        before = set(store.of(secret).ids)
        new = len(set(store.add(secret, found)) - before)
    except InputError as error:
        st.error(str(error), icon=":material/error:")
        return
    state = teach_page_state()
    state.uploads += 1
    state.done = counted(new, "{count} drawing came in.", "{count} drawings came in.")
    if not new:
        state.done = _("All these drawings were there already, with the same labels.")
    elif new < len(found):
        state.done += " " + _("The others were there already, with the same labels.")
    st.rerun()


def _delete_all(store: DrawingStore, secret: str) -> None:
    state = teach_page_state()
    state.chosen, state.page = "", 0
    try:
        store.delete_all(secret)
        state.done = _("All your drawings are deleted.")
    except InputError as error:
        state.problem = str(error)
    SURE_TO_DELETE_ALL.put(False)
