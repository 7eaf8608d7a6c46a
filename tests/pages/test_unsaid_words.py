"""Words of the pages that no catalog has are found."""

from pathlib import Path

import pytest

from tests.pages.unsaid_words import unsaid

ROOT = Path(__file__).parents[2]
FILES = [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))]
NOT_READ = {
    # What is wrong with a lesson's file, and the names in one.
    "lessons/lesson_file.py",
    "lessons/claim.py",
    # Commands of a terminal.
    "lessons/__main__.py",
    "components/language_catalogs.py",
    # What a script that went wrong is answered.
    "draw/live_route.py",
}
"""Files whose words are not those of a page."""
KEPT = {
    # What error messages call a file.
    "the picture",
    "the drawing",
    "found … bytes of another kind",
    # A command, a code of a class, the name of a variable.
    "python -m mnist_core train --recipe default --out weights",
    "ABC-DEF",
    "language of this run",
    # Names in the address, the session or a record; pages show them by a title of their own.
    "My drawings",
    "Your drawing",
    "First layer",
    "Units of each hidden layer",
    "Filters of each convolution",
    "best validation",
    "held-out writers",
    ", read as",
    ", read rightly",
    "of each digit",
    # Layers, as they are written into the box.
    "conv 16 3\nrelu\nmaxpool 2\nflatten\ndense 10",
}
"""Single texts that are not read, or are read as something else."""


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_every_word_of_a_page_is_marked_for_the_catalogs(file: Path) -> None:
    """If not: `_("…")`, see CONTRIBUTING.md."""
    if "/".join(file.parts[-2:]) in NOT_READ:
        return
    assert [found for found in unsaid(file) if found[1].strip() not in KEPT] == []


def test_words_that_are_not_marked_are_found(tmp_path: Path) -> None:
    file = tmp_path / "page.py"
    file.write_text(
        '"""A file."""\n'
        'st.button("Start", key="start_it")\n'
        'st.caption(f"{count} images")\n'
        'st.markdown(_("Good") if good else "Not good")\n'
        'spec = {"title": "loss", "field": "loss"}\n'
        'st.image(picture, alt=_("A picture."), help="What is it?")\n'
        'TITLES = {"one": "A whole sentence."}\n'
        'raise InputError("A fault of the file.")\n'
        'st.html("<b></b><style>a b { c: d }</style>")\n'
        'st.toggle(_("Switch"), help=_("A " "help."))\n',
        encoding="utf-8",
    )
    assert [line for line, __ in unsaid(file)] == [2, 3, 4, 5, 6, 7]
