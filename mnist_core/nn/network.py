"""A network is a list of layers: the picture goes in at the front, a score for each class comes out at the end."""

import functools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from mnist_core.errors import InputError
from mnist_core.nn.few import FEW, forward_few
from mnist_core.nn.joined import Joined, training_steps
from mnist_core.nn.layers import LAYERS, Layer, Tape, sigmoid, softmax
from mnist_core.nn.layers.base import MAX_PARAMETERS, check_count
from mnist_core.nn.layers.regularization import Dropout
from mnist_core.nn.parallel import Exchange, ThreadTeam
from mnist_core.nn.published_mistakes import MISTAKEN_LAYERS
from mnist_core.nn.spec import describe, parse

IMAGE_SHAPE = (28, 28, 1)
OUTPUTS = ("softmax", "sigmoid", "identity")
DIGITS = 10
"""The usual classes, 0 to 9. A network may have more outputs than there are classes in its dataset: those after them
are all for what is none of these, such as letters among digits."""
MIN_CLASSES, MAX_CLASSES = 2, 64
INFERENCE_BATCH = 500
"""Images that go through the layers at once in `logits`: large enough for BLAS, small enough for the cache."""
PICTURE_INFERENCE_LEAST, PICTURE_INFERENCE_BATCH, PICTURE_INFERENCE_VALUES = 16, 128, 5_000_000
"""The same for a network whose layers work on pictures: from so many to so many images, and so many numbers of all
layers together in between."""
IDLE_TAPES = 2
"""Sets of tapes that a network keeps for the next `logits`; more are made while more threads need them."""


@dataclass(frozen=True)
class Plan:
    """What a network will be, before it takes any memory.

    layers: without parameters. shapes: of what goes into each layer, and of what comes out of the last one, without N.
    size: how many numbers it will learn.
    """

    layers: list[Layer]
    shapes: list[tuple[int, ...]]
    size: int

    @property
    def values_per_image(self) -> int:
        """How many numbers all layers together compute for one image."""
        return sum(math.prod(shape) for shape in self.shapes)


def plan_network(layers: Sequence[str]) -> Plan:
    """Layers, shapes and size of the network that these lines of text describe.

    Raises InputError for a layer that does not exist or does not fit, naming it.
    """
    if not 1 <= len(layers) <= 64:
        raise InputError(f"a network has 1 to 64 layers, found {len(layers)}.")
    made: list[Layer] = [parse(text, LAYERS | MISTAKEN_LAYERS, "layer") for text in layers]
    shapes: list[tuple[int, ...]] = [IMAGE_SHAPE]
    size = 0
    for number, layer in enumerate(made, 1):
        try:
            shapes.append(layer.output_shape(shapes[-1]))
            size += sum(math.prod(shape) for shape in layer.parameter_shapes(shapes[-2]).values())
            check_count("up to here", "parameters", size, MAX_PARAMETERS)
        except InputError as error:
            raise InputError(f"layer {number}, {error}") from None
    if len(shapes[-1]) != 1 or not MIN_CLASSES <= shapes[-1][0] <= MAX_CLASSES:
        raise InputError(
            f"the last layer: expected {MIN_CLASSES} to {MAX_CLASSES} outputs, one for each class, "
            f"found shape {shapes[-1]}."
        )
    return Plan(made, shapes, size)


