"""What a network practices on besides MNIST's images as they are: other ways of writing, pen strokes, and no digits.

MNIST comes first in the arrays, then its digits in other styles, then recorded strokes replayed on the real canvas in
other hands, then what is not a digit: letters and symbols, scribbles, and two digits side by side.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context

import numpy as np
from threadpoolctl import threadpool_limits

from mnist_core.canvas import normalize
from mnist_core.dataset import Dataset, to_bytes, to_unit
from mnist_core.errors import InputError
from mnist_core.network import DIGITS
from mnist_core.pen import ANY_HAND, NUMERALS, PenDrawings, replay
from mnist_core.styles import STYLED, restyle
from mnist_core.variation import Drawing, scribble, side_by_side, vary

UNMISTAKABLE = "adefhkmnprwxAEFHKMNRWX+*<>=?&$%#@"
"""Characters that no careful reader takes for a digit; o, l and S are not among them, for good reason."""
CLASSES = {character: DIGITS + number for number, character in enumerate(UNMISTAKABLE)}
"""Each has a class of its own: who knows an r from an n knows better what is not a 2."""
NOTHING = DIGITS + len(UNMISTAKABLE)
"""The class of scribbles and pairs."""
CHUNK = 200
RESTYLED = 0.35
"""The share of replayed 0s, 1s and 7s that get a slash, a flag or a bar, if they have none."""
NOTHINGS = -1
Rendered = tuple[np.ndarray, np.ndarray]
Progress = Callable[[Iterable[Rendered], int], Iterable[Rendered]]


@dataclass(frozen=True)
class Practice:
    """How much there is besides MNIST.

    styled: for each 0, 1 and 7 of MNIST, how likely it comes once more in another style, 0 to 1. replays: how often
    each pen drawing is replayed, each time in another hand. nothings: scribbles and pairs of digits. held_out: the
    share of writers whose drawings are kept for validation, 0 to 1. mnist: how often each of MNIST's images comes, so
    that the others do not drown them. All but `styled` count only with a pen file.
    """

    styled: float = 0.5
    replays: int = 4
    nothings: int = 4000
    held_out: float = 0.08
    mnist: int = 2


@dataclass(frozen=True)
class _Task:
    """Drawings that one process renders: places in pen file number `file`; for NOTHINGS, only how many counts.

    held_out: each once and as it was written; otherwise `replays` times, each time in another hand.
    """

    file: int
    places: np.ndarray
    replays: int
    held_out: bool
    seed: tuple[int, ...]


def gather(
    dataset: Dataset,
    practice: Practice,
    pens: Sequence[PenDrawings],
    *,
    seed: int,
    validation: int,
    without: Sequence[str] = (),
    processes: int = 1,
    progress: Progress = lambda tasks, count: tasks,
) -> Dataset:
    """The dataset with all there is to practice on, the same for the same seed, and with `held_out` set.

    pens: pen files; characters that could be mistaken for a digit are passed over. validation: how many of MNIST's
    training images are held out. without: beginnings of the names of writers that are left out altogether. processes:
    how many render. progress: wraps the pieces of rendered drawings, given their number. Raises InputError if the pen
    files have no digits that may be used, or if `validation` is impossible.
    """
    count = len(dataset.train_labels)
    if validation >= count:
        raise InputError(f"validation {validation}: expected fewer than the {count:,} images of {dataset.name}.")
    chance, styles = np.random.default_rng([seed, 1]).spawn(2)
    mnist_held_out = np.sort(chance.permutation(count)[:validation])
    learned = [(dataset.train_images, dataset.train_labels)]
    learned += _restyled(dataset, mnist_held_out, practice.styled, styles)
    if pens:
        free = np.delete(np.arange(count), mnist_held_out)
        learned += [(dataset.train_images[free], dataset.train_labels[free])] * (practice.mnist - 1)
    held_out: list[Rendered] = []
    tasks = _tasks(pens, practice, without, seed, chance) if pens else []
    for task, rendered in zip(tasks, progress(_render(tasks, pens, processes), len(tasks)), strict=True):
        (held_out if task.held_out else learned).append(rendered)
    images, labels = (np.concatenate(column) for column in zip(*learned, *held_out, strict=True))
    first = sum(len(part) for _, part in learned)
    return replace(
        dataset,
        train_images=images,
        train_labels=labels,
        held_out=np.concatenate([mnist_held_out, np.arange(first, len(labels))]),
    )


def _restyled(dataset: Dataset, held_out: np.ndarray, share: float, rng: np.random.Generator) -> Iterator[Rendered]:
    """MNIST's digits in other styles, one after another: uint8 [1, 28, 28] with their labels [1]."""
    may = np.isin(dataset.train_labels, STYLED)
    may[held_out] = False
    for place in np.flatnonzero(may):
        if rng.random() < share:
            label = dataset.train_labels[place : place + 1]
            image = restyle(to_unit(dataset.train_images[place]), int(label[0]), rng)
            if image is not None:
                yield to_bytes(image)[None], label


