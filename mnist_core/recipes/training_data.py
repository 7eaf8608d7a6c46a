"""Training data besides MNIST's images as they are: other ways of writing, pen strokes, and what is not a digit.

Other ways of writing are drawn on to MNIST's digits. Recorded strokes of digits, letters and symbols are replayed on
the real canvas in other hands. What is not a digit: letters and symbols, scribbles, and two digits side by side.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context

import numpy as np
from threadpoolctl import threadpool_limits

from mnist_core.data.class_names import TEN_DIGITS
from mnist_core.data.dataset import Dataset, to_bytes, to_unit
from mnist_core.errors import InputError
from mnist_core.ink.canvas import normalize
from mnist_core.ink.pen import ANY_HAND, NUMERALS, PenDrawings, replay
from mnist_core.ink.restyle import STYLED, restyle
from mnist_core.ink.vary_strokes import scribble, side_by_side, vary
from mnist_core.nn.network import DIGITS

UNMISTAKABLE = "adefhkmnprwxAEFHKMNRWX+*<>=?&$%#@"
"""Characters that no careful reader takes for a digit; o, l and S are not among them, for good reason."""
CLASS_IDS = {character: DIGITS + number for number, character in enumerate(UNMISTAKABLE)}
"""The class id of each: one of its own, because telling letters apart helps to tell them from digits."""
NOTHING = DIGITS + len(UNMISTAKABLE)
"""The class id of scribbles and pairs."""
CHUNK = 200
"""Drawings, or scribbles and pairs, that one process renders at a time."""
RESTYLED = 0.35
"""The share of replayed 0s, 1s and 7s that get a slash, a flag or a bar; see `restyle`."""
Rendered = tuple[np.ndarray, np.ndarray]
"""Images, uint8 [N, 28, 28], and their class ids, uint8 [N]."""
RenderingProgress = Callable[[Iterable[Rendered], int], Iterable[Rendered]]
"""Given the pieces as they are rendered, and their number: the same pieces, one after another."""


@dataclass(frozen=True)
class ExtraData:
    """How much training data there is besides MNIST.

    styled: for each 0, 1 and 7 of MNIST, how likely it comes once more in another style, 0 to 1. replays: how often
    each pen drawing is replayed, each time in another hand. nothings: scribbles and pairs of digits. held_out: the
    share of writers whose drawings are kept for validation, 0 to 1. mnist: how often each of MNIST's images comes, so
    that the others do not drown them. All but `styled` count only with a pen file.
    """

    styled: float = 0.5
    replays: int = 4
    nothings: int = 4000
    held_out: float = 0.08
    mnist: int = 4


@dataclass(frozen=True, eq=False)
class _Task:
    """What one process renders. drawings: integers [N, 2], the pen file and the index in it.

    kind: "learned", each drawing `replays` times and each time in another hand; "held out", once and as it was written;
    or "nothing", N scribbles and pairs, these of the drawings given.
    """

    kind: str
    drawings: np.ndarray
    count: int
    replays: int
    seed: tuple[int, ...]


def gather(
    dataset: Dataset,
    extra: ExtraData,
    pens: Sequence[PenDrawings],
    *,
    seed: int,
    validation: int,
    without: Sequence[str] = (),
    processes: int = 1,
    progress: RenderingProgress = lambda tasks, count: tasks,
) -> tuple[Dataset, str]:
    """The dataset with all training data in it, the same for the same seed, and what it holds in words.

    pens: pen files; characters that could be mistaken for a digit are passed over. validation: how many of MNIST's
    training images are held out, besides some writers. without: beginnings of the names of writers that are left out
    altogether. processes: how many render. progress: wraps the pieces of rendered drawings, given their number. Raises
    InputError if the pen files have no digits that may be used, or if `validation` is impossible.

    In the result, train_labels holds class ids, uint8: 0 to 9 for digits, then `CLASS_IDS` and `NOTHING`; held_out says
    which images are for validation.
    """
    count = len(dataset.train_labels)
    if pens and dataset.classes != TEN_DIGITS:
        raise InputError(f"{dataset.name}: expected the ten digits, since pen strokes are added to them.")
    if validation >= count:
        raise InputError(f"validation {validation}: expected fewer than the {count:,} images of {dataset.name}.")
    chance, styles = np.random.default_rng([seed, 1]).spawn(2)
    mnist_held_out = np.sort(chance.permutation(count)[:validation])
    free = np.delete(np.arange(count), mnist_held_out)
    learned = [(dataset.train_images, dataset.train_labels)]
    if pens:
        learned += [(dataset.train_images[free], dataset.train_labels[free])] * (extra.mnist - 1)
    learned += _restyled(dataset, free, extra.styled, styles)
    words = [f"{dataset.name}, {len(free):,} training images"]
    if pens and extra.mnist > 1:
        words.append(f"each {extra.mnist} times")
    if restyled := sum(len(class_ids) == 1 for _, class_ids in learned):
        words.append(f"{restyled:,} of them also with a flag, a foot, a slash or a bar drawn on")
    held_out: list[Rendered] = []
    if pens:
        tasks = _tasks(pens, extra, without, seed, chance)
        for task, rendered in zip(tasks, progress(_render(tasks, pens, processes), len(tasks)), strict=True):
            (held_out if task.kind == "held out" else learned).append(rendered)
        strokes = {
            kind: sum(len(task.drawings) for task in tasks if task.kind == kind) for kind in ("learned", "held out")
        }
        words.append(f"{strokes['learned']:,} pen drawings replayed {extra.replays} times each")
        words.append(f"{extra.nothings:,} scribbles and pairs; held out: {validation:,} images and")
        words[-1] += f" {strokes['held out']:,} pen drawings"
    else:
        words[-1] += f"; held out: {validation:,} images"
    images, class_ids = (np.concatenate(column) for column in zip(*learned, *held_out, strict=True))
    first = sum(len(part) for _, part in learned)
    training_data = replace(
        dataset,
        train_images=images,
        train_labels=class_ids,
        held_out=np.concatenate([mnist_held_out, np.arange(first, len(class_ids))]),
    )
    return training_data, ", ".join(words)


def _restyled(dataset: Dataset, free: np.ndarray, share: float, rng: np.random.Generator) -> Iterator[Rendered]:
    """The dataset's digits in other styles, one after another: uint8 [1, 28, 28] with their labels [1]."""
    # Never anything but digits: in a dataset of clothes, or of letters, the labels 0, 1 and 7 are something else.
    styled = {number: int(name) for number, name in enumerate(dataset.classes) if name in map(str, STYLED)}
    for index in free[np.isin(dataset.train_labels[free], [*styled])]:
        if rng.random() < share:
            label = dataset.train_labels[index : index + 1]
            image = restyle(to_unit(dataset.train_images[index]), styled[int(label[0])], rng)
            if image is not None:
                yield to_bytes(image)[None], label


