"""docs/notebook.ipynb runs from its first cell to its last, and needs nothing but the library."""

import ast
import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

NOTEBOOK = Path(__file__).parent.parent / "docs" / "notebook.ipynb"


def code_cells() -> list[str]:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


@pytest.mark.slow
def test_the_notebook_trains_a_network_and_explains_it() -> None:
    found: dict[str, Any] = {}
    said = io.StringIO()
    with redirect_stdout(said):
        for number, cell in enumerate(code_cells()):
            exec(compile(cell, f"cell {number}", "exec"), found)
    assert found["right"] > 0.93
    assert (found["reading"].status, found["reading"].digit) == ("digit", 7)
    assert abs(found["gap"]) < 0.2 and found["again"].read(found["drawing"]).digit == 7
    assert "of the 10,000 test images are read rightly" in said.getvalue()


def test_the_notebook_imports_the_library_alone() -> None:
    names = set()
    for cell in code_cells():
        for node in ast.walk(ast.parse(cell)):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names.add(str(node.module).partition(".")[0])
    assert names == {"mnist_core", "numpy", "PIL", "tempfile", "pathlib"}


def test_the_notebook_is_kept_with_what_it_prints() -> None:
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code" and "print(" in "".join(cell["source"]):
            assert cell["outputs"], "".join(cell["source"])
