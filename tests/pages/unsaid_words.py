"""Finds words in the code of the pages that a visitor reads, but that are not marked for the catalogs."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

MARKS = {"_", "gettext_noop", "ngettext", "counted", "pgettext"}
SHOWING = {
    *("markdown", "caption", "title", "header", "subheader", "write", "text", "info", "warning", "error", "success"),
    *("toast", "metric", "progress", "spinner", "status", "button", "download_button", "link_button", "page_link"),
    *("menu_button", "toggle", "checkbox", "radio", "selectbox", "multiselect", "segmented_control", "pills", "slider"),
    *("select_slider", "number_input", "text_input", "text_area", "file_uploader", "camera_input", "popover"),
    *("expander", "tabs", "set_title", "set_xlabel", "set_ylabel", "suptitle", "choose_class", "page_frame"),
}
"""Calls whose first text a visitor reads."""
NAMED = {"label", "help", "placeholder", "caption", "alt", "text", "words", "title", "delta", "introduction"}
"""So are these arguments of any call, and these keys of a chart's specification."""
NO_WORDS = re.compile(r":material/\w+:|<[^>]*>|`[^`]*`|&\w+;|https?://\S+|[\w/]+\.py")
WORD = re.compile(r"[A-Za-z]{2,}")
SENTENCE = re.compile(r"[A-Za-z]{2,},? [a-z]{2,}")
PROGRAM = re.compile(r"[;{=\n]")
"""Styles, scripts and settings are no sentences."""


def unsaid(path: Path) -> Iterator[tuple[int, str]]:
    """Line and words of each, where a text is shown; and of whatever looks like a sentence, wherever it stands."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    seen = set(_marked(tree))
    for literal in _shown(tree):
        if literal not in seen and WORD.search(words_of(literal)):
            yield literal.lineno, words_of(literal)
            seen.update(ast.walk(literal))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr) and node not in seen:
            if SENTENCE.search(words_of(node)) and not PROGRAM.search(words_of(node)):
                yield node.lineno, words_of(node)
            seen.update(ast.walk(node))


def _marked(tree: ast.AST) -> Iterator[ast.AST]:
    """What is marked; comments, and the texts of errors, which stay English."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in MARKS:
            for argument in node.args:
                yield from ast.walk(argument)
        elif isinstance(node, ast.Raise) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            yield from ast.walk(node)


def _shown(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if called(node) in SHOWING and node.args:
                yield from literals(node.args[0])
            for keyword in node.keywords:
                if keyword.arg in NAMED:
                    yield from literals(keyword.value)
        elif isinstance(node, ast.Dict):
            for name, value in zip(node.keys, node.values, strict=True):
                if isinstance(name, ast.Constant) and name.value in NAMED:
                    yield from literals(value)


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def literals(node: ast.AST) -> Iterator[ast.expr]:
    """The literals that become part of a text."""
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        yield node
        return
    parts: list[ast.expr] = []
    if isinstance(node, ast.BinOp):
        parts = [node.left, node.right]
    elif isinstance(node, ast.IfExp):
        parts = [node.body, node.orelse]
    elif isinstance(node, ast.BoolOp):
        parts = node.values
    elif isinstance(node, ast.List | ast.Tuple):
        parts = node.elts
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and called(node) in ("format", "join"):
        parts = [node.func.value]
    for part in parts:
        yield from literals(part)


def words_of(node: ast.Constant | ast.JoinedStr | ast.expr) -> str:
    """What the code itself writes of a text."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return NO_WORDS.sub(" ", "…".join(str(part.value) for part in parts if isinstance(part, ast.Constant)))
