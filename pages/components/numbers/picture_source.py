"""A picture of a number from a file, from the clipboard, or from the camera. Nothing of it is written to disk."""

from collections.abc import Callable

import streamlit as st

from pages.components.language import _
from pages.components.numbers.page_state import PHOTO, UPLOADED, Key

MOST_MEGABYTES = 25
TYPES = ["png", "jpg", "jpeg", "webp", "bmp", "gif", "tif", "tiff", "heic", "heif"]
PASTE = """
// What is pasted on this page goes the way of a chosen file.
const listening = new WeakMap();
export default function ({ data, parentElement }) {
  // Called again when the theme changes: there is one of it.
  listening.get(parentElement)?.abort();
  const control = new AbortController();
  listening.set(parentElement, control);
  const onPaste = (event) => {
    const file = [...(event.clipboardData?.files ?? [])].find((one) => one.type.startsWith("image/"));
    const input = document.querySelector(`.st-key-${data.key} input[type=file]`);
    if (!file || !input) return;
    const chosen = new DataTransfer();
    chosen.items.add(file);
    input.files = chosen.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    event.preventDefault();
  };
  document.addEventListener("paste", onPaste, { signal: control.signal });
  return () => control.abort();
}
"""
_paste = st.components.v2.component("digit_lab_paste", html="<span></span>", js=PASTE, isolate_styles=False)


def choose_source(changed: Callable[[], None]) -> tuple[str, bytes] | None:
    """The name and the bytes of the picture that the visitor brings; None if there is none yet.

    changed: called when the visitor has brought another one, or has taken it back.
    """
    by_file, by_camera = st.tabs([_("A file"), _("The camera")], key=Key.SOURCE, on_change="rerun")
    sent = None
    with by_file:
        if by_file.open:
            sent = st.file_uploader(
                _("Choose a picture, drag it here, or paste it (Ctrl+V)"),
                type=TYPES,
                key=UPLOADED.key,
                max_upload_size=MOST_MEGABYTES,
                on_change=changed,
            )
            _paste(key=Key.PASTE, data={"key": UPLOADED.key}, width="content", height="content")
    with by_camera:
        if by_camera.open:
            st.caption(_("A browser gives the camera only to an address that begins with https, or on this computer."))
            sent = st.camera_input(_("Hold the sheet still, and near"), key=PHOTO.key, on_change=changed)
    return None if sent is None else (sent.name, sent.getvalue())
