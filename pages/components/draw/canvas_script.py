"""Two things that the canvas component cannot be told from Python, done by a component that shows nothing.

By itself the canvas waits 200 ms after a stroke before it sends it, in case another one follows. Its toolbar has a
button, "Update the app with this drawing", that sends at once: it is pressed when a stroke ends. Should a later canvas
lack the button, only the waiting returns.

The toolbar itself is hidden: even while it cannot be seen it lies over the upper right of the canvas, takes the
strokes that begin there, and holds an edit mode that stops the drawing. The page has its own Undo and Clear.
"""

import streamlit as st

from pages.components.draw.page_state import Key

SCRIPT = """
export default function () {
  const listening = new AbortController();
  const options = { capture: true, signal: listening.signal };
  let drawing = false;

  const canvas = () => document.querySelector(".st-key-canvas");
  const toolbar = () =>
    [...(canvas()?.querySelectorAll("*") ?? [])]
      .map((element) => element.shadowRoot?.querySelector(".dc-toolbar"))
      .find(Boolean);

  const hideToolbar = () => {
    const found = toolbar();
    // Hidden, it takes neither strokes nor the focus; its buttons can still be pressed from here.
    if (found && found.style.visibility !== "hidden") found.style.visibility = "hidden";
  };
  const looking = setInterval(hideToolbar, 200);
  hideToolbar();

  const start = (event) => {
    hideToolbar();
    const path = event.composedPath();
    drawing = path.includes(canvas()) && path.some((part) => part instanceof HTMLCanvasElement);
  };
  const end = () => {
    if (!drawing) return;
    drawing = false;
    // After the canvas's own handlers, which add the stroke to the drawing.
    setTimeout(() => toolbar()?.querySelector("[aria-label='Update the app with this drawing']")?.click(), 0);
  };

  for (const name of ["mousedown", "touchstart"]) document.addEventListener(name, start, options);
  for (const name of ["mouseup", "touchend", "touchcancel"]) document.addEventListener(name, end, options);
  return () => {
    listening.abort();
    clearInterval(looking);
  };
}
"""

_component = st.components.v2.component(
    "digit_lab_canvas_script", html="<span></span>", js=SCRIPT, isolate_styles=False
)


def mount_canvas_script() -> None:
    """Add it to the page, once, beside the canvas."""
    _component(key=Key.CANVAS_SCRIPT, width="content", height="content")
