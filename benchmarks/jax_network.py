"""A network of this project as a function of JAX."""

from collections.abc import Callable, Iterable
from typing import Any

from mnist_core.nn.layers import Layer
from mnist_core.nn.layers.convolution import Conv2D
from mnist_core.nn.layers.dense import Dense
from mnist_core.nn.layers.pooling import Flatten, MaxPool2D
from mnist_core.nn.layers.regularization import BatchNorm, Dropout

Forward = Callable[[list[Any], list[Any], Any, Any], tuple[Any, list[Any]]]


def jax_network(jax: Any, layers: Iterable[tuple[Layer, tuple[int, ...]]], training: bool = True) -> Forward:
    """forward(parameters, running, x, key): scores [N, classes], and the running means and variances after that.

    parameters: this project's arrays in its order. running: mean and variance of each batch normalization. x: [N, 784]
    or [N, 28, 28, 1]. key: for dropout.
    """
    jnp = jax.numpy
    chosen = [layer for layer, _ in layers]

    def forward(parameters: list[Any], running: list[Any], x: Any, key: Any) -> tuple[Any, list[Any]]:
        arrays, before, after = iter(parameters), iter(running), []
        for layer in chosen:
            match layer:
                case Dense():
                    x = x @ next(arrays)
                    x = x + next(arrays) if layer.biases != "none" else x
                case Conv2D():
                    kinds = ("NHWC", "HWIO", "NHWC")
                    padding = layer.padding.upper()
                    x = jax.lax.conv_general_dilated(x, next(arrays), (1, 1), padding, dimension_numbers=kinds)
                    x = x + next(arrays) if layer.biases != "none" else x
                case BatchNorm():
                    x, kept = _normalized(jnp, layer, x, next(arrays), next(arrays), next(before), training)
                    after.append(kept)
                case MaxPool2D():
                    window = (1, layer.size, layer.size, 1)
                    x = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, window, window, "VALID")
                case Flatten():
                    x = x.reshape(len(x), -1)
                case Dropout():
                    if training:
                        key, own = jax.random.split(key)
                        x = jnp.where(jax.random.bernoulli(own, 1 - layer.rate, x.shape), x / (1 - layer.rate), 0)
                case _:
                    activations = {"relu": jax.nn.relu, "tanh": jnp.tanh, "sigmoid": jax.nn.sigmoid}
                    x = activations[layer.name](x)
        return x, after

    return forward


def _normalized(jnp: Any, layer: BatchNorm, x: Any, scale: Any, shift: Any, kept: Any, training: bool) -> Any:
    axes = tuple(range(x.ndim - 1))
    mean, variance = (x.mean(axes), x.var(axes)) if training else kept
    y = (x - mean) * (scale / jnp.sqrt(variance + layer.epsilon)) + shift
    rate = 1 - layer.momentum
    if training:
        kept = (kept[0] + rate * (mean - kept[0]), kept[1] + rate * (variance - kept[1]))
    return y, kept
