"""What a cached function says while it works."""

from pages.components.language import _


class SpinnerText(str):
    """A text for `show_spinner`, marked by `gettext_noop`: Streamlit asks for its `str` anew whenever somebody waits,
    and gets it in the language of that visitor.
    """

    __slots__ = ()

    def __str__(self) -> str:
        return _(super().__str__())
