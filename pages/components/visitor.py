"""Who is looking: a secret in a cookie, by which a browser finds its runs again after a reload.

The server makes the secret; the browser keeps it for 400 days, the most that it allows, and sends it back, and nobody
else ever sees it.
"""

import re

import streamlit as st

from mnist_core.runs import new_secret
from pages.components.shared_state import GIVEN_VISITOR, Key, shared_state

COOKIE = "digit_visitor"
PATTERN = re.compile(r"[A-Za-z0-9_-]{22}")
SCRIPT = """
export default function ({ data }) {
  document.cookie = `${data.name}=${data.value}; path=/; max-age=34560000; SameSite=Strict`;
}
"""

_component = st.components.v2.component("digit_lab_visitor", html="<span></span>", js=SCRIPT, isolate_styles=False)


def visitor() -> str:
    """The secret of this browser; the first time, a new one is given to it."""
    shared = shared_state()
    if not shared.visitor:
        sent: object = GIVEN_VISITOR.value_or(st.context.cookies.get(COOKIE) or "")
        known = isinstance(sent, str) and PATTERN.fullmatch(sent)
        shared.visitor = str(sent) if known else new_secret()
        shared.visitor_is_new = not known
    return shared.visitor


def mount_visitor_cookie() -> None:
    """Store a new secret in the browser. Called at the end of a page, in every run, so that nothing on it moves."""
    if shared_state().visitor_is_new:
        value = visitor()
        _component(key=Key.VISITOR_COOKIE, data={"name": COOKIE, "value": value}, width="content", height="content")
