"""Write the teacher's pages of all lessons into a folder, as HTML and as PDF."""

from pathlib import Path

import click

from pages.components.catalogs import ENGLISH, LANGUAGES
from pages.components.language import _, spoken
from pages.components.lessons.lesson_file import all_lessons
from pages.components.lessons.sheet_pdf import write_pdf
from pages.components.lessons.sheets import html_page, room_body, sheet_body


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--language", type=click.Choice(list(LANGUAGES)), default=ENGLISH, help="The language of the pages.")
def main(folder: Path, language: str) -> None:
    """Write a page to print for each lesson, and one on how to prepare the room, as HTML and as PDF."""
    with spoken(language):
        _write(folder)


def _write(folder: Path) -> None:
    lessons, problems = all_lessons()
    for problem in problems:
        click.echo(problem, err=True)
    folder.mkdir(parents=True, exist_ok=True)
    pages = {"00-prepare-the-room": (_("Prepare the room"), room_body())}
    pages |= {lesson.id: (_(lesson.title), sheet_body(lesson)) for lesson in lessons}
    for name, (title, body) in pages.items():
        (folder / f"{name}.html").write_text(html_page(title, [body]), encoding="utf-8")
        write_pdf(folder / f"{name}.pdf", [body])
    click.echo(f"{len(pages)} pages, as HTML and as PDF, are in {folder}.")
    if problems:
        raise SystemExit(2)


if __name__ == "__main__":
    main()
