"""A drawing is normalized by the nodes of an ONNX file as it is here."""

import numpy as np
import onnx
import onnxruntime
import pytest
from PIL import Image, ImageDraw, ImageFilter

from mnist_core import InputError, Recognizer
from mnist_core.exchange import exported
from mnist_core.exchange.onnx_graph import Graph
from mnist_core.exchange.onnx_normalizing import DRAWING_SIDE, normalize_drawings
from mnist_core.ink.canvas import normalize
from mnist_core.reading import weights


def drawings(count: int, seed: int) -> np.ndarray:
    """Strokes of all sizes and strengths, some at the border, blurred or with faint specks around: uint8."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        picture = Image.new("L", (DRAWING_SIDE, DRAWING_SIDE))
        size = float(rng.choice([6, 15, 40, 120, 260]))
        left, top = rng.uniform(0, DRAWING_SIDE - size, 2)
        points = [(left + x, top + y) for x, y in rng.uniform(0, size, (5, 2))]
        ImageDraw.Draw(picture).line(
            points, fill=int(rng.integers(40, 256)), width=int(rng.integers(1, 24)), joint="curve"
        )
        if number % 3 == 1:
            picture = picture.filter(ImageFilter.GaussianBlur(2))
        pixels = np.array(picture)
        if number % 4 == 2:
            # Fainter than what counts as ink: outside the box it must not count, inside it does.
            pixels = np.maximum(pixels, (pixels.max() * 0.09 * rng.random(pixels.shape)).astype(np.uint8))
        found.append(pixels)
    return np.stack(found)


def as_canvas(pixels: np.ndarray) -> np.ndarray:
    return np.dstack([pixels] * 3 + [np.full_like(pixels, 255)])


def run(data: bytes, pixels: np.ndarray) -> np.ndarray:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(data, options)
    return np.asarray(session.run(None, {"drawings": pixels.astype(np.float32) / 255})[0])


@pytest.fixture(scope="module")
def normalizing() -> bytes:
    """The normalizing alone, as a file."""
    graph = Graph(np.dtype(np.float32))
    normalize_drawings(graph, "drawings")
    graph.nodes[-1].output[0] = "images"
    helper = graph.onnx.helper
    sides = {"drawings": DRAWING_SIDE, "images": 28}
    (given, result) = (
        [helper.make_tensor_value_info(name, graph.float32, ["N", side, side])] for name, side in sides.items()
    )
    made = helper.make_graph(graph.nodes, "normalizing", given, result, graph.constants)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString())


def test_any_drawing_becomes_the_same_picture(normalizing: bytes) -> None:
    pixels = drawings(60, seed=0)
    pictures = run(normalizing, pixels)
    for picture, drawing in zip(pictures, pixels, strict=True):
        expected = normalize(as_canvas(drawing), (0, 0, 0))
        assert expected is not None
        np.testing.assert_allclose(picture, expected, atol=1e-5)


def test_an_empty_drawing_is_an_empty_picture(normalizing: bytes) -> None:
    faint = np.zeros((2, DRAWING_SIDE, DRAWING_SIDE), np.uint8)
    faint[1, 100:120, 100:120] = 20
    np.testing.assert_array_equal(run(normalizing, faint), 0)


def test_a_network_of_drawings_answers_as_here() -> None:
    pixels = drawings(20, seed=1)
    recognizer = Recognizer.load("mlp")
    network, card = weights.load("mlp")
    ((name, data),) = exported(network, card, "onnx", of_drawings=True).items()
    assert name == "mlp-drawings.onnx"
    images = [image for drawing in pixels if (image := normalize(as_canvas(drawing), (0, 0, 0))) is not None]
    np.testing.assert_allclose(run(data, pixels), recognizer.probabilities(np.stack(images)), atol=1e-5)


def test_other_formats_take_no_drawings() -> None:
    network, card = weights.load("mlp")
    with pytest.raises(InputError, match="only onnx files can normalize drawings"):
        exported(network, card, "torch", of_drawings=True)