def _tasks(
    pens: Sequence[PenDrawings], extra: ExtraData, without: Sequence[str], seed: int, chance: np.random.Generator
) -> list[_Task]:
    """All that is to be rendered. What is held out, or left out, is in no other task."""
    drawings = np.array([(file, index) for file, pen in enumerate(pens) for index in _usable(pen, without)])
    drawings = drawings.reshape(-1, 2)
    writers = np.array([pens[file].writers[index] for file, index in drawings.tolist()], str)
    is_digit = np.array([pens[file].labels[index] in NUMERALS for file, index in drawings.tolist()], bool)
    with_digits = np.unique(writers[is_digit])
    if len(with_digits) == 0:
        raise InputError("the pen files: expected digits by writers who are not left out, found none.")
    kept: list[str] = []
    for group, most in ((with_digits, len(with_digits) - 1), (np.setdiff1d(writers, with_digits), len(writers))):
        kept += chance.permutation(group)[: min(round(extra.held_out * len(group)), most)].tolist()
    aside = np.isin(writers, kept)
    tasks = []
    for number, (kind, chosen) in enumerate((("learned", drawings[~aside]), ("held out", drawings[aside]))):
        for first in range(0, len(chosen), CHUNK):
            part = chosen[first : first + CHUNK]
            tasks.append(_Task(kind, part, len(part), extra.replays, (seed, number, first)))
    for first in range(0, extra.nothings, CHUNK):
        count = min(CHUNK, extra.nothings - first)
        tasks.append(_Task("nothing", drawings[is_digit & ~aside], count, 1, (seed, 2, first)))
    return tasks


def _usable(pen: PenDrawings, without: Sequence[str]) -> list[int]:
    """Indices of the drawings that have a class, by writers who are not left out."""
    known = np.isin(pen.labels, [*UNMISTAKABLE, *NUMERALS])
    return [int(index) for index in np.flatnonzero(known) if not pen.writers[index].startswith(tuple(without))]


def _render(tasks: list[_Task], pens: Sequence[PenDrawings], processes: int) -> Iterator[Rendered]:
    """Images and class ids of each task, in their order."""
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
    images: list[np.ndarray] = []
    class_ids: list[int] = []
    for number in range(task.count):
        for _ in range(task.replays if task.kind == "learned" else 1):
            image, class_id = _picture(task, number, pens, rng)
            if image is not None:
                images.append(to_bytes(image))
                class_ids.append(class_id)
    return np.array(images, np.uint8).reshape(-1, 28, 28), np.array(class_ids, np.uint8)


def _picture(
    task: _Task, number: int, pens: Sequence[PenDrawings], rng: np.random.Generator
) -> tuple[np.ndarray | None, int]:
    """A normalized picture (None if there is no ink in it), and its class id."""
    if task.kind == "nothing":
        # A scribble, or two digits side by side, turn and turn about.
        left, right = (pens[file].drawing(index) for file, index in rng.choice(task.drawings, 2).tolist())
        drawing = scribble(rng) if number % 2 else side_by_side(left, right, rng)
        return normalize(replay(drawing, rng, ANY_HAND)), NOTHING
    file, index = task.drawings[number].tolist()
    character, drawing = str(pens[file].labels[index]), pens[file].drawing(index)
    class_id = int(character) if character in NUMERALS else CLASS_IDS[character]
    if task.kind == "held out":
        return normalize(replay(drawing, rng, ANY_HAND)), class_id
    image = normalize(replay(vary(drawing, rng, character), rng, ANY_HAND))
    if image is not None and class_id in STYLED and rng.random() < RESTYLED:
        styled = restyle(image, class_id, rng)
        image = image if styled is None else styled
    return image, class_id
