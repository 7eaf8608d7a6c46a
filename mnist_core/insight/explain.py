"""Why a network answers what it answers: which pixels speak for a digit, and what would make it another.

All gradients go back through the same layers that train, in inference mode. Images are float [28, 28] in 0..1; a
"score" is what the last layer gives for one class, before the softmax.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from mnist_core.data.dataset import SIDE
from mnist_core.errors import InputError
from mnist_core.nn.layers.inputs import Ones
from mnist_core.nn.network import DIGITS, Network

AT_ONCE = 64
"""Images whose gradients are computed at once."""
NO_DIGIT = DIGITS
"""Stands for every class that is not a digit: the class ids from 10 on. With other classes, their number does."""
OVERSHOOT = 0.02
"""How much further than the boundary a change goes, as a share of itself. Without it, rounding may undo the flip."""
SHORTEST_STEP, LONGEST_STEP = 0.05, 3.0
"""The shortest and the longest step of a change, as a distance between pictures. With shorter steps the change might
never cross the boundary; with longer ones the gradient no longer tells how the scores change."""
FLIP_STEPS = 60


def gradients(network: Network, images: np.ndarray, digit: int, against: int | None = None) -> np.ndarray:
    """How the score of `digit` moves with each pixel, float [N, 28, 28], for images [N, 28, 28].

    against: the score of this digit is taken off first (Simonyan, Vedaldi, Zisserman 2014).
    """
    found = np.empty(images.shape, network.dtype)
    tapes = network.new_tapes(training=False)
    for first in range(0, len(images), AT_ONCE):
        part = images[first : first + AT_ONCE]
        scores = network.forward(part, tapes)
        slopes = np.zeros_like(scores)
        slopes[:, digit] = 1
        if against is not None:
            slopes[:, against] -= 1
        by_pixels = network.backward(slopes, tapes, to_input=True)
        assert by_pixels is not None
        found[first : first + AT_ONCE] = by_pixels[..., 0]
    return found


def integrated_gradients(network: Network, image: np.ndarray, digit: int, steps: int = 64) -> np.ndarray:
    """What each pixel's ink adds to the score of `digit`: float64 [28, 28] (Sundararajan, Taly, Yan 2017).

    x * mean over k of dscore/dx at ((k + 1/2) / steps) x: the way from an empty picture to this one, in equal steps.
    The sum over all pixels is the score of the picture less that of the empty one, up to the steps ("completeness").
    """
    shares = (np.arange(steps) + 0.5) / steps
    on_the_way = (shares[:, None, None] * image).astype(network.dtype)
    mean = gradients(network, on_the_way, digit).mean(axis=0, dtype=np.float64)
    return np.asarray(image.astype(np.float64) * mean)


def completeness_gap(network: Network, image: np.ndarray, digit: int, attributions: np.ndarray) -> float:
    """The sum of the attributions, float [28, 28], less the change of the score from an empty picture to this one."""
    both = network.logits(np.stack([image, np.zeros_like(image)]).astype(network.dtype))[:, digit]
    return float(attributions.sum() - (float(both[0]) - float(both[1])))


def occlusion(network: Network, image: np.ndarray, digit: int, size: int = 4) -> np.ndarray:
    """How much the score of `digit` falls when the ink around a pixel is wiped out: float64 [28, 28].

    A square of size x size is erased at every place that touches the picture; a pixel's value is the mean fall over
    the squares that cover it (Zeiler, Fergus 2014).
    """
    # Where there is no ink, nothing is wiped out, and nothing falls.
    inked = np.pad(image != 0, size - 1)
    places = [
        (top, left)
        for top in range(1 - size, SIDE)
        for left in range(1 - size, SIDE)
        if inked[top + size - 1 : top + 2 * size - 1, left + size - 1 : left + 2 * size - 1].any()
    ]
    wiped = np.repeat(image[None].astype(network.dtype), len(places), axis=0)
    for picture, (top, left) in zip(wiped, places, strict=True):
        picture[max(0, top) : top + size, max(0, left) : left + size] = 0
    before = network.logits(image[None].astype(network.dtype))[0, digit]
    falls = before - network.logits(wiped)[:, digit].astype(np.float64)
    total = np.zeros((SIDE, SIDE))
    for fall, (top, left) in zip(falls, places, strict=True):
        total[max(0, top) : top + size, max(0, left) : left + size] += fall
    return total / size**2


@dataclass(frozen=True, eq=False)
class Flip:
    """A picture that is read as another digit, float [28, 28], and how far it is from the first.

    distance: the square root of the sum of all squared changes. added, removed: ink, in full pixels.
    """

    image: np.ndarray
    distance: float
    added: float
    removed: float


def flip(network: Network, image: np.ndarray, target: int, known: int = DIGITS) -> Flip | None:
    """A small change that makes the network read `target`; None if none was found. Other pixels than ink may change.

    known: as in `answer`.
    Step by step towards the nearest place where the scores would be equal if they were straight lines (DeepFool,
    Moosavi-Dezfooli, Fawzi, Frossard 2016), kept between no ink and full ink; then as much of it is taken back as the
    answer allows.
    """
    start = image.astype(np.float64)
    if answer(network, start, known) == target:
        return Flip(start, 0.0, 0.0, 0.0)
    changed = start.copy()
    for _ in range(FLIP_STEPS):
        scores = network.logits(changed[None].astype(network.dtype))[0].astype(np.float64)
        now = int(scores.argmax())
        if now == target:
            break
        slope = gradients(network, changed[None].astype(network.dtype), target, against=now)[0].astype(np.float64)
        # A pixel that is full already cannot get fuller.
        slope[((changed >= 1) & (slope > 0)) | ((changed <= 0) & (slope < 0))] = 0
        steepness = float((slope * slope).sum())
        if steepness < 1e-20:
            return None
        distance = (scores[now] - scores[target]) / steepness**0.5
        step = (1 + OVERSHOOT) * min(max(distance, SHORTEST_STEP), LONGEST_STEP)
        changed = np.clip(changed + step / steepness**0.5 * slope, 0, 1)
    if answer(network, changed, known) != target:
        return None
    # The least share of the change that still does it.
    least, enough = 0.0, 1.0
    for _ in range(12):
        middle = (least + enough) / 2
        if answer(network, start + middle * (changed - start), known) == target:
            enough = middle
        else:
            least = middle
    changed = start + enough * (changed - start)
    change = changed - start
    return Flip(
        changed.astype(image.dtype),
        float(np.sqrt((change * change).sum())),
        float(change[change > 0].sum()),
        float(-change[change < 0].sum()),
    )


def answer(network: Network, image: np.ndarray, known: int = DIGITS) -> int:
    """The class that one look at the picture gives: a digit, or `NO_DIGIT`.

    known: how many classes there are. Those after them are none of these, and `known` stands for all of them.
    """
    return min(int(network.logits(image[None].astype(network.dtype))[0].argmax()), known)


Factors = Mapping[tuple[int, int], float]
"""By the indices, from 0, of a layer and of a unit in it (a channel, where there are pictures): its factor."""


def outputs(network: Network, images: np.ndarray, factors: Factors | None = None) -> Iterator[np.ndarray]:
    """The output of each layer for images [N, 28, 28], one after another, some units scaled or switched off.

    Raises InputError for a layer or a unit that there is not.
    """
    for index, unit in factors or {}:
        if not 0 <= index < len(network.layers) or not 0 <= unit < network.shapes[index + 1][-1]:
            raise InputError(f"layer {index + 1}, unit {unit + 1}: the network has none there.")
    x = images.reshape(len(images), SIDE, SIDE, 1).astype(network.dtype, copy=False)
    for number, layer in enumerate(network.layers):
        x = layer.forward(x)
        chosen = {unit: factor for (index, unit), factor in (factors or {}).items() if index == number}
        if chosen:
            x = x.copy(order="K")
            for unit, factor in chosen.items():
                x[..., unit] *= factor
        yield x


def contributions(network: Network, image: np.ndarray) -> dict[int, np.ndarray]:
    """What each input of a dense layer adds to each of its units for this picture: x_i W_ij, float [inputs, units].

    By the index of the layer, from 0. The constant that a layer of ones puts before the inputs is left out.
    """
    found = {}
    x = image.reshape(1, SIDE, SIDE, 1).astype(network.dtype)
    for number, layer in enumerate(network.layers):
        weights = layer.parameters.get("weights")
        if weights is not None and weights.ndim == 2:
            found[number] = (x[0][:, None] * weights)[_constants(network, number) :]
        x = layer.forward(x)
    return found


def unit_weights(network: Network, layer: int, unit: int) -> np.ndarray | None:
    """The weights of one unit as pictures, float [K, h, w]: a kernel for each channel, or the image it sums up.

    None if the layer has none, or if its inputs are not pixels or feature maps in place.
    """
    weights = network.layers[layer].parameters.get("weights")
    if weights is None:
        return None
    if weights.ndim == 4:
        return np.ascontiguousarray(weights[..., unit].transpose(2, 0, 1))
    last = max(index for index, shape in enumerate(network.shapes[: layer + 1]) if len(shape) == 3)
    if any("weights" in between.parameters for between in network.layers[last:layer]):
        return None
    incoming = weights[_constants(network, layer) :, unit]
    return np.ascontiguousarray(incoming.reshape(network.shapes[last]).transpose(2, 0, 1))


def incoming_weights(network: Network, layer: int, unit: int) -> np.ndarray | None:
    """The weights of one unit of a dense layer, float [inputs]; None if it is no dense layer."""
    weights = network.layers[layer].parameters.get("weights")
    if weights is None or weights.ndim != 2:
        return None
    return np.asarray(weights[_constants(network, layer) :, unit])


def _constants(network: Network, layer: int) -> int:
    """How many of a layer's inputs are the constant of a layer of ones just before it: 0 or 1."""
    return int(layer > 0 and isinstance(network.layers[layer - 1], Ones))


