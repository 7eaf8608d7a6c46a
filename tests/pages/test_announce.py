"""The line that a screen reader reads out: what it says, and when."""

from pages.components.draw.announce import plain


def test_what_is_read_out_has_no_signs() -> None:
    words = ":material/help: **Not sure:** it could be **3** (51%) or **8** (40%)."
    assert plain(words) == "Not sure: it could be 3 (51%) or 8 (40%)."
