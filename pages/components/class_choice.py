"""One class of a network or a dataset to choose: as buttons in a row, or in a box if there are many."""

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from pages.components.answers import SIDE_BY_SIDE
from pages.components.language import _


def choose_class(
    label: str,
    names: Sequence[str],
    *,
    key: str,
    words: str,
    preset: int | None = None,
    all_of_them: bool = False,
    persist_state: Literal["session"] | None = None,
) -> int | str | None:
    """The index of the class that is chosen, None for none, "all" for all.

    words: help on the choice. preset: what is chosen at first. all_of_them: "all" can be chosen, too, and is at first.
    persist_state: as both widgets take it.
    """
    choices: list[int | str] = [*(["all"] if all_of_them else []), *range(len(names))]
    first = "all" if all_of_them else preset

    def name(choice: int | str) -> str:
        return names[choice] if isinstance(choice, int) else _("all")

    if len(names) <= SIDE_BY_SIDE:
        required = first is not None
        return st.segmented_control(
            label,
            choices,
            format_func=name,
            default=first,
            required=required,
            key=key,
            help=words,
            persist_state=persist_state,
        )
    index = None if first is None else choices.index(first)
    return st.selectbox(label, choices, format_func=name, index=index, key=key, help=words, persist_state=persist_state)
