"""ONNX nodes that are layers here: dense ones, convolutions, pooling, normalization, activations, dropout."""

import numpy as np

from mnist_core.exchange.onnx_file import Node
from mnist_core.exchange.onnx_walk import LOG_SOFTMAX, Flow, Handler, Walk, rounded


def _dense(walk: Walk, node: Node, weights: np.ndarray, biases: np.ndarray | None) -> Flow:
    """weights: [inputs, units], as in the file."""
    order = walk.flatten(node)
    if weights.ndim != 2 or weights.shape[0] != order.size or not weights.shape[1]:
        raise walk.refuse(node, f"should have weights for {order.size:,} inputs, found shape {weights.shape}")
    placed = np.empty_like(weights)
    placed[order] = weights
    units = weights.shape[1]
    arrays = {"weights": placed}
    if biases is not None:
        if biases.size not in (1, units):
            raise walk.refuse(node, f"should have {units:,} biases, found {biases.size:,}")
        arrays["biases"] = np.broadcast_to(biases.reshape(-1), (units,)).copy()
    walk.emit(f"dense {units}", **arrays)
    return Flow(np.arange(units), (units,))


def gemm(walk: Walk, node: Node) -> Flow:
    """A matrix product with biases."""
    weights = walk.floats(node, 1)
    if node.settings.get("transA") or weights.ndim != 2:
        raise walk.refuse(node, "should multiply the picture by a matrix")
    weights = weights.T if node.settings.get("transB") else weights
    weights = weights * np.float32(node.settings.get("alpha", 1.0))
    has_biases = walk.constant(node, 2) is not None
    biases = walk.floats(node, 2) * np.float32(node.settings.get("beta", 1.0)) if has_biases else None
    return _dense(walk, node, weights, biases)


def matmul(walk: Walk, node: Node) -> Flow:
    """A matrix product."""
    return _dense(walk, node, walk.floats(node, 1), None)


def conv(walk: Walk, node: Node) -> Flow:
    """A convolution; zeros around the picture, if they are not those of padding="same", are a layer of their own."""
    height, width, channels = walk.picture(node)
    weights, settings = walk.floats(node, 1), node.settings
    if weights.ndim != 4 or weights.shape[1] != channels or weights.shape[2] != weights.shape[3]:
        raise walk.refuse(node, f"should have square windows over {channels} channels, found shape {weights.shape}")
    for name in ("strides", "dilations"):
        if set(settings.get(name, [1])) != {1}:
            raise walk.refuse(node, f"has {name} {settings[name]}; only 1 is supported")
    if settings.get("group", 1) != 1:
        raise walk.refuse(node, f"has {settings['group']} groups; only 1 is supported")
    filters, size = weights.shape[0], weights.shape[2]
    margin = _margin(walk, node, size)
    if margin and 2 * margin != size - 1:
        walk.emit(f"pad {margin}")
        height, width = height + 2 * margin, width + 2 * margin
    same = margin > 0 and 2 * margin == size - 1
    arrays = {"weights": np.ascontiguousarray(weights.transpose(2, 3, 1, 0))}
    if walk.constant(node, 2) is not None:
        arrays["biases"] = walk.floats(node, 2).reshape(-1)
        if arrays["biases"].shape != (filters,):
            raise walk.refuse(node, f"should have {filters} biases, found {arrays['biases'].size:,}")
    walk.emit(f"conv {filters} {size}{' padding=same' if same else ''}", **arrays)
    less = 0 if same else size - 1
    return pictures(walk, node, height - less, width - less, filters)


def _margin(walk: Walk, node: Node, size: int) -> int:
    """How many zeros surround the picture on each side."""
    kind = node.settings.get("auto_pad", "NOTSET")
    if kind in ("SAME_UPPER", "SAME_LOWER") and size % 2:
        return size // 2
    pads = set(node.settings.get("pads", [0])) if kind in ("NOTSET", "") else {0} if kind == "VALID" else set()
    if len(pads) != 1 or min(pads) < 0 or max(pads) > 18:
        raise walk.refuse(node, "is padded differently on its sides; only the same number of zeros is supported")
    return int(pads.pop())


def pictures(walk: Walk, node: Node, height: int, width: int, channels: int) -> Flow:
    """What a layer gives that makes pictures, with the channels first."""
    if min(height, width, channels) < 1 or height * width * channels > 1_000_000:
        raise walk.refuse(node, f"would give pictures of {height}x{width} with {channels} channels")
    shape = (height, width, channels)
    return Flow(np.arange(height * width * channels).reshape(shape).transpose(2, 0, 1), shape)


