"""What is kept of one visitor between two runs of a page. No other file touches Streamlit's session.

A page's own state is a dataclass, of which each session has one (`state_of`). A widget's value stands in the session
under the widget's key (`Widget`). Each page names its widgets in one file, its `page_state.py`.
"""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

import streamlit as st

T = TypeVar("T")


def state_of(kind: type[T]) -> T:
    """The state of this class that this session has, made anew the first time. It is kept under the class's name."""
    if kind.__name__ not in st.session_state:
        st.session_state[kind.__name__] = kind()
    return cast(T, st.session_state[kind.__name__])


@dataclass(frozen=True)
class Widget(Generic[T]):
    """A widget by its key; its value is a T. Streamlit forgets the value when the widget is not drawn in a run."""

    key: str

    @property
    def value(self) -> T:
        """The value; only while there is one."""
        return cast(T, st.session_state[self.key])

    def has_value(self) -> bool:
        return self.key in st.session_state

    def value_or(self, default: T) -> T:
        return self.value if self.has_value() else default

    def put(self, value: T) -> None:
        """Set the value: in a callback, or before the widget is drawn."""
        st.session_state[self.key] = value

    def forget(self) -> None:
        if self.has_value():
            del st.session_state[self.key]


def clicked_fields(chart: str) -> dict[str, Any]:
    """The fields of the mark that was clicked last in the chart of that key; none if the click hit no mark."""
    chosen = (Widget[Any](chart).value_or(None) or {}).get("selection") or {}
    marks = chosen.get("clicked") or []
    return dict(marks[0]) if marks else {}
