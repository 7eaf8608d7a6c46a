"""The lessons and the words are sound: what they name exists, and whoever makes a slip of the pen is told."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from mnist_core import InputError
from mnist_core.reading import weights
from pages.components.lessons.glossary import Term, glossary
from pages.components.lessons.lesson import KINDS, Lesson
from pages.components.lessons.lesson_file import FOLDER, all_lessons, lesson_from, read_lesson
from pages.components.lessons.step_view import WORD, with_words
from pages.components.train.settings_state import check_limits
from pages.components.train.training_link import NAMES, from_query

ROOT = Path(__file__).parents[2]
LESSONS = all_lessons()[0]
PARAMETERS = {
    "draw": {"network", "mode", "normalize"},
    "inside": {"network", "image", "view", "dataset"},
    "data": {"view", "dataset"},
    "train": set(NAMES),
    "teach": {"network", "view"},
    "networks": set(),
}
SMALL = """
title = "T"
question = "Q?"
minutes = 10
[[step]]
kind = "predict"
title = "A"
text = "B"
slide = "C"
choices = ["1", "2"]
right = 2
[[step]]
kind = "compare"
title = "A"
text = "B"
slide = "C"
[sheet]
goals = ["G"]
answers = ["A"]
differs = ["D"]
[[sheet.plan]]
minutes = 10
what = "W"
[[sheet.usual]]
say = "S"
why = "Y"
[[claim]]
says = "C"
measure = "parameters"
of = "network=mlp"
at_least = 1
"""


def name(lesson: Lesson) -> str:
    return lesson.id


def test_there_are_ten_lessons_and_nothing_is_wrong_with_any() -> None:
    assert all_lessons()[1] == ()
    assert [lesson.number for lesson in LESSONS] == list(range(1, 11))


@pytest.mark.parametrize("lesson", LESSONS, ids=name)
def test_a_lesson_predicts_tries_explains_and_fits_into_its_time(lesson: Lesson) -> None:
    kinds = [step.kind for step in lesson.steps]
    assert kinds[0] == "predict" and kinds[-1] == "harder" and set(kinds) == set(KINDS)
    # Nothing is tried before it was predicted, and nothing explained before it was tried.
    assert kinds.index("predict") < kinds.index("try") < kinds.index("compare") < kinds.index("explain")
    assert 15 <= lesson.minutes <= 25
    assert sum(part.minutes for part in lesson.sheet.plan) == lesson.minutes
    assert lesson.claims


@pytest.mark.parametrize("lesson", LESSONS, ids=name)
def test_links_lead_to_networks_settings_and_views_that_there_are(lesson: Lesson) -> None:
    for link in [link for step in lesson.steps for link in step.links]:
        assert set(link.query) <= PARAMETERS[link.page], link.label
        assert link.query.get("network", "mlp") in weights.names(), link.label
        if link.page == "train":
            _, config = from_query(link.query)
            check_limits(config, 60_000)
        views = {
            "inside": r'"(layers|why|mistakes|map|networks)"',
            "data": r'"(numbers|gallery|doubts)"',
            "teach": r'"(mine|class)"',
        }
        if "view" in link.query:
            assert re.fullmatch(views[link.page], f'"{link.query["view"]}"'), link.label


@pytest.mark.parametrize("lesson", LESSONS, ids=name)
def test_words_of_a_lesson_are_in_the_glossary(lesson: Lesson) -> None:
    found = [match[1] for step in lesson.steps for match in WORD.finditer(step.text)]
    assert found and set(found) <= set(glossary())


@pytest.mark.parametrize("term", glossary().values(), ids=lambda term: term.name)
def test_what_a_word_names_in_the_code_exists(term: Term) -> None:
    file, _, inside = term.code.partition(": ")
    tree: ast.AST = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    for part in inside.split("."):
        named = {
            found: node
            for node in ast.iter_child_nodes(tree)
            for found in (
                [node.name]
                if isinstance(node, ast.ClassDef | ast.FunctionDef)
                else [target.id for target in node.targets if isinstance(target, ast.Name)]
                if isinstance(node, ast.Assign)
                else []
            )
        }
        assert part in named, term.code
        tree = named[part]
    assert len(term.plain) < 160 and len(term.exact) < 200


def test_the_glossary_has_about_forty_words() -> None:
    assert 40 <= len(glossary()) <= 60


def test_a_word_is_linked_in_the_form_in_which_it_is_written() -> None:
    assert with_words("[[test set|test images]]") == "[test images](lessons?word=test%20set)"


def written(folder: Path, text: str, file: str = "11-mine.toml") -> Path:
    path = folder / file
    path.write_text(text, encoding="utf-8")
    return path


def test_an_eleventh_lesson_is_a_file(tmp_path: Path) -> None:
    written(tmp_path, SMALL)
    (lesson,), problems = all_lessons(tmp_path)
    assert problems == () and lesson.number == 11 and lesson.steps[0].right == 1
    assert lesson.steps[1].about == lesson.steps[0].name == "p1"
    # What is written while the app runs is read at the next look.
    changed = written(tmp_path, SMALL.replace('"T"', '"Another"'))
    assert read_lesson(changed).title == "Another"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('title = "T"', "titel = 1", "11-mine: title: expected a text"),
        ("minutes = 10", "minutes = 10.5", "minutes: expected a whole number"),
        ("minutes = 10", "minutes = true", "minutes: expected a whole number"),
        ('kind = "predict"', 'kind = "guess"', "step 1: kind 'guess'"),
        ("right = 2", "right = 3", "right: expected 1 to 2"),
        ('choices = ["1", "2"]', 'choices = ["1", "1"]', "different choices"),
        ('measure = "parameters"', 'measure = "beauty"', "claim 1: measure 'beauty'"),
        ("at_least = 1", "", "at_least, at_most, or both"),
        ("[sheet]", "[sheet", "11-mine.toml: "),
        ('slide = "C"', 'slide = "C"\nslid = 1', "slid: nothing of this name"),
        ('slide = "C"', f'slide = "{"C" * 300}"', "at most 240 characters"),
    ],
)
def test_a_slip_of_the_pen_is_told_with_its_place(tmp_path: Path, before: str, after: str, words: str) -> None:
    path = written(tmp_path, SMALL.replace(before, after, 1))
    with pytest.raises(InputError, match=re.escape(words)):
        read_lesson(path)
    lessons, problems = all_lessons(tmp_path)
    assert lessons == () and len(problems) == 1


def test_a_comparison_needs_a_prediction() -> None:
    values: dict[str, Any] = {"step": [{"kind": "compare", "title": "a", "text": "b", "slide": "c"}]}
    with pytest.raises(InputError, match="no prediction before it"):
        lesson_from("11-mine", values)


def test_other_files_are_no_lessons(tmp_path: Path) -> None:
    path = written(tmp_path, SMALL, "Mine.toml")
    assert all_lessons(tmp_path) == ((), ())
    with pytest.raises(InputError, match=r"11-my-lesson\.toml"):
        read_lesson(path)
    assert (FOLDER / "README.md").exists()
