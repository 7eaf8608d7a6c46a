"""Lets the canvas send a stroke as soon as the pen is lifted.

By itself the canvas component waits 200 ms after a stroke, in case another one follows, which is most of the time
until the answer. Its toolbar has a button, "Update the app with this drawing", that sends at once; this component,
which shows nothing, presses it when a stroke ends. Should a later canvas lack the button, only the waiting returns.
"""

import streamlit as st

SCRIPT = """
export default function () {
  const listening = new AbortController();
  const options = { capture: true, signal: listening.signal };
  let drawing = false;

  const canvas = () => document.querySelector(".st-key-canvas");
  const sendButton = () =>
    [...(canvas()?.querySelectorAll("*") ?? [])]
      .map((element) => element.shadowRoot?.querySelector("[aria-label='Update the app with this drawing']"))
      .find(Boolean);

  const start = (event) => {
    drawing = event.composedPath().some((part) => part instanceof HTMLCanvasElement)
      && event.composedPath().includes(canvas());
  };
  const end = () => {
    if (!drawing) return;
    drawing = false;
    // After the canvas's own handlers, which add the stroke to the drawing.
    setTimeout(() => sendButton()?.click(), 0);
  };

  for (const name of ["mousedown", "touchstart"]) document.addEventListener(name, start, options);
  for (const name of ["mouseup", "touchend", "touchcancel"]) document.addEventListener(name, end, options);
  return () => listening.abort();
}
"""

_component = st.components.v2.component("digit_lab_prompt", html="<span></span>", js=SCRIPT, isolate_styles=False)


def send_promptly() -> None:
    """Mount it; the page needs it once."""
    _component(key="prompt", width="content", height="content")
