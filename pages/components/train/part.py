"""Parts of the desk that come and go, at places that stay."""

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def part(there: bool, **layout: Any) -> DeltaGenerator:
    """A part at a place of its own, whether there is something in it or not. layout: for `st.container`.

    If a timer of the page asks for something while a click is answered, the browser does not take away what was drawn
    before and is not any more. With places that do not move, nothing old is left between what is new.
    """
    return st.container(**layout) if there else st.empty()
