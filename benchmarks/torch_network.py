"""A network of this project as an nn.Module of PyTorch, with the same weights."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from mnist_core.nn.layers import Layer
from mnist_core.nn.layers.convolution import Conv2D
from mnist_core.nn.layers.dense import Dense
from mnist_core.nn.layers.pooling import Flatten, MaxPool2D
from mnist_core.nn.layers.regularization import BatchNorm, Dropout

Shaped = Iterable[tuple[Layer, tuple[int, ...]]]
ACTIVATIONS = {"relu": "ReLU", "tanh": "Tanh", "sigmoid": "Sigmoid"}


def torch_network(
    torch: Any, layers: Shaped, learned: Sequence[np.ndarray], states: Sequence[dict[str, np.ndarray]] = ()
) -> Any:
    """The module; it takes [N, 784] if there is no layer for pictures, else [N, 1, 28, 28].

    layers: each with the shape of what goes into it. learned: arrays of parameters, in order. states: the
    mean and variance of each batch normalization, in order; without them they are as at the start.
    """
    arrays, kept, modules = iter(learned), iter(states), []
    pictures = False
    before: tuple[int, ...] = (0, 0, 0)
    for layer, shape in layers:
        match layer:
            case Flatten():
                before = shape if pictures else before
                modules += [torch.nn.Flatten()] if pictures else []
            case Dense():
                modules.append(_dense(torch, layer, shape, arrays, before if pictures else (0, 0, 0)))
                pictures = False
            case _:
                pictures = pictures or isinstance(layer, Conv2D)
                modules.append(_module(torch, layer, shape, arrays, kept))
    return torch.nn.Sequential(*modules)


def _dense(torch: Any, layer: Dense, shape: tuple[int, ...], arrays: Iterator[np.ndarray], before: Any) -> Any:
    """before: the picture that was flattened: PyTorch has its channels first, this project last."""
    module = torch.nn.Linear(shape[0], layer.units, bias=layer.biases != "none")
    weights = next(arrays)
    if before[2]:
        weights = weights.reshape(*before, -1).transpose(2, 0, 1, 3).reshape(weights.shape)
    _fill(torch, module, [weights.T], arrays)
    return module


def _module(
    torch: Any,
    layer: Layer,
    shape: tuple[int, ...],
    arrays: Iterator[np.ndarray],
    kept: Iterator[dict[str, np.ndarray]],
) -> Any:
    nn, channels = torch.nn, shape[-1]
    match layer:
        case Conv2D():
            padding = layer.size // 2 if layer.padding == "same" else 0
            bias = layer.biases != "none"
            module = nn.Conv2d(channels, layer.filters, layer.size, padding=padding, bias=bias)
            _fill(torch, module, [next(arrays).transpose(3, 2, 0, 1)], arrays)
        case BatchNorm():
            module = (nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d)(channels, layer.epsilon)
            module.momentum = 1 - layer.momentum
            _fill(torch, module, [next(arrays)], arrays)
            if state := next(kept, None):
                module.running_mean.copy_(torch.from_numpy(state["mean"]))
                module.running_var.copy_(torch.from_numpy(state["variance"]))
        case MaxPool2D():
            module = nn.MaxPool2d(layer.size)
        case Dropout():
            module = nn.Dropout(layer.rate)
        case _:
            module = getattr(nn, ACTIVATIONS[layer.name])()
    return module


def _fill(torch: Any, module: Any, first: list[np.ndarray], arrays: Iterator[np.ndarray]) -> None:
    """The module's parameters from `first`, then from `arrays`."""
    with torch.no_grad():
        for parameter, array in zip(module.parameters(), itertools.chain(first, arrays), strict=False):
            parameter.copy_(torch.from_numpy(np.ascontiguousarray(array)))
