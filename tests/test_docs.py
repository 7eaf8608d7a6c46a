"""The documentation names what there is: files, headings, environment variables, commands, options and addresses."""

import re
from pathlib import Path

import click
import pytest

from mnist_core.__main__ import main
from pages.components.train.training_link import NAMES
from tests.test_imports import WINGS

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
DOCS = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
COMMAND_LINE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
CODE = [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py")), *sorted((ROOT / "mnist_core").rglob("*.py"))]
VARIABLE = re.compile(r"\b(?:DIGIT_[A-Z_]+|MNIST_DIR)\b")
PARAMETERS = (
    re.compile(r"query_params(?:\.get\(|\[)\"(\w+)\""),
    re.compile(r"\"(\w+)\" in st\.query_params"),
)
PARAMETERS_OF_A_LINK = re.compile(r"query_params=\{([^}]*)\}")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def without_code(text: str) -> str:
    """A page without its blocks of code, in which "#" begins a comment."""
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """What a link to a heading of the page may say after "#", as GitHub makes it."""
    headings = re.findall(r"^#+ +(.+)$", without_code(page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands(group: click.Group) -> dict[str, list[str]]:
    """Every command with its options."""
    return {
        command: [option for parameter in found.params for option in parameter.opts if option.startswith("--")]
        for command, found in group.commands.items()
    }


def sections() -> dict[str, str]:
    """The sections of docs/command-line.md by their headings."""
    parts = re.split(r"^## +(.+)$", COMMAND_LINE, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def parameters() -> set[str]:
    """Every query parameter that a page reads or sets."""
    found = set(NAMES)
    for path in CODE:
        text = path.read_text(encoding="utf-8")
        for pattern in PARAMETERS:
            found |= set(pattern.findall(text))
        for link in PARAMETERS_OF_A_LINK.findall(text):
            found |= set(re.findall(r"\"(\w+)\":", link))
    return found


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_point_to_files_and_headings_that_exist(page: Path) -> None:
    text = without_code(page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        file, _, anchor = target.partition("#")
        linked = (page.parent / file).resolve() if file else page
        assert linked.exists(), target
        assert linked.is_relative_to(ROOT), target
        assert not anchor or anchor in anchors(linked), target


def test_every_page_of_the_documentation_is_linked_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for page in PAGES[1:]:
        assert f"]({name(page)})" in readme, name(page)


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


def test_every_environment_variable_is_documented_and_read() -> None:
    read = {found for path in CODE for found in VARIABLE.findall(path.read_text(encoding="utf-8"))}
    assert "DIGIT_RUNS_DIR" in read and "MNIST_DIR" in read
    assert set(VARIABLE.findall(DOCS)) == read


@pytest.mark.parametrize(("command", "options"), commands(main).items())
def test_every_option_of_a_command_is_documented_in_its_section(command: str, options: list[str]) -> None:
    text = sections()[command]
    assert f"`{command}" in text
    for option in options:
        assert re.search(rf"{option}(?![\w-])", text), option


def test_every_command_and_option_in_the_documentation_exists() -> None:
    assert set(sections()) == set(commands(main))
    known = {option for options in commands(main).values() for option in options} | {"--help"}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", COMMAND_LINE)) <= known
    for command in re.findall(r"python -m mnist_core ([a-z]+)", DOCS):
        assert command in commands(main), command


def test_every_parameter_of_an_address_is_documented() -> None:
    found = parameters()
    assert {"class", "network", "image", "view", "preset", "layers"} <= found
    for parameter in found:
        assert f"`{parameter}`" in DOCS, parameter


def test_every_file_of_the_code_is_found_in_the_architecture_and_none_that_is_gone() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    there = [name(path) for path in [*CODE, *(ROOT / "tests").glob("*.py")]]
    for found in re.findall(r"[\w/]+\.py\b", text):
        assert any(f"/{file}".endswith(f"/{found}") for file in there), found
    # Where there is one file a command, a layer or a view, the folder's own sentence is enough.
    for folder in {path.parent.name for path in CODE[1:]} - {"mnist_core", "pages"}:
        assert f"`{folder}`" in text or f"`{folder}/`" in text, folder
    named = ("mnist_core", "components", "train", *set(WINGS) - {"commands"})
    for path in CODE[1:]:
        if path.parent.name in named and not path.name.startswith("__"):
            words = text + (path.parent / "__init__.py").read_text(encoding="utf-8")
            assert re.search(rf"\b{re.escape(path.name)}", words), name(path)


def test_the_drawing_of_the_wings_agrees_with_the_table() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = {"main": "__main__", "init": "__init__"}
    arrows: dict[str, set[str]] = {}
    for start, end in re.findall(r"^ {4}(\w+)(?:\[.*\])? --> (\w+)$", text, re.MULTILINE):
        arrows.setdefault(named.get(start, start), set()).add(end)
    del arrows["pages"]

    def reached(wing: str) -> set[str]:
        return arrows.get(wing, set()).union(*(reached(below) for below in arrows.get(wing, set())))

    for wing, (may_use, _) in WINGS.items():
        allowed = set(may_use.split()) - {"errors"}
        assert arrows.get(wing, set()) <= allowed <= reached(wing), wing
