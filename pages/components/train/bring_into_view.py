"""After Start, brings the run into view where the page is one long column or low, as on a phone."""

import streamlit as st

from pages.components.train.page_state import Key

SCRIPT = """
let last = "";
export default function ({ data }) {
  if (!data.run || data.run === last) return;
  last = data.run;
  if (window.innerWidth > 640 && window.innerHeight > 500) return;
  // Twice: what lies below, and makes the page long enough to scroll, comes a moment later.
  const scroll = () =>
    document.querySelector(".st-key-run_title")?.scrollIntoView({ behavior: "smooth", block: "start" });
  const later = [setTimeout(scroll, 100), setTimeout(scroll, 1200)];
  const enough = () => later.forEach(clearTimeout);
  for (const name of ["touchstart", "wheel"]) document.addEventListener(name, enough, { once: true });
}
"""

_component = st.components.v2.component("digit_lab_into_view", html="<span></span>", js=SCRIPT, isolate_styles=False)


def bring_into_view(started: str) -> None:
    """started: the run that has just been started, "" for none; drawn always, so that nothing on the page moves."""
    _component(key=Key.INTO_VIEW, data={"run": started}, width="content", height="content")
