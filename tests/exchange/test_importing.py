"""Networks come in: files that PyTorch and Keras wrote read as these programs read them; all else is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save as save_tensors

from mnist_core import InputError, Recognizer, load_mnist
from mnist_core.data import to_unit
from mnist_core.exchange import SCALES, PicturesWanted, best_way, take_apart
from mnist_core.exchange.importing import Imported
from mnist_core.nn import parse_layers

FILES = Path(__file__).parent / "files"
FOREIGN = sorted([*FILES.glob("*.onnx"), *FILES.glob("*.safetensors")])
RNG = np.random.default_rng(0)
W = RNG.normal(0, 0.1, (784, 10)).astype(np.float32)
B = RNG.normal(0, 0.1, 10).astype(np.float32)


def foreign(path: Path) -> tuple[Imported, Any]:
    """A file, and what the program that made it says of some test images."""
    note = np.load(path.with_suffix(".npz"))
    imported = take_apart(path.name, path.read_bytes())
    if imported.needs_layers:
        imported = imported.with_layers(parse_layers(str(note["layers"])))
    return imported, note


def test_there_are_files_of_both_programs() -> None:
    versions = [str(np.load(path.with_suffix(".npz"))["version"]) for path in FOREIGN]
    assert any(version.startswith("PyTorch 2.") for version in versions)
    assert any(version.startswith("Keras 3.") for version in versions)
    assert sum(path.stat().st_size for path in FILES.iterdir()) < 500_000


@pytest.mark.parametrize("path", FOREIGN, ids=lambda path: path.stem)
def test_a_foreign_network_reads_as_where_it_was_trained(path: Path) -> None:
    imported, note = foreign(path)
    way, right = best_way(imported)
    assert way.scale == str(note["scale"]) and right > 0.7
    recognizer = Recognizer(*imported.network(way))
    found = recognizer.probabilities(to_unit(load_mnist().test_images[note["images"]]))
    np.testing.assert_allclose(found, note["probabilities"], atol=1e-5)


def test_a_foreign_network_has_a_card_and_can_be_drawn_with() -> None:
    imported, _ = foreign(FILES / "torch_lenet.onnx")
    assert imported.body is not None and imported.body.side == 32
    network, card = imported.network(PicturesWanted("0..1", "pad"))
    # The exporter has put the first batch normalization into the convolution before it.
    assert network.description == [
        *("pad 2", "conv 4 5", "relu", "maxpool", "pad 1", "conv 8 5", "relu", "maxpool"),
        *("flatten", "batchnorm", "dense 10"),
    ]
    assert card.name == "torch-lenet" and "pytorch" in card.description and card.parameters == network.size
    assert Recognizer(network, card).read_images([to_unit(load_mnist().test_images[0])])[0].digit == 7


# Arrays with a list of layers.


def test_arrays_find_their_layers_by_shape_and_then_by_name() -> None:
    def dense(inputs: int, units: int) -> np.ndarray:
        return RNG.normal(0, 0.1, (units, inputs)).astype(np.float32)

    tensors = {"out.weight": dense(16, 10), "hidden10.weight": dense(16, 16), "hidden2.weight": dense(16, 16)}
    tensors["first.weight"] = dense(784, 16)
    data = save_tensors(tensors)
    lines = parse_layers(
        "flatten; dense 16 biases=none; relu; dense 16 biases=none; relu; dense 16 biases=none; dense 10 biases=none"
    )
    network, _ = take_apart("a.safetensors", data).with_layers(lines).network(PicturesWanted())
    for number, name in ((2, "first"), (4, "hidden2"), (6, "hidden10"), (7, "out")):
        np.testing.assert_array_equal(network.layers[number - 1].parameters["weights"], tensors[f"{name}.weight"].T)


@pytest.mark.parametrize(
    ("tensors", "lines", "words"),
    [
        (
            {"fc.weight": W},
            "flatten; dense 10 biases=none",
            r"layer 2, 'dense 10 biases=none', needs tensors.*weight 10 x 784; left are fc",
        ),
        ({"fc.weight": W.T.copy()}, "flatten; dense 10", "needs tensors of these shapes: bias 10, weight 10 x 784"),
        ({"fc.weight": W.T.copy(), "more.bias": B}, "flatten; dense 10 biases=none", "'more' belong to none"),
        ({"fc.kernel": W}, "flatten; dense 10", "tensor 'fc.kernel' is not understood"),
        ({"fc.weight": W}, "dense 10", "its layers are no network"),
        ({"9 dense weights": W}, "flatten; dense 10", "'9 dense weights' belongs to none"),
    ],
)
def test_arrays_that_belong_to_no_layer_are_named(tensors: dict[str, np.ndarray], lines: str, words: str) -> None:
    imported = take_apart("a.safetensors", save_tensors(tensors))
    assert imported.needs_layers
    with pytest.raises(InputError, match=words):
        imported.with_layers(parse_layers(lines)).network(PicturesWanted())


# Which pictures it wants.


def test_the_usual_scales_are_what_they_say() -> None:
    image = np.array([0, 0.25, 1], np.float32).reshape(1, 1, 3, 1)
    from mnist_core.nn.layers import LAYERS
    from mnist_core.nn.spec import parse

    expected = {
        "0..1": [0, 0.25, 1],
        "0.1307,0.3081": [-0.42421296, 0.38721194, 2.8214867],
        "0..255": [0, 63.75, 255],
        "-1..1": [-1, -0.5, 1],
        "1..0": [1, 0.75, 0],
    }
    assert expected.keys() == SCALES.keys()
    for scale, lines in SCALES.items():
        x = image
        for line in lines:
            x = parse(line, LAYERS, "layer").forward(x)
        np.testing.assert_allclose(x.ravel(), expected[scale], rtol=1e-6)


def test_another_scale_and_size_become_layers() -> None:
    assert PicturesWanted("0.5, 0.25").layers(28) == ["standardize 0.5 0.25"]
    assert PicturesWanted("0..255", "pad").layers(32) == ["pad 2", "scale 255.0"]
    assert PicturesWanted("0..1", "resize").layers(8) == ["resize 8"]
    for wanted, side, words in (
        (PicturesWanted("bright"), 28, "scale 'bright': expected one of 0..1"),
        (PicturesWanted("0.5,0"), 28, "scale '0.5,0'"),
        (PicturesWanted("nan,1"), 28, "scale 'nan,1'"),
        (PicturesWanted(fit="pad"), 20, "resize them"),
        (PicturesWanted(fit="stretch"), 20, "expected one of pad, resize"),
    ):
        with pytest.raises(InputError, match=words):
            wanted.layers(side)