def _tasks(
    pens: Sequence[PenDrawings], practice: Practice, without: Sequence[str], seed: int, chance: np.random.Generator
) -> list[_Task]:
    writers = np.unique(np.concatenate([pen.writers for pen in pens]))
    kept = chance.permutation(writers)[: round(practice.held_out * len(writers))]
    tasks, digits = [], 0
    for file, pen in enumerate(pens):
        left_out = np.array([writer.startswith(tuple(without)) for writer in pen.writers], bool)
        usable = np.flatnonzero(np.isin(pen.labels, [*UNMISTAKABLE, *NUMERALS]) & ~left_out)
        digits += int(np.isin(pen.labels[usable], NUMERALS).sum())
        for held_out in (False, True):
            places = usable[np.isin(pen.writers[usable], kept) == held_out]
            for first in range(0, len(places), CHUNK):
                chunk = (seed, file, int(held_out), first)
                tasks.append(_Task(file, places[first : first + CHUNK], practice.replays, held_out, chunk))
    if not digits:
        raise InputError("the pen files: expected digits by writers who are not left out, found none.")
    for first in range(0, practice.nothings, CHUNK):
        places = np.arange(first, min(first + CHUNK, practice.nothings))
        tasks.append(_Task(NOTHINGS, places, 1, False, (seed, len(pens), 0, first)))
    return tasks


def _render(tasks: list[_Task], pens: Sequence[PenDrawings], processes: int) -> Iterator[Rendered]:
    """Images uint8 [N, 28, 28] and labels uint8 [N] of each task, in their order."""
    if processes < 2 or len(tasks) < 2:
        yield from (_rendered(task, pens) for task in tasks)
        return
    context = get_context("spawn")
    with ProcessPoolExecutor(processes, context, _take, (pens,)) as pool:
        yield from pool.map(_rendered, tasks)


_pens: Sequence[PenDrawings] = ()


def _take(pens: Sequence[PenDrawings]) -> None:
    """Keep the pen files in a process that renders, and leave the other cores to the other processes."""
    global _pens
    _pens = pens
    threadpool_limits(1, user_api="blas")


def _rendered(task: _Task, pens: Sequence[PenDrawings] = ()) -> Rendered:
    rng, pens = np.random.default_rng(task.seed), pens or _pens
    images, labels = [], []
    for place in task.places:
        for _ in range(1 if task.held_out else task.replays):
            label = NOTHING
            if task.file == NOTHINGS:
                drawing = _nothing(int(place), pens, rng)
            else:
                character = str(pens[task.file].labels[place])
                label = int(character) if character in NUMERALS else CLASSES[character]
                drawing = pens[task.file].drawing(place)
                if not task.held_out:
                    drawing = vary(drawing, rng, character)
            image = normalize(replay(drawing, rng, ANY_HAND))
            if image is None:
                continue
            if label in STYLED and not task.held_out and rng.random() < RESTYLED:
                styled = restyle(image, label, rng)
                image = image if styled is None else styled
            images.append(to_bytes(image))
            labels.append(label)
    return np.stack(images), np.array(labels, np.uint8)


def _nothing(number: int, pens: Sequence[PenDrawings], rng: np.random.Generator) -> Drawing:
    """A scribble, or two digits side by side, turn and turn about."""
    if number % 2:
        return scribble(rng)
    pen = pens[int(rng.choice([file for file, pen in enumerate(pens) if np.isin(pen.labels, NUMERALS).any()]))]
    left, right = rng.choice(np.flatnonzero(np.isin(pen.labels, NUMERALS)), 2)
    return side_by_side(pen.drawing(left), pen.drawing(right), rng)
