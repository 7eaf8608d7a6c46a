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
"""How much of the network as it was stays in the one that is taught."""
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


def _input_scale(layers: list[str]) -> float:
    """How much larger than 1 the pixels are that the first weights see: these must move so much less."""
    scale = 1.0
    for text in layers:
        if text.split()[0] == Scale.name:
            layer = parse(text, LAYERS, "layer")
            assert isinstance(layer, Scale)
            scale *= abs(layer.factor)
    return max(scale, 1.0)
