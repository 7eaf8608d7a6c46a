"""Writes what was measured into docs/speed.md, between two markers that are not seen on the page."""

from pathlib import Path

import click

PAGE = Path(__file__).parent.parent / "docs" / "speed.md"


def write_table(name: str, table: str, page: Path = PAGE) -> None:
    """Put the table where the page says `<!-- name -->`; what stands there up to `<!-- /name -->` goes."""
    text = page.read_text(encoding="utf-8")
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    if text.count(start) != 1 or text.count(end) != 1:
        raise click.ClickException(f"{page.name}: expected one {start} and one {end}.")
    before, rest = text.split(start)
    page.write_text(f"{before}{start}\n\n{table}\n\n{end}{rest.split(end)[1]}", encoding="utf-8")
    click.echo(f"Written to {page.name}.")


def markdown(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
