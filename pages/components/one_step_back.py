"""The browser's Back leads to the page before in one step, however often this page has changed its address.

A page writes its settings into the address. Streamlit adds each change to the browser's history, also the first one,
which a page makes when it opens: Back would lead to the same page, which changes its address again. On the first page
of a visit such entries are older than this script: whoever comes to one goes on. (Browsers without `navigation` stay.)
The same script tells the browser the language of the page, for whoever has it read aloud.
"""

import streamlit as st

from pages.components.language import language
from pages.components.shared_state import Key

SCRIPT = """
export default function ({ data }) {
  document.documentElement.lang = data.language;
  if (history.digitLab) return;
  history.digitLab = true;
  const push = history.pushState.bind(history);
  history.pushState = (state, unused, address) => {
    const samePage = new URL(address ?? location.href, location.href).pathname === location.pathname;
    if (samePage) history.replaceState(state, unused, address);
    else push(state, unused, address);
  };
  window.navigation?.addEventListener("currententrychange", ({ navigationType, from }) => {
    const here = navigation.currentEntry, next = navigation.entries()[here.index + 1];
    if (navigationType !== "traverse" || !next?.sameDocument) return;
    if (new URL(next.url).pathname === location.pathname) history.go(from.index > here.index ? -1 : 1);
  });
}
"""

_component = st.components.v2.component("digit_lab_back", html="<span></span>", js=SCRIPT, isolate_styles=False)


def one_step_back() -> None:
    """Drawn on every page, before it changes its address."""
    _component(key=Key.BACK, data={"language": language()}, width="content", height="content")
