"""The building blocks of a network: each turns one array into the next, and can pass a gradient back.

Start reading at `base`; then one file an idea: `dense`, `activations`, `convolution` (and, for
how it is computed, `ways`, `rows`, `columns`, `winograd`, `tiles`, `row_tiles`), `pooling`, `regularization`, `inputs`.
"""

from mnist_core.nn.layers.activations import ReLU, Sigmoid, Softmax, Tanh, sigmoid, softmax
from mnist_core.nn.layers.base import Layer, Tape
from mnist_core.nn.layers.convolution import Conv2D
from mnist_core.nn.layers.dense import Dense
from mnist_core.nn.layers.inputs import Ones, Pad, Resize, Scale, Standardize
from mnist_core.nn.layers.pooling import Flatten, MaxPool2D
from mnist_core.nn.layers.regularization import BatchNorm, Dropout

LAYERS: dict[str, type[Layer]] = {
    cls.name: cls
    for cls in (
        *(Dense, Conv2D, MaxPool2D, BatchNorm, Dropout, Flatten, ReLU, Sigmoid, Tanh, Softmax),
        *(Scale, Ones, Standardize, Pad, Resize),
    )
}
"""Every kind of layer by the name that it has in a network's description."""

__all__ = ["LAYERS", "Layer", "Tape", "sigmoid", "softmax"]
