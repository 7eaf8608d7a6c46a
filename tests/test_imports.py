"""Imports point down the table of wings, never up; the library needs neither Streamlit nor Matplotlib."""

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# From the bottom up. Wing: the wings that it may import, and packages beside NumPy.
WINGS: dict[str, tuple[str, str]] = {
    "errors": ("", ""),
    "blas": ("", "threadpoolctl"),
    "nn": ("errors", ""),
    "data": ("errors", "filelock"),
    "files": ("errors", ""),
    "ink": ("errors files", "PIL pi_heif"),
    "numbers": ("errors files ink", "PIL scipy"),
    "reading": ("errors blas files nn data ink numbers", "PIL"),
    "exchange": ("errors nn data ink reading", ""),
    "insight": ("errors nn data", ""),
    "training": ("errors blas files nn data", ""),
    "recipes": ("errors files nn data ink numbers reading training", "threadpoolctl"),
    "teaching": ("errors files nn data ink numbers reading training", ""),
    "runs": (
        "errors files nn data insight reading training recipes teaching",
        "dask distributed filelock platformdirs threadpoolctl",
    ),
    "drawings": ("errors files data ink runs", "PIL filelock"),
    "commands": (
        "errors files nn data ink numbers reading exchange insight training recipes teaching runs drawings",
        "click segno threadpoolctl tqdm",
    ),
    "__init__": ("errors data nn reading training teaching", ""),
    "__main__": ("errors commands", "click"),
}
LIBRARY = sorted((ROOT / "mnist_core").rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Full names of the modules that a file imports, also inside functions; "from a import b" gives a and a.b."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative import"
            names |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def wing(path: Path) -> str:
    return path.relative_to(ROOT / "mnist_core").with_suffix("").parts[0]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def modules(path: Path) -> set[str]:
    """The library's own modules that a file imports, without the wings' public names."""
    return {
        found
        for found in imported(path)
        if (ROOT / found.replace(".", "/")).with_suffix(".py").exists() or (ROOT / found.replace(".", "/")).is_dir()
    }


def test_the_table_itself_points_down() -> None:
    below: set[str] = set()
    for room, (may_use, _) in WINGS.items():
        assert set(may_use.split()) <= below, room
        below.add(room)


@pytest.mark.parametrize("path", LIBRARY, ids=name)
def test_the_library_imports_downward(path: Path) -> None:
    assert wing(path) in WINGS, f"{name(path)}: a new wing; say here what it may import"
    may_use, packages = WINGS[wing(path)]
    names = imported(path)
    outside = {found.split(".")[0] for found in names} - {"mnist_core"} - sys.stdlib_module_names
    assert outside <= {"numpy", *packages.split()}, name(path)
    inside = {found.split(".")[1] for found in names if found.startswith("mnist_core.")}
    assert inside & set(WINGS) <= {wing(path), *may_use.split()}, name(path)


@pytest.mark.parametrize("room", [room for room in WINGS if (ROOT / "mnist_core" / room).is_dir()])
def test_no_circle_inside_a_wing(room: str) -> None:
    files = [path for path in LIBRARY if wing(path) == room and path.name != "__init__.py"]
    dotted = {path: ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files}
    used = {path: modules(path) for path in files}
    waiting = {path: {other for other in files if other != path and dotted[other] in used[path]} for path in files}
    while free := [path for path, others in waiting.items() if not others & waiting.keys()]:
        for path in free:
            del waiting[path]
    assert not waiting, sorted(map(name, waiting))


def test_at_most_eight_files_stand_directly_in_the_library() -> None:
    assert len(list((ROOT / "mnist_core").glob("*.py"))) <= 8


def test_to_read_a_digit_neither_training_nor_recipes_are_loaded() -> None:
    code = "import sys, mnist_core; mnist_core.Recognizer.load(); print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(result.stdout.split())
    assert "mnist_core.reading.recognizer" in loaded
    assert "scipy" not in loaded
    assert not {
        found
        for found in loaded
        if found.startswith(("mnist_core.training", "mnist_core.recipes", "mnist_core.teaching"))
    }


def test_runs_need_no_cluster() -> None:
    code = "import sys, mnist_core.runs, mnist_core.runs.direct, mnist_core.runs.cluster; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(result.stdout.split())
    assert "mnist_core.runs.cluster" in loaded
    assert not {found for found in loaded if found.split(".")[0] in ("dask", "distributed", "tornado")}


@pytest.mark.parametrize("path", [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py"))], ids=name)
def test_pages_import_components_and_the_library_only(path: Path) -> None:
    ours = {
        found
        for found in imported(path)
        if found.split(".")[0] in ("app", "pages", "mnist_core", "tests", "benchmarks")
    }
    assert all(found.startswith(("pages.components", "mnist_core")) for found in ours), ours


@pytest.mark.parametrize("path", sorted((ROOT / "pages" / "components").rglob("*.py")), ids=name)
def test_components_do_not_import_pages(path: Path) -> None:
    ours = {found for found in imported(path) if found.split(".")[0] in ("app", "pages", "tests", "benchmarks")}
    assert all(found == "pages.components" or found.startswith("pages.components.") for found in ours), ours


@pytest.mark.parametrize("path", [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))], ids=name)
def test_pages_know_wings_by_their_public_names(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "mnist_core":
            assert node.module in {"mnist_core", *(f"mnist_core.{room}" for room in WINGS)}, node.module
            public = importlib.import_module(node.module).__all__
            assert {alias.name for alias in node.names} <= set(public), node.module


@pytest.mark.parametrize("room", [room for room in WINGS if (ROOT / "mnist_core" / room).is_dir()])
def test_a_wing_says_what_it_is_for_and_what_to_read_first(room: str) -> None:
    words = importlib.import_module(f"mnist_core.{room}").__doc__ or ""
    for file in re.findall(r"`([a-z_/]+\.py)`", words):
        assert (ROOT / "mnist_core" / room / file).exists(), file
    assert "Read `" in words and "This wing uses" in words


def test_the_walk_sees_what_it_should() -> None:
    found = imported(ROOT / "pages" / "components" / "draw" / "one_digit.py")
    assert {"mnist_core.ink.canvas", "mnist_core.ink", "streamlit", "pages.components.drawing"} <= found


def test_the_server_starts_without_the_pages() -> None:
    """A component that is made before Streamlit runs is not known to any page."""
    code = "import sys, app, streamlit.components.v2 as v2; print(type(app.app).__name__, *sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    kind, *loaded = result.stdout.split()
    assert kind == "App" and "pages.components.draw.live_route" in loaded
    for module in loaded:
        if module.startswith("pages."):
            source = ROOT.joinpath(*module.split(".")).with_suffix(".py")
            assert not source.exists() or "v2.component(" not in source.read_text(encoding="utf-8"), module
