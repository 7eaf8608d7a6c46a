"""The images that a network learns a lesson from: the drawings again and again, and MNIST's so that it keeps those.

A network that goes on learning from new images alone forgets the old ones ("catastrophic forgetting"; McCloskey, Cohen
1989). The simplest remedy that works is to show old ones in between ("rehearsal"; Ratcliff 1990; Robins 1995).
"""

import dataclasses
import math

import numpy as np

from mnist_core.data.dataset import Dataset, labels_as, to_bytes, to_unit
from mnist_core.ink.restyle import STYLED, restyle
from mnist_core.teaching.lesson import Lesson

IMAGES = 1280
"""Images of an epoch at least."""
MOST, FOR_A_CLASS = 0.25, 0.1
"""The share of drawings in the mix at most; and for each class among them. A lesson of 4s alone must not make the
network believe that most digits are 4s."""
VALIDATED, VALIDATED_PART = 300, 10
"""Images of MNIST that are held out, to see whether it forgets; of a small dataset one in so many at most."""
THINNER, THICKER = -0.4, 0.6
"""How far strokes are thinned and thickened, in shares of a pixel on each side."""
STYLED_NAMES = {str(digit) for digit in STYLED}
RESTYLED = 0.35
"""The share of MNIST's 0s, 1s and 7s that get a slash, a flag or a bar, as in the training data of the networks."""


def mixed(lesson: Lesson, dataset: Dataset, seed: int) -> Dataset:
    """What a training on the lesson takes for its dataset, the same for the same seed. Raises InputError.

    dataset: what the network knows, MNIST mostly. train_labels of the result holds class ids; held_out are images of
    the dataset.
    """
    order, strokes, styles = np.random.default_rng([seed, 1]).spawn(3)
    known = order.permutation(len(dataset.train_labels))
    count = max(1, min(VALIDATED, len(known) // VALIDATED_PART))
    held_out, free = known[:count], known[count:]
    labels = labels_as(dataset.train_labels, dataset.classes, lesson.card.class_names)
    copies, replayed = amounts(lesson)
    parts = [(_varied(lesson.images, copies, strokes), np.tile(lesson.class_ids, copies))]
    if replayed:
        chosen = free[:replayed]
        parts.append((_restyled(dataset, chosen, styles), labels[chosen]))
    learned = sum(len(class_ids) for _, class_ids in parts)
    parts.append((dataset.train_images[held_out], labels[held_out]))
    images, class_ids = (np.concatenate(column) for column in zip(*parts, strict=True))
    return dataclasses.replace(
        dataset,
        train_images=images,
        train_labels=class_ids.astype(np.uint8),
        held_out=np.arange(learned, len(class_ids)),
        classes=lesson.card.class_names,
    )


def amounts(lesson: Lesson) -> tuple[int, int]:
    """How often an epoch has each drawing, and how many of MNIST's images."""
    count = len(lesson.images)
    if not lesson.with_mnist:
        return max(1, math.ceil(IMAGES / count)), 0
    share = min(MOST, FOR_A_CLASS * len(np.unique(lesson.class_ids)))
    copies = max(1, math.ceil(share * IMAGES / count))
    # Of thousands of drawings each image of MNIST need not come three times as often.
    return copies, min(round(copies * count * (1 - share) / share), max(IMAGES, copies * count))


def _varied(images: np.ndarray, copies: int, rng: np.random.Generator) -> np.ndarray:
    """uint8 [copies N, 28, 28]: the images as they are, then the same again and again with thinner or thicker strokes.

    Turning, slanting, moving and bending them is left to the augmentation, which does it anew in each epoch.
    """
    first = images[None]
    if copies == 1:
        return images
    again = np.tile(to_unit(images), (copies - 1, 1, 1))
    amounts = rng.uniform(THINNER, THICKER, (len(again), 1, 1)).astype(np.float32)
    return np.concatenate([first[0], to_bytes(change_width(again, amounts))])


def change_width(images: np.ndarray, amounts: np.ndarray) -> np.ndarray:
    """Float images [N, 28, 28] with thicker strokes, or thinner ones where the amount, [N, 1, 1] in -1..1, is below 0.

    1 takes the strongest of a pixel and its four neighbors, -1 the weakest; in between lies the mean of that and the
    image. All are brought back to full contrast.
    """
    wide = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    around = (images, wide[:, :-2, 1:-1], wide[:, 2:, 1:-1], wide[:, 1:-1, :-2], wide[:, 1:-1, 2:])
    aim = np.where(amounts > 0, np.maximum.reduce(around), np.minimum.reduce(around))
    changed = images + np.abs(amounts) * (aim - images)
    changed /= np.maximum(changed.max(axis=(1, 2), keepdims=True), 1e-6)
    return np.asarray(changed)


def _restyled(dataset: Dataset, chosen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The chosen training images, uint8 [N, 28, 28], some of the 0s, 1s and 7s written in other ways."""
    images = dataset.train_images[chosen].copy()
    names = [dataset.classes[label] for label in dataset.train_labels[chosen]]
    for index, name in enumerate(names):
        # Never anything but digits: in a dataset of clothes the classes 0, 1 and 7 are something else.
        if name in STYLED_NAMES and rng.random() < RESTYLED:
            styled = restyle(to_unit(images[index]), int(name), rng)
            if styled is not None:
                images[index] = to_bytes(styled)
    return images