def maxpool(walk: Walk, node: Node) -> Flow:
    """The largest of each square."""
    height, width, channels = walk.picture(node)
    settings = node.settings
    size = settings.get("kernel_shape", [0])
    if len(size) != 2 or size[0] != size[1] or settings.get("strides", [1, 1]) != size or size[0] < 1:
        raise walk.refuse(
            node, f"has windows {size} that move by {settings.get('strides', [1, 1])}; only squares side by side"
        )
    fits = height % size[0] == 0 and width % size[0] == 0
    padded = any(settings.get("pads", [0])) or settings.get("auto_pad", "NOTSET") not in ("NOTSET", "VALID", "")
    if set(settings.get("dilations", [1])) != {1} or ((padded or settings.get("ceil_mode")) and not fits):
        raise walk.refuse(node, "has windows that reach over the edge, or with gaps")
    if any(settings.get("pads", [0])):
        raise walk.refuse(node, "is padded")
    walk.emit(f"maxpool {size[0]}")
    return pictures(walk, node, height // size[0], width // size[0], channels)


def batchnorm(walk: Walk, node: Node) -> Flow:
    """A batch normalization, as it is in inference."""
    if node.settings.get("training_mode"):
        raise walk.refuse(node, "is in training mode; export the network for inference")
    names = ("scale", "shift", "mean", "variance")
    arrays = {
        name: walk.settle_channels(node, walk.floats(node, place).reshape(-1)) for place, name in enumerate(names, 1)
    }
    epsilon, momentum = rounded(node.settings.get("epsilon", 1e-5)), rounded(node.settings.get("momentum", 0.9))
    words = ["batchnorm"]
    words += [f"momentum={momentum}"] if momentum != 0.9 else []
    words += [f"epsilon={epsilon}"] if epsilon != 1e-5 else []
    walk.emit(" ".join(words), **arrays)
    return walk.now


def elementwise(text: str) -> Handler:
    """A layer without parameters, by its line of text."""

    def follow(walk: Walk, node: Node) -> Flow:
        walk.emit(text)
        return walk.now

    return follow


def softmax(walk: Walk, node: Node) -> Flow:
    """Probabilities of scores."""
    default = -1 if walk.file.opset >= 13 else 1
    if walk.now.places.ndim != 1 or node.settings.get("axis", default) not in (1, -1):
        raise walk.refuse(node, "should go over the classes")
    walk.flatten(node)
    walk.emit("softmax" if node.kind == "Softmax" else LOG_SOFTMAX)
    return walk.now


def dropout(walk: Walk, node: Node) -> Flow:
    """Nothing in inference, but kept as a layer, for those who train on."""
    training, given = walk.constant(node, 2), walk.constant(node, 1)
    if training is not None and training.any():
        raise walk.refuse(node, "is in training mode; export the network for inference")
    rate = float(given.ravel()[0]) if given is not None and given.size else float(node.settings.get("ratio", 0.5))
    if 0 < rate < 1:
        walk.emit(f"dropout {rounded(rate)}")
    return walk.now


def pad(walk: Walk, node: Node) -> Flow:
    """Zeros around a picture."""
    height, width, channels = walk.picture(node)
    given, value = walk.constant(node, 1), walk.constant(node, 2)
    pads = node.settings.get("pads") or (
        [] if given is None or given.size > 8 else [int(side) for side in given.ravel()]
    )
    filled = float(node.settings.get("value", 0.0)) or (0.0 if value is None else float(np.abs(value).max(initial=0)))
    margin = pads[2] if len(pads) == 8 else 0
    if (
        pads != [0, 0, margin, margin] * 2
        or margin < 0
        or filled
        or node.settings.get("mode", "constant") != "constant"
    ):
        raise walk.refuse(node, "should put the same number of zeros on each side of a picture")
    if any(node.inputs[3:]):
        raise walk.refuse(node, "should put zeros around the whole picture")
    if not margin:
        return walk.now
    if margin > 18:
        raise walk.refuse(node, "puts more than 18 zeros on each side")
    walk.emit(f"pad {margin}")
    return pictures(walk, node, height + 2 * margin, width + 2 * margin, channels)
