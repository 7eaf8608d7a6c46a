"""The state of the pages: typed, one object a page, and named in one place."""

import ast
from pathlib import Path

import pytest

from pages.components.session import Widget
from pages.components.train import run_choices
from pages.components.train.page_state import (
    PRESET,
    SETTINGS,
    WITHOUT_WIDGET,
    FormValues,
    TrainPage,
    overlaid_box,
    run_box,
)

ROOT = Path(__file__).parents[2]
FILES = [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))]
SESSION = ROOT / "pages" / "components" / "session.py"
STATES = ("page_state.py", "shared_state.py")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def uses_of_the_session(tree: ast.AST) -> list[int]:
    """The lines that name Streamlit's session, as an attribute, as a name, or in an import."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr == "session_state")
        or (isinstance(node, ast.Name) and node.id == "session_state")
        or (isinstance(node, ast.ImportFrom) and any(alias.name == "session_state" for alias in node.names))
    ]


def keys_in_place(tree: ast.AST) -> list[int]:
    """The lines that write a widget's key as a text, or make a `Widget` of one."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        texts = [keyword.value for keyword in node.keywords if keyword.arg == "key"]
        called = node.func.value if isinstance(node.func, ast.Subscript) else node.func
        if isinstance(called, ast.Name) and called.id == "Widget":
            texts += node.args
        if any(isinstance(text, ast.JoinedStr | ast.BinOp | ast.Constant) for text in texts):
            found.append(node.lineno)
    return found


@pytest.mark.parametrize("path", [path for path in FILES if path != SESSION], ids=name)
def test_one_file_only_touches_the_session(path: Path) -> None:
    assert uses_of_the_session(ast.parse(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("path", [path for path in FILES if path.name not in STATES], ids=name)
def test_widgets_are_named_in_the_files_of_states_only(path: Path) -> None:
    assert keys_in_place(ast.parse(path.read_text(encoding="utf-8"))) == []


def test_the_tests_above_see_what_they_look_for() -> None:
    for text in ("st.session_state['a']", "session_state.get('a')", "from streamlit import session_state"):
        assert uses_of_the_session(ast.parse(text)) == [1]
    for text in ("st.button('a', key='b')", "st.button('a', key=f'b{c}')", "Widget[int]('b')", "Widget('b')"):
        assert keys_in_place(ast.parse(text)) == [1]
    assert keys_in_place(ast.parse("st.button('a', key=Key.B)")) == []


def test_every_value_of_the_form_has_a_widget_of_its_name() -> None:
    assert {*SETTINGS, *WITHOUT_WIDGET} == set(FormValues.__dataclass_fields__)
    assert SETTINGS["preset"] == PRESET and all(widget.key == f"set_{name}" for name, widget in SETTINGS.items())


def test_a_late_answer_of_old_boxes_chooses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    state = TrainPage(run="new", overlaid=["new"], run_boxes=3)
    monkeypatch.setattr(run_choices, "train_page_state", lambda: state)
    monkeypatch.setattr(Widget, "value", property(lambda box: ["old"] if box.key.startswith("shown") else "old"))
    run_choices._chosen(run_box(2))
    run_choices._overlaid_chosen(overlaid_box(2))
    assert (state.run, state.overlaid) == ("new", ["new"])
    run_choices._chosen(run_box(3))
    run_choices._overlaid_chosen(overlaid_box(3))
    assert (state.run, state.overlaid) == ("old", ["old"])
