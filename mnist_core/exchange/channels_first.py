"""A network's arrays as PyTorch and ONNX lay them out, and back.

Here a picture is [height, width, channels]; there it is [channels, height, width]. So a window of a convolution is
[filters, channels, size, size] there, a dense layer's weights are [units, inputs], and where a picture has been
flattened, the inputs come in another order: all pixels of the first channel, then all of the second.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from mnist_core.nn.layers import Layer
from mnist_core.nn.layers.inputs import Ones
from mnist_core.nn.layers.pooling import Flatten

Arrays = dict[str, np.ndarray]
NAMES = {
    "weights": "weight",
    "biases": "bias",
    "scale": "weight",
    "shift": "bias",
    "mean": "running_mean",
    "variance": "running_var",
    "level": "level",
}
"""The names of a layer's arrays, here and in PyTorch."""


def orders(layers: Sequence[Layer], shapes: Sequence[tuple[int, ...]]) -> Iterator[np.ndarray | None]:
    """For each layer, the order of its inputs there: number k there is number order[k] here; None for the same order.

    The last one is the order of what comes out of the last layer.

    shapes: of what goes into each layer, and of what comes out of the last one, without N.
    """
    order: np.ndarray | None = None
    for layer, shape, after in zip(layers, shapes, shapes[1:], strict=False):
        yield order
        if isinstance(layer, Flatten) and len(shape) == 3:
            order = np.arange(after[0]).reshape(shape).transpose(2, 0, 1).ravel()
        elif isinstance(layer, Ones) and order is not None:
            order = np.concatenate([[0], order + 1])
        elif "weights" in layer.parameter_shapes(shape):
            order = None
    yield order


def there(name: str, array: np.ndarray, order: np.ndarray | None) -> np.ndarray:
    """An array of a layer, by its name here, as PyTorch has it."""
    if name == "weights" and array.ndim == 4:
        return np.ascontiguousarray(array.transpose(3, 2, 0, 1))
    if name == "weights":
        return np.ascontiguousarray((array if order is None else array[order]).T)
    if order is not None and len(array) == len(order) and name != "biases":
        return array[order]
    return array


def here(name: str, array: np.ndarray, order: np.ndarray | None) -> np.ndarray:
    """The reverse of `there`."""
    if name == "weights" and array.ndim == 4:
        return np.ascontiguousarray(array.transpose(2, 3, 1, 0))
    found = np.ascontiguousarray(array.T) if name == "weights" else array
    if order is None or len(found) != len(order) or name == "biases":
        return found
    placed = np.empty_like(found)
    placed[order] = found
    return placed


def shape_there(name: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that an array of this name and shape has there."""
    if name != "weights":
        return shape
    return (shape[3], shape[2], *shape[:2]) if len(shape) == 4 else shape[::-1]
