"""The teacher's pages: all that a lesson says for teachers, as HTML and as PDF, by one command."""

from pathlib import Path

from click.testing import CliRunner

from pages.components.lessons.__main__ import main
from pages.components.lessons.lesson_file import all_lessons
from pages.components.lessons.sheets import html_of_all, room_body, sheet_body

LESSONS = all_lessons()[0]


def test_a_page_says_goals_plan_sayings_answers_and_what_to_do_if_the_network_differs() -> None:
    for lesson in LESSONS:
        body, sheet = sheet_body(lesson), lesson.sheet
        for heading in ("Goals", "Time plan", "What students usually say", "Answers", "If the network differs"):
            assert heading in body
        texts = [*sheet.goals, *sheet.answers, *sheet.differs, *(part.what for part in sheet.plan)]
        for text in texts:
            assert text.replace("&", "&amp;").split('"')[0].split("'")[0] in body


def test_the_room_is_prepared_in_ten_minutes() -> None:
    assert sum(int(part.partition(" min")[0]) for part in room_body().split("<li>")[1:] if " min: " in part) == 10


def test_one_file_has_all_pages() -> None:
    assert html_of_all(LESSONS).count("<section>") == len(LESSONS) + 1


def test_one_command_writes_html_and_pdf(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, [str(tmp_path)])
    assert result.exit_code == 0, result.output
    names = ["00-prepare-the-room", *(lesson.id for lesson in LESSONS)]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        f"{name}.{ending}" for name in names for ending in ("html", "pdf")
    )
    for name in names:
        assert (tmp_path / f"{name}.pdf").read_bytes().startswith(b"%PDF-1.")
        assert (tmp_path / f"{name}.html").read_text(encoding="utf-8").startswith("<!doctype html>")
