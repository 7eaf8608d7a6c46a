"""What goes wrong is seen in the curves, and what is offered against it are settings that can be trained."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from mnist_core.insight import probe
from mnist_core.insight.probe import LayerPlace
from mnist_core.nn.network import Network
from mnist_core.recipes.catalog import get
from mnist_core.runs.curves_file import Curves
from mnist_core.runs.diagnosis import diagnose
from mnist_core.runs.run_records import Status
from mnist_core.training.config import TrainingConfig

CONFIG = TrainingConfig(("flatten", "dense 32", "relu", "dense 10"), learning_rate=0.01)
TRAINING = Status("training")


def curves(points: list[dict[str, float]]) -> Curves:
    found = Curves(Path("none"))
    for step, point in enumerate(points, 1):
        found._take(json.dumps({"step": 50 * step, "epoch": step / 2} | point).encode())
    return found


def test_a_healthy_training_has_no_finding() -> None:
    good = [{"loss": 2 / i, "accuracy": 1 - 0.9 / i, "validation_loss": 2 / i} for i in range(1, 30)]
    assert diagnose(CONFIG, curves(good), TRAINING, {LayerPlace(3, "relu"): 0.1}) == []
    assert diagnose(CONFIG, curves([]), Status("waiting"), {}) == []


def test_a_rate_that_is_far_too_large_is_never_called_too_small() -> None:
    config = dataclasses.replace(CONFIG, learning_rate=50.0)
    exploded = [{"loss": 7000 / i**3 + 3.9, "accuracy": 0.1} for i in range(1, 40)]
    (finding,) = diagnose(config, curves(exploded), TRAINING, {LayerPlace(3, "relu"): 1.0})
    assert "too large" in finding.message and finding.config.learning_rate == 5


@pytest.mark.parametrize(("loss", "rate"), [(2.303, 0.1), (9.0, 0.001)])
def test_no_learning_is_told_with_a_faster_or_a_slower_rate(loss: float, rate: float) -> None:
    stuck = [{"loss": 2.303 if i < 3 else loss, "accuracy": 0.1} for i in range(30)]
    (finding,) = diagnose(CONFIG, curves(stuck), TRAINING, {})
    assert "no better than guessing" in finding.message and finding.config.learning_rate == pytest.approx(rate)
    assert f"{rate:g}" in finding.remedy


def test_overfitting_is_told_with_augmentation_then_dropout_then_l2() -> None:
    points = [{"loss": 1 / i, "accuracy": 0.9, "validation_loss": 0.5 + abs(i - 4) / 10} for i in range(1, 10)]
    (finding,) = diagnose(CONFIG, curves(points), TRAINING, {})
    assert "by heart" in finding.message and finding.config.augmentation.startswith("warp")
    (finding,) = diagnose(finding.config, curves(points), TRAINING, {})
    assert finding.config.layers == ("flatten", "dense 32", "relu", "dropout 0.5", "dense 10")
    (finding,) = diagnose(finding.config, curves(points), TRAINING, {})
    assert finding.config.l2 == 0.001


def test_an_explosion_and_dead_units_are_told() -> None:
    (finding,) = diagnose(CONFIG, curves([]), Status("failed", "Other words.", cause="diverged"), {})
    assert finding.message == "Other words."
    assert finding.config == dataclasses.replace(CONFIG, learning_rate=0.001)
    (finding,) = diagnose(CONFIG, curves([]), TRAINING, {LayerPlace(3, "relu"): 0.8, LayerPlace(5, "relu"): 0.2})
    assert "80 % of the units in layer 3 (relu) are dead" in finding.message
    published = get("sigmoid-128").config
    (finding,) = diagnose(published, curves([]), TRAINING, {LayerPlace(3, "sigmoid"): 0.9})
    assert finding.config.layers[1] == "dense 128 weights=glorot_uniform"


def test_an_explosion_after_a_change_leads_back_to_the_settings_before_it() -> None:
    found = curves([{"loss": 0.3, "accuracy": 0.9}] * 4)
    for step, setting, value in ((60, "learning_rate", 0.02), (150, "learning_rate", 100.0), (150, "batch_size", 7)):
        found._take(json.dumps({"step": step, "epoch": 1.0, "change": {setting: value}}).encode())
    status = Status("failed", "It is over.", step=150, cause="diverged")
    (finding,) = diagnose(CONFIG, found, status, {LayerPlace(3, "relu"): 1.0})
    assert finding.go_back == {"learning_rate": 0.02, "batch_size": CONFIG.batch_size}
    assert finding.remedy == "Go back to before, with rate 0.02, batch size 128" and "rate to 100" in finding.message
    # Long after the last change, slower steps than those of that moment are advised.
    (finding,) = diagnose(CONFIG, found, dataclasses.replace(status, step=200), {})
    assert finding.go_back is None and finding.config.learning_rate == 10


@pytest.mark.parametrize(
    "points",
    [
        # A fifth is right, and more and more.
        [{"loss": 2.3 - i / 400, "accuracy": 0.1 + i / 950} for i in range(100)],
        # Still near guessing, but the validation images show more.
        [{"loss": 2.3, "accuracy": 0.11, "validation_accuracy": 0.209} for _ in range(100)],
        # A loss of thousands that falls, as one that is a sum does.
        [{"loss": 9000 - 50 * i, "accuracy": 0.1} for i in range(100)],
    ],
)
def test_what_begins_to_learn_is_not_called_guessing(points: list[dict[str, float]]) -> None:
    config = dataclasses.replace(CONFIG, loss="squared_error")
    assert diagnose(config, curves(points), TRAINING, {}) == []


def test_one_bad_validation_is_no_overfitting() -> None:
    points = [{"loss": 1 / i, "accuracy": 0.9, "validation_loss": 0.5} for i in range(1, 10)]
    points[-1]["validation_loss"] = 0.7
    assert diagnose(CONFIG, curves(points), TRAINING, {}) == []


def test_words_alone_are_no_diagnosis() -> None:
    status = Status("failed", "At step 3 the loss was no longer a usable number. Mostly …")
    assert diagnose(CONFIG, curves([]), status, {}) == []


def test_dead_and_saturated_units_are_counted() -> None:
    layers = ("flatten", "dense 4 weights=zeros", "relu", "dense 3 weights=zeros", "sigmoid", "dense 10")
    network = Network(layers, np.random.default_rng(0))
    network.layers[1].parameters["biases"][:] = [-1, -1, -1, 1]
    network.layers[3].parameters["biases"][:] = [0, 20, -20]
    outputs = probe.activations(network, np.random.default_rng(0).random((20, 28, 28), np.float32))
    expected = {LayerPlace(3, "relu"): 0.75, LayerPlace(5, "sigmoid"): pytest.approx(2 / 3)}
    assert probe.dead_shares(network, outputs) == expected


def test_dead_units_are_kept_in_a_view_under_labels_and_come_out_as_places() -> None:
    rng = np.random.default_rng(0)
    network = Network(("flatten", "dense 4 weights=zeros", "relu", "dense 10"), rng)
    view = probe.look(network, probe.Sample(np.zeros((3, 28, 28), np.uint8), np.arange(3), np.arange(3)))
    assert view["dead_layers"].tolist() == ["3 relu"] and view["dead"].tolist() == [1.0]
    assert probe.dead_shares_in(view) == {LayerPlace(3, "relu"): 1.0}
    old = {"dead_layers": np.array(["2 relu", "12 sigmoid"], dtype="U40"), "dead": np.array([0.25, 0.5])}
    assert probe.dead_shares_in(old) == {LayerPlace(2, "relu"): 0.25, LayerPlace(12, "sigmoid"): 0.5}


def test_the_look_into_a_network() -> None:
    rng = np.random.default_rng(0)
    sample = probe.Sample(
        rng.integers(0, 256, (40, 28, 28)).astype(np.uint8), (np.arange(40) % 10).astype(np.uint8), np.arange(40) + 7
    )
    for layers, shape in (
        (("flatten", "dense 40", "relu", "dense 10"), (32, 28, 28)),
        (("conv 6 5", "relu", "flatten", "dense 10"), (6, 5, 5)),
        (("flatten", "ones", "dense 10"), (10, 28, 28)),
        (("flatten", "scale 255", "dense 5", "dense 10"), (5, 28, 28)),
        (("maxpool 2", "flatten", "dense 10"), (0, 28, 28)),
    ):
        network = Network(layers, rng)
        view = probe.look(network, sample)
        assert view["units"].shape == shape and view["confusion"].sum() == 40
        answers = network.logits(sample.images / np.float32(255)).argmax(axis=1)
        worst = view["worst"] - 7
        assert (answers[worst] == view["worst_answer"]).all() and (answers[worst] != sample.labels[worst]).all()
        before = probe.weight_copies(network)
        for layer in network.layers:
            if "weights" in layer.parameters:
                layer.parameters["weights"] *= 1.25
        assert all(ratio == pytest.approx(0.2) for ratio in probe.update_ratios(before, network).values())
