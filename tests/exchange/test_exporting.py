"""Networks go out: what ONNX Runtime makes of them is what we make of them, and they come back as they went."""

import ast
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from safetensors.numpy import load as load_tensors

from mnist_core import InputError, Recognizer, load_mnist
from mnist_core.data import to_unit
from mnist_core.exchange import FORMATS, PicturesWanted, as_one_file, exported, take_apart
from mnist_core.exchange.channels_first import here, orders, there
from mnist_core.exchange.packages import PACKAGES
from mnist_core.exchange.reading_steps import CARD
from mnist_core.exchange.to_onnx import STEPS
from mnist_core.exchange.to_torch import LAYERS as TORCH_LAYERS
from mnist_core.nn.layers import LAYERS
from mnist_core.nn.network import Network
from mnist_core.nn.published_mistakes import MISTAKEN_LAYERS
from mnist_core.reading import ModelCard, weights

ALL_KINDS = (
    *(
        "pad 2",
        "resize 20",
        "standardize 0.1 0.3",
        "conv 4 3",
        "batchnorm",
        "relu",
        "conv 3 5 padding=same biases=none",
    ),
    *("tanh", "maxpool 2", "flatten", "batchnorm", "ones", "dense 16 biases=none", "sigmoid", "dropout 0.3"),
    *("scale 2", "softmax", "dense 12", "batch_softmax", "dense_one_bias_gradient 11"),
)
"""A network in which every kind of layer occurs."""


def filled(layers: tuple[str, ...], output: str = "softmax", seed: int = 3) -> Network:
    """A network whose every number is drawn, so that none hides a mistake."""
    rng = np.random.default_rng(seed)
    network = Network(layers, rng, output=output)
    for label, array in network.arrays():
        spread = rng.uniform(0.5, 1.5, array.shape) if "variance" in label else rng.normal(0, 0.3, array.shape)
        array[...] = spread
    return network


def in_onnx_runtime(data: bytes, images: np.ndarray) -> np.ndarray:
    options = onnxruntime.SessionOptions()
    # Its threads wait in a loop for each other, which a busy machine cannot bear.
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(data, options)
    return np.asarray(session.run(None, {"images": images})[0])


def card_of(network: Network, **facts: object) -> ModelCard:
    return ModelCard("made", "Made up", "For a test.", network.description, output=network.output, **facts)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return to_unit(load_mnist().test_images[:50])


def test_every_kind_of_layer_can_be_exported() -> None:
    assert {line.split()[0] for line in ALL_KINDS} == set(LAYERS) | set(MISTAKEN_LAYERS)
    assert set(STEPS) == set(TORCH_LAYERS) == set(LAYERS) | set(MISTAKEN_LAYERS)


@pytest.mark.parametrize("name", weights.names())
def test_bundled_networks_give_the_same_in_onnx_runtime(name: str, images: np.ndarray) -> None:
    ((file, data),) = exported(*weights.load(name), "onnx").items()
    assert file == f"{name}.onnx"
    ours = Recognizer.load(name).probabilities(images)
    np.testing.assert_allclose(in_onnx_runtime(data, images), ours, atol=1e-5)
    assert in_onnx_runtime(data, images[:1]).shape == (1, ours.shape[1])


@pytest.mark.parametrize("output", ["softmax", "sigmoid", "identity"])
@pytest.mark.parametrize(("views", "temperature"), [(1, 1.0), (5, 1.7)])
def test_every_layer_gives_the_same_in_onnx_runtime(
    output: str, views: int, temperature: float, images: np.ndarray
) -> None:
    network = filled(ALL_KINDS, output)
    card = card_of(network, views=views, temperature=temperature)
    ((_, data),) = exported(network, card, "onnx").items()
    np.testing.assert_allclose(
        in_onnx_runtime(data, images), Recognizer(network, card).probabilities(images), atol=2e-6
    )


def test_a_network_in_float64_is_exported_in_float64(images: np.ndarray) -> None:
    network, card = weights.load("logistic-regression")
    assert network.dtype == np.float64
    ((_, data),) = exported(network, card, "onnx").items()
    kinds = {one.data_type for one in onnx.load_model_from_string(data).graph.initializer}
    assert onnx.TensorProto.FLOAT not in kinds and onnx.TensorProto.DOUBLE in kinds
    found = in_onnx_runtime(data, images)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, Recognizer(network, card).probabilities(images), atol=1e-6)
    (program,) = (text.decode() for name, text in exported(network, card, "torch").items() if name.endswith(".py"))
    assert "Reader().double()" in program and "images.double()" in program


def test_scores_that_are_all_negative_are_all_as_likely(images: np.ndarray) -> None:
    network = filled(("flatten", "dense 10"), "identity")
    network.layers[1].parameters["biases"][...] = -1000
    ((_, data),) = exported(network, card_of(network), "onnx").items()
    np.testing.assert_allclose(in_onnx_runtime(data, images), 0.1)