@dataclass(frozen=True, eq=False)
class Map:
    """A plane through many points: mean [D], axes [2, D], places [N, 2] of the points on it.

    The axes have unit length; the second is 0 if D is 1. explained: the share, 0 to 1, of all variance that lies in
    the plane.
    """

    mean: np.ndarray
    axes: np.ndarray
    places: np.ndarray
    explained: float

    def place(self, points: np.ndarray) -> np.ndarray:
        """Where other points [N, D] lie on it: float [N, 2]."""
        return np.asarray((points - self.mean) @ self.axes.T)


def principal_plane(points: np.ndarray, rng: np.random.Generator, rounds: int = 12) -> Map:
    """The plane in which points [N, D] differ most: their first two principal components (Pearson 1901).

    By subspace iteration, which needs only products with the points (Halko, Martinsson, Tropp 2011). Raises InputError
    if there are fewer than three points, or if all are the same.
    """
    if len(points) < 3:
        raise InputError(f"a map: expected at least 3 pictures, found {len(points)}.")
    mean = points.mean(axis=0)
    centered = points - mean
    total = float(np.einsum("nd,nd->", centered, centered))
    if total < 1e-12:
        raise InputError("a map: this layer gives the same for every picture, so there is nothing to lay out.")
    basis = rng.standard_normal((points.shape[1], min(8, points.shape[1]))).astype(points.dtype)
    for _ in range(rounds):
        basis, _ = np.linalg.qr(centered.T @ (centered @ basis))
    _, sizes, turn = np.linalg.svd(centered @ basis, full_matrices=False)
    axes = (basis @ turn[:2].T).T
    if len(axes) < 2:
        axes = np.vstack([axes, np.zeros_like(axes)])
    # The sign of an axis means nothing; its largest entry is made positive, so that a map always looks the same.
    axes *= np.sign(axes[np.arange(2), np.abs(axes).argmax(axis=1)])[:, None]
    return Map(mean, axes, centered @ axes.T, float((sizes[:2] ** 2).sum() / total))
