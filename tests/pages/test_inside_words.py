"""The Inside page and the Data page in another language: every text is said in it, and choices work as in English."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.message import Message
from streamlit.string_util import clean_text
from streamlit.testing.v1 import AppTest

from pages.components.catalogs import LONGER
from pages.components.inside.class_table import number_text, two_digits, with_sign
from pages.components.language import gettext_noop, spoken
from pages.components.longer_words import longer
from pages.components.spinner_text import SpinnerText
from tests.pages.test_inside_page import page

ENGLISH = re.compile(r"\b(the|of|image|images|unit|units|maps|read|reads|none|digit|class|label|network|score|share)\b")
"""Words that stand in nearly every text; a text in the longer words has none of them."""
NO_WORDS = re.compile(
    r"(?s)<style>.*</style>|\bimage=|^\s*\.grid .*|\$[^$]*\$|`[^`]*`|url\([^)]*\)"
    r'|"(field|type|format|key|name|test|stroke|url)": ?"[^"]*"|"\w+":'
)
"""Styles, addresses, keys and values of a chart's specification, formulas, and code."""


def strings(message: Message) -> Iterator[str]:
    """All texts that the browser gets for an element."""
    for field, value in message.ListFields():
        if field.name in ("id", "user_key", "form_id", "url", "page_script_hash", "html_content", "js_content"):
            continue
        for each in value if isinstance(value, list | tuple) or hasattr(value, "append") else [value]:
            if isinstance(each, Message):
                yield from strings(each)
            elif isinstance(each, str):
                yield each


def english(test: AppTest) -> list[str]:
    """Texts of the page that are still English."""
    texts = [text for element in test.main if (proto := getattr(element, "proto", None)) for text in strings(proto)]
    assert len(texts) > 20
    return [text[:300] for text in texts if ENGLISH.search(NO_WORDS.sub("", text))]


VIEWS = [
    *(("pages/inside.py", view) for view in ("layers", "why", "mistakes", "map", "networks")),
    *(("pages/data.py", view) for view in ("numbers", "gallery", "doubts")),
]


@pytest.mark.parametrize(("path", "view"), VIEWS)
def test_no_text_of_a_view_is_left_in_english(path: str, view: str) -> None:
    query: dict[str, Any] = {"image": "test-3"} if path == "pages/inside.py" else {}
    assert english(page(path, language=LONGER, view=view, **query)) == []


def test_choices_are_shown_in_the_language_and_kept_in_english() -> None:
    test = page("pages/inside.py", language=LONGER, view="layers", image="test-3")
    (others,) = (group for group in test.button_group if group.label == longer("Switch off besides"))
    assert others.value == "nothing"
    test = page("pages/inside.py", language=LONGER, view="mistakes", image="test-3")
    (shown,) = (box for box in test.selectbox if box.label == longer("Show"))
    assert shown.value == "all mistakes"
    assert shown.options[0] == longer("all mistakes")
    digit, answer = re.findall(r"\d", shown.options[1])
    wanted = f"{digit}, read as {answer}"
    assert shown.options[1] == longer("{name}, read as {answer}").format(name=digit, answer=answer)
    with spoken(LONGER):
        # Outside of a page, the test formats the options itself.
        shown.select(wanted).run()
    assert not test.exception
    (shown,) = (box for box in test.selectbox if box.label == longer("Show"))
    assert shown.value == wanted


def test_a_cached_function_says_what_it_does_in_the_language_of_who_waits() -> None:
    text = SpinnerText(gettext_noop("Counting …"))
    assert str(text) == "Counting …"
    with spoken(LONGER):
        # As Streamlit takes it.
        assert str(text) == clean_text(text) == longer("Counting …")
    assert str(text) == "Counting …"


def test_numbers_are_written_in_short_as_before_in_english_and_with_the_signs_of_german() -> None:
    assert [number_text(number) for number in (0, 1.234, -1.234, 0.0123, -0.012)] == [
        "0.00",
        "1.23",
        "−1.23",
        "0.012",
        "−0.012",
    ]
    assert [two_digits(number) for number in (0.000012, 0.5)] == ["1.2e-05", "0.5"]
    assert [with_sign(number) for number in (1.234, -0.3, 0)] == ["+1.23", "−0.30", "+0.00"]
    with spoken("de"):
        assert [number_text(0.0123), two_digits(0.000012), with_sign(1.5)] == ["0,012", "1,2e-05", "+1,50"]
