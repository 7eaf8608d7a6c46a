"""Train the small network of `mnist_core/reading/piece_network.py` and write it to weights/pieces.

    python -m benchmarks.pieces_network --pen FILE --others FILE --without val --without art

It learns from groups of pieces of composed numbers and words, drawn on a canvas and on made-up photos; from each pen
drawing alone; and from some of MNIST. Its classes: the ten digits; a letter or symbol; and what is neither, as half
a digit, two digits, or a digit with a dot. Takes about ten minutes on a core.
"""

from dataclasses import replace
from pathlib import Path

import click
import numpy as np
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from mnist_core.data.dataset import Dataset, load_mnist, to_bytes
from mnist_core.ink.canvas import normalize
from mnist_core.ink.pen import ANY_HAND, NUMERALS, PenDrawings, load_pen, replay
from mnist_core.nn.metrics import fitting_temperature
from mnist_core.numbers import cut, find_ink_anywhere, groups
from mnist_core.numbers.compose import Composer, on_canvas
from mnist_core.numbers.photograph import HEIGHT, photograph_with
from mnist_core.numbers.truth import true_owners
from mnist_core.reading import weights
from mnist_core.reading.piece_network import FOLDER, LETTER, NAME, NOTHING
from mnist_core.reading.weights import ModelCard
from mnist_core.training.config import TrainingConfig
from mnist_core.training.trainer import Trainer

LAYERS = (
    *("conv 16 3 padding=same biases=none", "batchnorm", "relu", "maxpool 2"),
    *("conv 32 3 padding=same biases=none", "batchnorm", "relu", "maxpool 2"),
    *("conv 64 3 padding=same biases=none", "batchnorm", "relu", "maxpool 2"),
    *("flatten", "dense 128 biases=none", "batchnorm", "relu", "dropout 0.3", "dense 12"),
)
WORDS, DRAWN = 0.2, 0.4
"""The share of words, and of what is drawn on a canvas."""
JOINED = 0.4
"""The share of numbers whose digits touch more often."""
NOTHINGS = 0.35
"""The share of groups that are nothing which is kept: there are far more of them than of digits."""
HELD_OUT = 2500
MNIST = 14_000


def of_numbers(digits: PenDrawings, letters: PenDrawings, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Groups of pieces of `count` numbers and words: uint8 [N, 28, 28] and their classes [N]."""
    numbers, words = Composer(digits, joined=JOINED), Composer(letters, sorted(set(letters.labels.tolist())))
    images, classes = [], []
    for number in tqdm(range(count), "numbers", disable=None):
        rng = np.random.default_rng([seed, 77, number])
        is_word = rng.random() < WORDS
        composer = words if is_word else numbers
        if rng.random() < DRAWN:
            composed = composer.compose(rng)
            rgba, owners = on_canvas(composed), composed.owners
        else:
            height = float(rng.uniform(*HEIGHT))
            composed = composer.compose(rng, height)
            rgba, owners = photograph_with(composed.ink, composed.owners, rng, height)
        found = find_ink_anywhere(rgba)
        strip = cut(found.ink, found.step)
        if strip is None:
            continue
        runs = groups(strip)
        for group, owner in zip(runs, true_owners(strip, runs, owners, len(composed.text)), strict=True):
            if owner == -2 or (owner == -1 and rng.random() >= NOTHINGS):
                continue
            images.append(to_bytes(group.image))
            classes.append(NOTHING if owner == -1 else LETTER if is_word else int(composed.text[owner]))
    return np.array(images), np.array(classes, np.uint8)


def alone(drawings: PenDrawings, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Each drawing by itself, in any hand."""
    rng = np.random.default_rng([seed, 78])
    images, classes = [], []
    for index, label in enumerate(tqdm(drawings.labels.tolist(), "drawings", disable=None)):
        image = normalize(replay(drawings.drawing(index), rng, ANY_HAND))
        if image is not None:
            images.append(to_bytes(image))
            classes.append(int(label) if label in NUMERALS else LETTER)
    return np.array(images), np.array(classes, np.uint8)


def gather(digits: PenDrawings, letters: PenDrawings, count: int, seed: int) -> Dataset:
    """All that the network learns from; groups that are digits come twice."""
    mnist = load_mnist()
    rng = np.random.default_rng([seed, 79])
    chosen = rng.permutation(len(mnist.train_labels))[:MNIST]
    images, classes = of_numbers(digits, letters, count, seed)
    order = rng.permutation(len(classes))
    kept, held_out = order[HELD_OUT:], order[:HELD_OUT]
    twice = kept[classes[kept] < LETTER]
    parts = [(mnist.train_images[chosen], mnist.train_labels[chosen]), alone(digits, seed), alone(letters, seed)]
    parts += [(images[each], classes[each]) for each in (kept, twice, held_out)]
    all_images, all_classes = (np.concatenate(column) for column in zip(*parts, strict=True))
    total = len(all_classes)
    return replace(
        mnist, train_images=all_images, train_labels=all_classes, held_out=np.arange(total - HELD_OUT, total)
    )


@click.command()
@click.option("--pen", type=click.Path(path_type=Path), required=True)
@click.option("--others", type=click.Path(path_type=Path), required=True)
@click.option("--without", multiple=True, help="Leave out the writers whose names begin so.")
@click.option("--count", default=2300, show_default=True, help="Numbers and words.")
@click.option("--epochs", default=7, show_default=True)
@click.option("--seed", default=0, show_default=True)
def main(pen: Path, others: Path, without: tuple[str, ...], count: int, epochs: int, seed: int) -> None:
    """Train the network and write it down."""
    digits, letters = (everyone_but(load_pen(path), without) for path in (pen, others))
    dataset = gather(digits, letters, count, seed)
    config = TrainingConfig(
        layers=LAYERS,
        loss="generalized_cross_entropy q=0.1",
        optimizer="adam",
        learning_rate=0.003,
        schedule="cosine warmup=1",
        batch_size=128,
        epochs=epochs,
        augmentation="warp rotation=8 scale=0.1 shift=1.0 shear=8 elastic=0.6 share=0.7",
        averaging=0.998,
        seed=seed,
    )
    trainer = Trainer(config, dataset)
    with threadpool_limits(1, user_api="blas"):
        for report in trainer.run():
            if report.end_of_epoch:
                click.echo(f"epoch {report.epoch:g}: {report.validation_accuracy:.2%} of the groups held out are right")
    images = dataset.train_images[dataset.held_out].astype(np.float32) / 255
    temperature = fitting_temperature(trainer.trained.logits(images), dataset.train_labels[dataset.held_out])
    words = " ".join(f"--without {name}" for name in without)
    card = ModelCard(
        NAME,
        "Pieces of numbers",
        "Tells digits from halves, pairs and letters where numbers are cut.",
        [],
        temperature=round(temperature, 3),
        config=config.to_dict(),
        epochs=epochs,
        seed=seed,
        command=f"python -m benchmarks.pieces_network --pen digits.npz --others nondigits.npz {words}".strip(),
    )
    weights.save(trainer.trained, card, FOLDER)


def everyone_but(drawings: PenDrawings, without: tuple[str, ...]) -> PenDrawings:
    """The drawings of all writers whose names do not begin so."""
    return drawings.by([name for name in sorted(set(drawings.writers.tolist())) if not name.startswith(without)])


if __name__ == "__main__":
    main()