def test_scores_of_a_convolution_come_in_our_order(images: np.ndarray) -> None:
    network = filled(("conv 3 27", "flatten"))
    ((_, data),) = exported(network, card_of(network), "onnx").items()
    np.testing.assert_allclose(in_onnx_runtime(data, images), network.predict(images), atol=2e-6)


def test_an_onnx_file_says_what_it_is() -> None:
    ((_, data),) = exported(*weights.load("mlp"), "onnx").items()
    model = onnx.load_model_from_string(data)
    assert model.producer_name == "Digit Lab" and model.graph.name == "mlp"
    metadata = {one.key: one.value for one in model.metadata_props}
    assert json.loads(metadata[CARD])["title"] == "Multi-layer perceptron"
    (given,) = model.graph.input
    assert [side.dim_value or side.dim_param for side in given.type.tensor_type.shape.dim] == ["N", 28, 28]


@pytest.mark.parametrize("file_format", list(FORMATS))
@pytest.mark.parametrize("name", ["default", "mlp", "sigmoid-128-squared-error", "relu-100-double-softmax"])
def test_what_is_exported_comes_back(file_format: str, name: str, images: np.ndarray) -> None:
    network, card = weights.load(name)
    for file, data in exported(network, card, file_format).items():
        if file.endswith(".py"):
            continue
        imported = take_apart(file, data)
        assert not imported.needs_layers and imported.card is not None
        again, its_card = imported.network(PicturesWanted())
        assert again.description == network.description
        assert (its_card.temperature, its_card.views, its_card.title) == (card.temperature, card.views, card.title)
        for (label, array), (its_label, its_array) in zip(network.arrays(), again.arrays(), strict=True):
            assert label == its_label
            np.testing.assert_array_equal(array, its_array)


@pytest.mark.parametrize("file_format", ["onnx", "safetensors"])
def test_a_network_of_other_classes_comes_back_with_their_names(file_format: str, images: np.ndarray) -> None:
    network = filled(("flatten", "dense 3"))
    card = card_of(network, classes=["left", "right", "neither"], data="made up")
    ((name, data),) = exported(network, card, file_format).items()
    back, its_card = take_apart(name, data).network(PicturesWanted())
    assert its_card.class_names == ("left", "right", "neither")
    np.testing.assert_allclose(back.logits(images), network.logits(images), atol=1e-5)


@pytest.mark.parametrize("file_format", list(FORMATS))
def test_the_same_network_gives_the_same_bytes(file_format: str) -> None:
    first, second = (as_one_file(exported(*weights.load("relu-10"), file_format)) for _ in range(2))
    assert first == second


def test_safetensors_are_our_arrays() -> None:
    network, card = weights.load("small-cnn")
    ((_, data),) = exported(network, card, "safetensors").items()
    assert load_tensors(data).keys() == dict(network.arrays()).keys()


@pytest.mark.parametrize("name", ["default", "sigmoid-128", "sigmoid-128-squared-error", "logistic-regression"])
def test_the_program_for_pytorch_is_short_and_sound(name: str) -> None:
    files = exported(*weights.load(name), "torch")
    (program,) = (data.decode() for file, data in files.items() if file.endswith(".py"))
    compile(program, "model.py", "exec")
    assert len(program.splitlines()) < 110 and all(len(line) <= 120 for line in program.splitlines())
    used = {node.id for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Name)}
    assert ("F" in used) == ("functional as F" in program)
    (weights_file,) = (file for file in files if file.endswith(".safetensors"))
    assert f'with_name("{weights_file}")' in program
    assert as_one_file(files)[0] == weights_file.replace(".safetensors", ".zip")


def test_a_title_cannot_end_the_program_s_first_sentence() -> None:
    network = filled(("flatten", "dense 10"))
    card = ModelCard("made", 'A """ title \\ with\nall', "", network.description)
    (program,) = (data for file, data in exported(network, card, "torch").items() if file.endswith(".py"))
    assert len(ast.parse(program).body) > 5


def test_arrays_are_laid_out_there_and_back() -> None:
    network = filled(ALL_KINDS)
    for layer, order in zip(network.layers, orders(network.layers, network.shapes), strict=False):
        for name, array in (layer.parameters | layer.state).items():
            np.testing.assert_array_equal(here(name, there(name, array, order), order), array)


@pytest.mark.parametrize("lacking", list(PACKAGES))
def test_a_missing_package_is_named_with_what_to_install(lacking: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from mnist_core.exchange import missing, packages

    def import_module(name: str) -> object:
        raise ImportError(name)

    monkeypatch.setattr(packages, "import_module", import_module)
    monkeypatch.setattr(packages, "find_spec", lambda name: None if name == lacking else object())
    assert PACKAGES[lacking] in missing() and "requirements-exchange.txt" in missing()
    assert missing(*(name for name in PACKAGES if name != lacking)) == ""
    with pytest.raises(InputError, match="pip install -r requirements-exchange.txt"):
        exported(*weights.load("mlp"), "onnx" if lacking == "onnx" else "safetensors")


def test_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="format 'pickle': expected one of onnx, safetensors, torch"):
        exported(*weights.load("mlp"), "pickle")
