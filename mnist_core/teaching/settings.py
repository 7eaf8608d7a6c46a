"""How a lesson is learned: a short training at a small learning rate, from the network as it is."""

from mnist_core.nn.layers import LAYERS
from mnist_core.nn.layers.inputs import Scale
from mnist_core.nn.spec import parse
from mnist_core.teaching.lesson import Lesson
from mnist_core.training.config import TrainingConfig

RATE = 0.001
EPOCHS = 5
BATCH = 64
AVERAGING = 0.9
KEEP = 0.5
KEEP_WITH_NEW = 0.2
"""How much of the network as it was stays in the one that is taught; and where it learns an answer that is all new,
which half of nothing would not be enough for."""
AUGMENTATION = "warp rotation=8 scale=0.1 shift=1 shear=8 elastic=0.7 share=0.8"
LOSSES = {"softmax": "softmax_cross_entropy", "sigmoid": "binary_cross_entropy", "identity": "squared_error"}
"""The loss that fits what a network makes of its scores."""


def lesson_config(lesson: Lesson, seed: int = 0) -> TrainingConfig:
    """The settings of a training on the lesson."""
    card = lesson.card
    return TrainingConfig(
        layers=tuple(card.layers),
        loss=LOSSES[card.output],
        optimizer="adam",
        learning_rate=RATE / _input_scale(card.layers),
        schedule="cosine",
        batch_size=BATCH,
        epochs=EPOCHS,
        augmentation=AUGMENTATION,
        validation=0,
        seed=seed,
        dtype=card.dtype,
        averaging=AVERAGING,
    )


def kept(lesson: Lesson) -> float:
    """How much of the network as it was stays, 0 to 1."""
    last = [array for array in lesson.arrays.values() if array.ndim == 2][-1]
    # See `with_no_digit`: an answer that nothing was learned of yet has no weights.
    return KEEP if last[:, -1].any() else KEEP_WITH_NEW


def _input_scale(layers: list[str]) -> float:
    """How much larger than 1 the pixels are that the first weights see: these must move so much less."""
    scale = 1.0
    for text in layers:
        if text.split()[0] == Scale.name:
            layer = parse(text, LAYERS, "layer")
            assert isinstance(layer, Scale)
            scale *= abs(layer.factor)
    return max(scale, 1.0)
