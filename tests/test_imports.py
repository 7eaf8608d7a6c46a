"""Imports point down the list of rooms, never up; the library needs neither Streamlit nor Matplotlib."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Room: what it may import of this project.
ONE_IDEA = {"errors"}
ALLOWED: dict[str, set[str]] = {
    "errors": set(),
    "spec": ONE_IDEA,
    "idx": ONE_IDEA,
    "npz": ONE_IDEA,
    "images": ONE_IDEA,
    "metrics": ONE_IDEA,
    "initializers": ONE_IDEA,
    "optimizers": ONE_IDEA,
    "schedules": ONE_IDEA,
    "augment": ONE_IDEA,
    "canvas": ONE_IDEA,
    "lanes": set(),
    "files": ONE_IDEA,
    "dataset": {"errors", "idx"},
    "pen": {"errors", "npz"},
    "pen_styles": set(),
    "unipen": ONE_IDEA,
    "checkpoint": {"errors", "files", "npz"},
    "variation": set(),
    "styles": {"canvas"},
    "layers": {"errors", "initializers", "lanes", "layers"},
    "losses": {"errors", "layers"},
    "mistakes": {"errors", "layers", "losses"},
    "network": {"errors", "lanes", "layers", "mistakes", "spec"},
    "views": {"augment"},
    "weights": {"errors", "files", "network", "npz", "views"},
    "practice": {"canvas", "dataset", "errors", "network", "pen", "styles", "variation"},
    "averaging": {"config", "network"},
    "config": {"augment", "errors", "losses", "mistakes", "network", "optimizers", "schedules", "spec"},
    "batches": {"augment", "dataset", "errors", "lanes", "layers", "losses", "metrics", "network"},
    "trainer": {
        "augment",
        "averaging",
        "batches",
        "config",
        "dataset",
        "errors",
        "metrics",
        "network",
        "optimizers",
        "schedules",
        "spec",
    },
    "folding": {"layers", "network"},
    "recognizer": {"canvas", "folding", "network", "views", "weights"},
    "recipe": {"config", "practice"},
    "published": {"config", "recipe"},
    "recipes": {"config", "errors", "practice", "published", "recipe", "views"},
    "evaluation": {"errors", "dataset", "metrics", "pen", "pen_styles", "recognizer", "weights"},
    "figure": {"recognizer"},
    "publish": {"dataset", "errors", "evaluation", "metrics", "network", "recognizer", "trainer", "weights"},
    "reproduce": {
        "checkpoint",
        "config",
        "dataset",
        "errors",
        "files",
        "pen",
        "practice",
        "publish",
        "recipe",
        "trainer",
        "weights",
    },
    "measured": set(),
    "doubtful": set(),
    "explain": {"errors", "layers", "network"},
    "damage": {"augment"},
    "probe": {"dataset", "layers", "metrics", "network"},
    "architecture": {"errors", "layers", "mistakes", "spec"},
    "runs": {
        "checkpoint",
        "config",
        "dataset",
        "errors",
        "files",
        "network",
        "npz",
        "probe",
        "publish",
        "runs",
        "spec",
        "trainer",
        "weights",
    },
    "commands": {
        "commands",
        "dataset",
        "errors",
        "evaluation",
        "figure",
        "files",
        "images",
        "measured",
        "pen",
        "practice",
        "recipe",
        "recipes",
        "recognizer",
        "reproduce",
        "runs",
        "trainer",
        "unipen",
        "weights",
    },
    "__init__": {"errors", "recognizer"},
}
NUMERIC = {"numpy"}
OUTSIDE: dict[str, set[str]] = {
    "figure": {"numpy", "PIL"},
    "images": {"numpy", "PIL"},
    "pen": {"numpy", "PIL"},
    "practice": {"numpy", "threadpoolctl"},
    "batches": {"numpy", "threadpoolctl"},
    "trainer": {"numpy", "threadpoolctl"},
    "runs": {"filelock", "numpy", "platformdirs", "threadpoolctl"},
    "commands": {"click", "numpy", "threadpoolctl", "tqdm"},
    "__main__": {"click"},
}


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


def standard(name: str) -> bool:
    return name in sys.stdlib_module_names


def room(path: Path) -> str:
    """The module below mnist_core that a file belongs to: a folder such as layers is one room."""
    return path.relative_to(ROOT / "mnist_core").with_suffix("").parts[0]


@pytest.mark.parametrize("path", sorted((ROOT / "mnist_core").rglob("*.py")), ids=lambda path: path.name)
def test_the_library_imports_downward(path: Path) -> None:
    names = imported(path)
    top = {name.split(".")[0] for name in names} - {"mnist_core"}
    outside = {name for name in top if not standard(name)}
    assert outside <= OUTSIDE.get(room(path), NUMERIC), path.name
    inside = {name.split(".")[1] for name in names if name.startswith("mnist_core.")}
    if room(path) != "__main__":
        assert room(path) in ALLOWED, f"{path.name}: a new room; say here what it may import"
        assert inside <= ALLOWED[room(path)], path.name


@pytest.mark.parametrize(
    "path",
    [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py"))],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_pages_import_components_and_the_library_only(path: Path) -> None:
    ours = {
        name for name in imported(path) if name.split(".")[0] in ("app", "pages", "mnist_core", "tests", "benchmarks")
    }
    assert all(name.startswith(("pages.components", "mnist_core")) for name in ours), ours


@pytest.mark.parametrize("path", sorted((ROOT / "pages" / "components").glob("*.py")), ids=lambda path: path.stem)
def test_components_do_not_import_pages(path: Path) -> None:
    ours = {name for name in imported(path) if name.split(".")[0] in ("app", "pages", "tests", "benchmarks")}
    assert all(name == "pages.components" or name.startswith("pages.components.") for name in ours), ours


def test_the_walk_sees_what_it_should() -> None:
    assert {"mnist_core.canvas", "streamlit", "pages.components.frame"} <= imported(ROOT / "app.py")