class Network:
    """Layers with their parameters, ready for training or inference.

    Inference (`logits`, `predict`) changes nothing, so that threads may share a network.
    """

    def __init__(
        self,
        layers: Sequence[str],
        rng: np.random.Generator,
        *,
        output: str = "softmax",
        dtype: DTypeLike = np.float32,
    ) -> None:
        """Build from lines of text such as "dense 128" (see `mnist_core.nn.layers`): 28x28 pixels in, scores out.

        output: how `predict` makes probabilities of the scores: softmax, sigmoid (each score on its own, then
        divided by their sum) or identity (scores that are probabilities already).
        Raises InputError for a layer that does not exist or does not fit, naming it.
        """
        if output not in OUTPUTS:
            raise InputError(f"output {output!r}: expected one of {', '.join(OUTPUTS)}.")
        plan = plan_network(layers)
        self.output = output
        # What inference uses again. A call takes one out and puts it back, so that no two calls use the same.
        self._idle_tapes: list[list[Tape]] = []
        self._idle_teams: list[ThreadTeam] = []
        self.dtype = np.dtype(dtype)
        self.layers, self.shapes = plan.layers, plan.shapes
        for layer, shape in zip(self.layers, self.shapes, strict=False):
            layer.build(shape, rng, self.dtype)
        learned = [array for layer in self.layers for array in layer.parameters.values()]
        self.parameters = np.concatenate([array.reshape(-1) for array in learned] or [np.empty(0, self.dtype)])
        """All parameters of the network as one vector; the parameters of each layer are views of parts of it."""
        for layer, parts in zip(self.layers, self.split(self.parameters), strict=True):
            layer.parameters = parts

    @property
    def description(self) -> list[str]:
        """The lines of text that this network was built from."""
        return [describe(layer.name, layer) for layer in self.layers]

    def arrays(self) -> Iterator[tuple[str, np.ndarray]]:
        """All that a saved network consists of: ("2 dense weights", array) for every parameter and state array."""
        for number, layer in enumerate(self.layers, 1):
            for name, array in (layer.parameters | layer.state).items():
                yield f"{number} {layer.name} {name}", array

    def load_arrays(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take over the values of saved arrays, by their labels in `arrays()`; others are passed over.

        Raises InputError, naming the array, and changes nothing, if one is missing or has another shape or dtype.
        """
        own = dict(self.arrays())
        for label, array in own.items():
            if label not in arrays:
                raise InputError(f"layer {label!r}: expected {array.dtype} {array.shape}, found nothing.")
            found = arrays[label]
            if found.shape != array.shape or found.dtype != array.dtype:
                raise InputError(
                    f"layer {label!r}: expected {array.dtype} {array.shape}, found {found.dtype} {found.shape}."
                )
        for label, array in own.items():
            array[...] = arrays[label]

    def copy(self) -> "Network":
        """Another network with the same layers and values; later changes of the one do not reach the other."""
        other = Network(self.description, np.random.default_rng(0), output=self.output, dtype=self.dtype)
        other.load_arrays(dict(self.arrays()))
        return other

    @property
    def size(self) -> int:
        """How many numbers the network has learned."""
        return sum(array.size for layer in self.layers for array in layer.parameters.values())

    @property
    def classes(self) -> int:
        """How many scores it gives: 10 for digits, or more if it knows what is not a digit, or other classes."""
        return self.shapes[-1][0]

    @property
    def values_per_image(self) -> int:
        """As that of its `Plan`."""
        return sum(math.prod(shape) for shape in self.shapes)

    @functools.cached_property
    def has_pictures(self) -> bool:
        """Whether there is a layer that works on pictures, such as a convolution."""
        return any(layer.parameters and len(shape) == 3 for layer, shape in zip(self.layers, self.shapes, strict=False))

    @functools.cached_property
    def _inference_batch(self) -> int:
        if self.has_pictures:
            fitting = PICTURE_INFERENCE_VALUES // self.values_per_image
            return max(PICTURE_INFERENCE_LEAST, min(PICTURE_INFERENCE_BATCH, fitting))
        return INFERENCE_BATCH

    def split(self, vector: np.ndarray) -> list[dict[str, np.ndarray]]:
        """A vector [size] seen as the parameters, or their gradients, of each layer: views, by layer and by name."""
        layers: list[dict[str, np.ndarray]] = []
        start = 0
        for layer in self.layers:
            layers.append({})
            for name, array in layer.parameters.items():
                layers[-1][name] = vector[start : start + array.size].reshape(array.shape)
                start += array.size
        return layers

    def new_tapes(
        self,
        *,
        training: bool,
        rng: np.random.Generator | None = None,
        gradients: np.ndarray | None = None,
        thread: int = 0,
        exchange: Exchange | None = None,
    ) -> list[Tape]:
        """One new tape for each layer, as `forward` and `backward` take them.

        gradients: the vector [size] that will hold the gradients by all parameters. The others: see `Tape`.
        """
        tapes = [Tape(training=training, rng=rng, thread=thread, exchange=exchange) for _ in self.layers]
        if gradients is not None:
            for tape, parts in zip(tapes, self.split(gradients), strict=True):
                tape.gradients = parts
        return tapes

    @functools.cached_property
    def first_learned(self) -> int:
        """The index of the first layer with parameters or dropout. Those before it never change what they do."""
        return next((i for i, layer in enumerate(self.layers) if layer.parameters or isinstance(layer, Dropout)), 0)

    def _steps(self, *, training: bool) -> list[tuple[int, Layer | Joined]]:
        """What images go through, each with the index of its (first) layer; training takes some layers as one."""
        return self._training_steps if training else list(enumerate(self.layers))

    @functools.cached_property
    def _training_steps(self) -> list[tuple[int, Layer | Joined]]:
        return training_steps(self.layers, self.shapes)

    def _pictures(self, images: np.ndarray) -> np.ndarray:
        """Images [N, 28, 28] as the first layer takes them, [N, 28, 28, 1] in the network's dtype."""
        return images.reshape(len(images), *IMAGE_SHAPE).astype(self.dtype, copy=False)

    def prepare(self, images: np.ndarray) -> np.ndarray:
        """Images [N, 28, 28] as the layer at `first_learned` receives them."""
        x = self._pictures(images)
        for layer in self.layers[: self.first_learned]:
            x = layer.forward(x)
        return x

    def forward(self, images: np.ndarray, tapes: Sequence[Tape] | None = None, prepared: bool = False) -> np.ndarray:
        """Scores [N, classes] of images [N, 28, 28] in 0..1.

        tapes: from `new_tapes`, for training or if `backward` follows; without them it is inference.
        prepared: the images have been through `prepare` already; `backward` then knows no gradient by the pixels.
        """
        first = self.first_learned if prepared else 0
        x = images if prepared else self._pictures(images)
        if tapes is None:
            for layer in self.layers[first:]:
                x = layer.forward(x)
            return x
        for number, step in self._steps(training=tapes[0].training):
            if number >= first:
                x = step.forward(x, tapes[number])
        return x

    def backward(self, gradient: np.ndarray, tapes: Sequence[Tape], to_input: bool = False) -> np.ndarray | None:
        """Leave the gradients by all parameters in the tapes of the last `forward`; call it once for each forward.

        gradient: that of the loss by the scores, [N, classes]; it is overwritten.
        Returns the gradient by the images, [N, 28, 28, 1], in a buffer of the tapes; None, with less work, unless
        to_input.
        """
        for number, step in reversed(self._steps(training=tapes[0].training)):
            if number == self.first_learned and not to_input:
                step.backward_parameters(gradient, tapes[number])
                return None
            gradient = step.backward(gradient, tapes[number])
        return gradient

    def logits(self, images: np.ndarray, threads: int = 1) -> np.ndarray:
        """The scores of the last layer, [N, classes], for images [N, 28, 28] in 0..1; a slice of them at a time.

        threads: how many threads share the slices of a network with convolutions; give BLAS one thread then. Other
        networks spend their time in large matrix products, for which BLAS starts threads of its own.
        """
        scores = np.empty((len(images), self.classes), self.dtype)
        size = self._inference_batch
        slices = [slice(start, start + size) for start in range(0, len(images), size)]
        count = max(1, min(threads, len(slices))) if self.has_pictures else 1

        def infer(thread: int) -> None:
            try:
                tapes = self._idle_tapes.pop()
            except IndexError:
                tapes = self.new_tapes(training=False)
            for part in slices[thread::count]:
                if self.has_pictures and len(images) <= FEW:
                    scores[part] = forward_few(self.layers, self._pictures(images[part]), tapes)
                else:
                    scores[part] = self.forward(images[part], tapes)
            for tape in tapes:
                # Scratch memory is kept for the next call, but no image.
                tape.saved.clear()
            if len(self._idle_tapes) < IDLE_TAPES:
                self._idle_tapes.append(tapes)

        if count == 1:
            infer(0)
            return scores
        try:
            team = self._idle_teams.pop()
        except IndexError:
            team = ThreadTeam(threads)
        if team.count < count:
            team = ThreadTeam(threads)
        team.run(infer, count)
        if not self._idle_teams:
            self._idle_teams.append(team)
        return scores

    def predict(self, images: np.ndarray, threads: int = 1) -> np.ndarray:
        """Probabilities, float [N, classes], every row adding up to 1, for images [N, 28, 28] in 0..1; see `logits`."""
        return probabilities(self.logits(images, threads), self.output)


def probabilities(scores: np.ndarray, output: str) -> np.ndarray:
    """What the scores [N, classes] of a network say, as probabilities of that shape; `output` as in `Network`."""
    if output == "softmax":
        return softmax(scores)
    positive = sigmoid(scores) if output == "sigmoid" else np.clip(scores, 0, None)
    total = positive.sum(axis=1, keepdims=True)
    return np.where(total > 0, positive / np.where(total > 0, total, 1), 1 / scores.shape[1]).astype(scores.dtype)
