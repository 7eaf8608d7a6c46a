"""What the library says of a run is known to the pages, which say it in the visitor's language."""

import ast
import json
import re
from pathlib import Path

import pytest

from mnist_core.exchange import SCALES
from mnist_core.insight.probe import LayerPlace
from mnist_core.recipes import measured
from mnist_core.recipes.catalog import get
from mnist_core.runs import Curves, Finding, Status, diagnose
from mnist_core.training import TrainingConfig
from pages.components import told as told_module
from pages.components.language import spoken
from pages.components.told import SENTENCES, SETTINGS, parts, told
from pages.components.train import settings_choices
from pages.components.train.foreign_network import OTHER, SCALE_WORDS

CONFIG = TrainingConfig(("flatten", "dense 32", "relu", "dense 10"), learning_rate=0.01)
EXPLODED = (
    "At step 1,201 the loss was no longer a usable number. Mostly the learning rate is too high. "
    "The network of step 1,000, from before that, is kept."
)
LIBRARY = Path(__file__).parents[2] / "mnist_core"


def curves(points: list[dict[str, float]]) -> Curves:
    found = Curves(Path("none"))
    for step, point in enumerate(points, 1):
        found._take(json.dumps({"step": 50 * step, "epoch": step / 2} | point).encode())
    return found


def findings() -> list[Finding]:
    """One of every kind."""
    stuck = [[{"loss": 2.303 if i < 3 else loss, "accuracy": 0.1} for i in range(30)] for loss in (2.303, 9.0)]
    by_heart = [{"loss": 1 / i, "accuracy": 0.9, "validation_loss": 0.5 + abs(i - 4) / 10} for i in range(1, 10)]
    found = [finding for points in stuck for finding in diagnose(CONFIG, curves(points), Status("training"), {})]
    config = CONFIG
    for _ in range(3):
        (finding,) = diagnose(config, curves(by_heart), Status("training"), {})
        found.append(finding)
        config = finding.config
    for config, layer in ((CONFIG, "relu"), (get("sigmoid-128").config, "sigmoid")):
        found += diagnose(config, curves([]), Status("training"), {LayerPlace(3, layer): 0.9})
    changed = curves([{"loss": 2.0}])
    for change in ({"learning_rate": 0.5, "augmentation": "warp"}, {"batch_size": 7}):
        changed.changes.append({"step": 1200, "epoch": 1.0} | change)
    failed = Status("failed", EXPLODED, 1000, cause="diverged")
    return [*found, *diagnose(CONFIG, curves([]), failed, {}), *diagnose(CONFIG, changed, failed, {})]


def said() -> list[str]:
    """All that is said of these, and of the published mistakes."""
    costs = [result.cost for result in measured().values() if result.cost]
    return [*costs, *(text for finding in findings() for text in (finding.message, finding.remedy))]


def test_what_is_said_of_a_training_is_made_of_sentences_that_are_known() -> None:
    for text in said():
        known = parts(text)
        assert all(sentence in SENTENCES for sentence, _ in known), text
        assert " ".join(sentence.format(**dict(values)) for sentence, values in known) == text


def _texts() -> str:
    """All texts in the code of the library; what is computed in an f-string is a ¤."""
    found = []
    for path in LIBRARY.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                found.append(
                    "".join(str(part.value) if isinstance(part, ast.Constant) else "¤" for part in node.values)
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    return "\n".join(found)


def test_the_library_still_says_what_is_known() -> None:
    texts, seen = _texts(), {sentence for text in said() for sentence, _ in parts(text)}
    for sentence in set(SENTENCES) - seen:
        for piece in re.split(r"\{\w+\}", sentence):
            assert piece in texts, sentence


def test_values_come_into_another_language(monkeypatch: pytest.MonkeyPatch) -> None:
    marked = {sentence: f"<{sentence}>" for sentence in (*SENTENCES, *SETTINGS)}
    monkeypatch.setattr(settings_choices, "_", lambda text: text)
    monkeypatch.setattr(told_module, "_", lambda text: marked.get(text, text))
    with spoken("de"):
        exploded = EXPLODED.replace("high. The", "high.> <The").replace("1,201", "1.201").replace("1,000", "1.000")
        assert told(EXPLODED) == f"<{exploded}>"
        (changed,) = [finding for finding in findings() if finding.go_back is not None]
        assert "<rate to 0,5>, <augmentation to Strong>, <batch size to 7>" in told(changed.message)
        assert told(changed.remedy) == "<Go back to before, with <rate 0,01>, <augmentation None>, <batch size 128>>"
        refused = "learning_rate: expected 0 to 0.5."
        assert told(f"Not changed. {refused}") == f"<Not changed. {refused}>"
        assert told("Other words {of} nobody.") == "Other words {of} nobody."
        assert told("No workers. The run goes on by itself then.") == "<No workers. The run goes on by itself then.>"


def test_english_stays_as_it_is() -> None:
    for finding in findings():
        assert told(finding.message) == finding.message
    assert set(SCALE_WORDS) == {*SCALES, OTHER}
