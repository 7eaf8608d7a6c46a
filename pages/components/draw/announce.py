"""The answer for people who do not see the page: a line that a screen reader reads out once the answer has settled.

The line is there from the start, is seen by nobody, and only its text changes: a screen reader speaks of what changes
in such a line ("polite": when it has nothing else to say), not of a line that is put in anew.
"""

import re

import streamlit as st

from pages.components.shared_state import Key

SCRIPT = """
const SETTLED_MS = 700;
export default function ({ data, parentElement }) {
  const line = parentElement.querySelector("[role=status]");
  clearTimeout(line.waiting);
  // Another stroke that follows at once has another answer: only the last one is read out.
  line.waiting = setTimeout(() => {
    if (line.textContent !== data.words) line.textContent = data.words;
  }, SETTLED_MS);
}
"""
HIDDEN = "position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap"

_component = st.components.v2.component(
    "digit_lab_announce",
    html=f'<div role="status" aria-live="polite" style="{HIDDEN}"></div>',
    js=SCRIPT,
    isolate_styles=False,
)


def announce(words: str) -> None:
    """Read out an answer if it stays for a moment; drawn with every answer after a stroke, so that the line stays.

    words: Markdown, as `answer` gives it; signs for the eye are left out.
    """
    _component(key=Key.ANNOUNCED, data={"words": plain(words)}, width="content", height="content")


def plain(words: str) -> str:
    """Markdown without icons and stars, as it is spoken."""
    return re.sub(r"\s+", " ", re.sub(r":material/\w+:|\*\*", "", words)).strip()
