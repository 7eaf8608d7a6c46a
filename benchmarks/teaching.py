"""What ten drawings of somebody's hand teach a network, and what that costs elsewhere.

    python -m benchmarks.teaching --pen FILE --network NAME --folder FOLDER --writers aga --writers apa ...

The network must not have learned from the pen strokes of the given writers (`train --without`). Of those who have left
at least 20 drawings, the 40 whom it reads worst are taken. Each teaches a network of their own ten drawings, one of
each digit; the rest measures it. Then shapes that nobody else uses are taught, with five examples each; and it is
measured how soon a run of the Train page gives a better answer.
"""

import dataclasses
import itertools
import json
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from mnist_core.data.dataset import load_mnist, to_bytes
from mnist_core.ink.canvas import normalize
from mnist_core.ink.pen import NUMERALS, PenDrawings, load_pen, replay
from mnist_core.reading import weights
from mnist_core.reading.evaluation import evaluate_test, may_know
from mnist_core.reading.recognizer import Recognizer
from mnist_core.runs import RunStore, recognizer_of
from mnist_core.runs.requests import Requests
from mnist_core.teaching import Lesson, lesson_config, lesson_of_images, trainer_for

FEWEST = 20
"""Drawings that somebody must have left: ten to learn from, and as many to measure with."""
STRANGERS = 500
"""Drawings of others that are read before and after."""
EXAMPLES, TRIALS = 5, 100
"""Drawings of an unusual shape to learn from, and to measure with."""
WAIT_SECONDS = 300.0


@dataclass(frozen=True, eq=False)
class Digits:
    """Normalized pictures, float32 [N, 28, 28], and the digits that they show, integers [N]."""

    images: np.ndarray
    digits: np.ndarray

    def some(self, chosen: np.ndarray) -> "Digits":
        return Digits(self.images[chosen], self.digits[chosen])

    def wrong(self, recognizer: Recognizer) -> np.ndarray:
        """Which are read wrong, booleans [N]; what is called no digit counts by the digit that it would be."""
        readings = recognizer.read_images(list(self.images))
        return np.array(
            [reading.digit != digit for reading, digit in zip(readings, self.digits.tolist(), strict=True)], bool
        )

    def errors(self, recognizer: Recognizer) -> int:
        return int(self.wrong(recognizer).sum())

    def __len__(self) -> int:
        return len(self.digits)


def join(parts: Sequence[Digits]) -> Digits:
    return Digits(np.concatenate([part.images for part in parts]), np.concatenate([part.digits for part in parts]))


def by_writer(pen: PenDrawings, beginnings: Sequence[str]) -> dict[str, Digits]:
    """Every digit of the writers whose names begin so, drawn on a canvas once, the same each time."""
    found: dict[str, list[tuple[np.ndarray, int]]] = {}
    for index in tqdm(range(len(pen)), "drawing", disable=None, leave=False):
        writer, label = str(pen.writers[index]), str(pen.labels[index])
        if writer.startswith(tuple(beginnings)) and label in NUMERALS:
            image = normalize(replay(pen.drawing(index), np.random.default_rng([0, index])))
            if image is not None:
                found.setdefault(writer, []).append((image, int(label)))
    return {
        writer: Digits(np.stack([image for image, _ in drawn]), np.array([digit for _, digit in drawn]))
        for writer, drawn in found.items()
    }


def lesson_and_rest(own: Digits, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Which drawings are learned: one of each digit as far as there are, then others by chance; and all others."""
    order = np.random.default_rng(seed).permutation(len(own))
    firsts = [next((index for index in order if own.digits[index] == digit), None) for digit in range(10)]
    chosen = [index for index in firsts if index is not None][:count]
    chosen += [index for index in order if index not in chosen][: count - len(chosen)]
    return np.array(chosen), np.setdiff1d(order, chosen)


def taught(recognizer: Recognizer, own: Digits, seed: int, threads: int) -> Recognizer:
    """As `teach` does, from pictures that are normalized already."""
    lesson = lesson_of_images(recognizer, to_bytes(own.images), [str(digit) for digit in own.digits])
    trainer = trainer_for(lesson, lesson_config(lesson, seed), load_mnist(), threads)
    for _ in trainer.run():
        pass
    return Recognizer(trainer.trained, recognizer.card)


# Shapes that nobody else uses, as strokes with y down.


def lightning(rng: np.random.Generator) -> list[np.ndarray]:
    """A 4 like a lightning bolt: down to the left, back to the right, down again."""
    corners = np.array([(700, 0), (300, 550), (700, 450), (300, 1000)], float)
    return [_stroke(corners + rng.normal(0, 28, corners.shape), rng)]


def mirrored(rng: np.random.Generator) -> list[np.ndarray]:
    """The same in a mirror."""
    return [np.array([1000, 0]) + stroke * (-1, 1) for stroke in lightning(rng)]


def roof(rng: np.random.Generator) -> list[np.ndarray]:
    """A 1 like an inverted V: the upstroke is as long as the stem."""
    corners = np.array([(60, 960), (470, 0), (640, 1000)], float)
    return [_stroke(corners + rng.normal(0, 40, corners.shape), rng)]


SHAPES: dict[str, tuple[int, Callable[[np.random.Generator], list[np.ndarray]]]] = {
    "a 4 like a lightning bolt": (4, lightning),
    "a 4 like a lightning bolt in a mirror": (4, mirrored),
    "a 1 like an inverted V": (1, roof),
}


def _stroke(corners: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A pen that goes from corner to corner with a slight tremor: [points, 2]."""
    legs = [np.linspace(start, end, 20, endpoint=False) for start, end in itertools.pairwise(corners)]
    points = np.concatenate([*legs, corners[-1:]])
    tremor = rng.normal(0, 1, points.shape)
    smooth = np.stack([np.convolve(tremor[:, axis], np.ones(9) / 3, "same") for axis in (0, 1)], axis=1)
    return np.asarray(points + 8 * smooth)


def drawn_shape(name: str, count: int, seed: int) -> Digits:
    digit, draw = SHAPES[name]
    rng = np.random.default_rng(seed)
    images = [normalize(replay(draw(rng), rng)) for _ in range(count)]
    assert all(image is not None for image in images)
    return Digits(np.stack(images), np.full(count, digit))  # type: ignore[arg-type]


# What is measured.


def measure_writers(
    recognizer: Recognizer, writers: dict[str, Digits], worst: int, learned: int, full: int, seed: int, threads: int
) -> list[dict[str, Any]]:
    """Teach each of the worst-read writers' drawings; see the module. full: how many are measured on all of MNIST."""
    wrong = {name: own.wrong(recognizer) for name, own in tqdm(writers.items(), "reading", disable=None, leave=False)}
    enough = {name: own for name, own in writers.items() if len(own) >= FEWEST}
    chosen = sorted(enough, key=lambda name: (-wrong[name].mean(), name))[:worst]
    rows = []
    mnist = 1 - evaluate_test(recognizer, load_mnist()).accuracy if full else 0.0
    for number, name in enumerate(tqdm(chosen, "teaching", disable=None, leave=False)):
        own = enough[name]
        lesson, rest = lesson_and_rest(own, learned, seed)
        others = join([drawn for other, drawn in writers.items() if other != name])
        known = np.concatenate([which for other, which in wrong.items() if other != name])
        some = np.random.default_rng(seed).permutation(len(others))[:STRANGERS]
        strangers = others.some(some)
        start = time.perf_counter()
        reader = taught(recognizer, own.some(lesson), seed, threads)
        row: dict[str, Any] = {
            "writer": name,
            "drawings": len(rest),
            "seconds": round(time.perf_counter() - start, 1),
            "before": int(wrong[name][rest].sum()),
            "after": own.some(rest).errors(reader),
            "strangers": len(strangers),
            "strangers_before": int(known[some].sum()),
            "strangers_after": strangers.errors(reader),
        }
        if number < full:
            after = 1 - evaluate_test(reader, load_mnist()).accuracy
            row |= {"mnist_before": round(mnist, 5), "mnist_after": round(after, 5)}
        rows.append(row)
        print(json.dumps(row), file=sys.stderr, flush=True)
    return rows


def measure_shapes(recognizer: Recognizer, writers: dict[str, Digits], seed: int, threads: int) -> list[dict[str, Any]]:
    """Teach each unusual shape with five examples."""
    everybody = join(list(writers.values()))
    strangers = everybody.some(np.random.default_rng(seed).permutation(len(everybody))[:STRANGERS])
    mnist = evaluate_test(recognizer, load_mnist()).accuracy
    rows = []
    for name in SHAPES:
        trials = drawn_shape(name, TRIALS, seed=2)
        reader = taught(recognizer, drawn_shape(name, EXAMPLES, seed=1), seed, threads)
        row = {
            "shape": name,
            "drawings": TRIALS,
            "before": trials.errors(recognizer),
            "after": trials.errors(reader),
            "strangers": len(strangers),
            "strangers_before": strangers.errors(recognizer),
            "strangers_after": strangers.errors(reader),
            "mnist_before": round(1 - mnist, 5),
            "mnist_after": round(1 - evaluate_test(reader, load_mnist()).accuracy, 5),
        }
        rows.append(row)
        print(json.dumps(row), file=sys.stderr, flush=True)
    return rows


def measure_wait(recognizer: Recognizer, count: int = 20) -> dict[str, float]:
    """Seconds from Teach, on a server that is up, to the first network, the first better answer, and all learned.

    Taught are mirrored lightning bolts; a better answer: more of twenty others are read right than before.
    """
    name = "a 4 like a lightning bolt in a mirror"
    own, trials = drawn_shape(name, count, seed=1), drawn_shape(name, 20, seed=2)
    before = trials.errors(recognizer)
    with tempfile.TemporaryDirectory() as folder:
        store = RunStore(Path(folder))
        store.be_ready()
        _wait(lambda: Requests(store.root).pid_file.exists())
        # The workers load the digits meanwhile.
        time.sleep(5)
        start = time.monotonic()
        lesson = lesson_of_images(recognizer, to_bytes(own.images), [str(digit) for digit in own.digits])
        run = store.create("teacher", lesson_config(lesson), "my hand", lesson=lesson)
        store.start(run)
        found: dict[str, float] = {}

        def looks() -> bool:
            run.watch()
            if run.status.state == "failed":
                raise click.ClickException(run.status.message)
            reader = recognizer_of(run)
            if reader is not None:
                now = time.monotonic() - start
                found.setdefault("first network", now)
                if trials.errors(reader) < before:
                    found.setdefault("first better answer", now)
            return run.status.state in ("measuring", "finished")

        try:
            _wait(looks)
            found["end of learning"] = time.monotonic() - start
        finally:
            store.delete(run)
            _end(store)
    return {what: round(seconds, 1) for what, seconds in found.items()}


def _wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not condition():
        if time.monotonic() > end:
            raise click.ClickException("the run did not end in time")
        time.sleep(0.05)


def _end(store: RunStore) -> None:
    """End the director that this benchmark has started."""
    os.kill(int(Requests(store.root).pid_file.read_text()), signal.SIGTERM)


def summary(rows: list[dict[str, Any]]) -> str:
    """The figures of all writers in a few lines."""
    before, after = (statistics.mean(1 - row[key] / row["drawings"] for row in rows) for key in ("before", "after"))
    wrong, left, drawings = (sum(row[key] for row in rows) for key in ("before", "after", "drawings"))
    strangers = sum(row["strangers"] for row in rows)
    change = (sum(row["strangers_before"] for row in rows) - sum(row["strangers_after"] for row in rows)) / strangers
    lines = [
        f"{len(rows)} writers, {drawings:,} drawings that were not learned: mean accuracy {before:.2%} before, "
        f"{after:.2%} after",
        f"errors: {wrong} before, {left} after ({(wrong - left) / max(1, wrong):.0%} gone)",
        f"strangers' drawings: {100 * change:+.2f} points",
    ]
    measured = [row for row in rows if "mnist_after" in row]
    if measured:
        costs = [100 * (row["mnist_before"] - row["mnist_after"]) for row in measured]
        lines.append(
            f"MNIST's test images, {len(measured)} of these networks: {statistics.mean(costs):+.3f} points "
            f"(worst {min(costs):+.2f})"
        )
    return "\n".join(lines)


@click.command()
@click.option("--pen", type=click.Path(path_type=Path), required=True)
@click.option("--network", default="default", show_default=True)
@click.option("--folder", type=click.Path(path_type=Path), default=weights.FOLDER)
@click.option("--writers", multiple=True, required=True, help="Beginnings of the names of writers it never saw.")
@click.option("--worst", default=40, show_default=True)
@click.option("--drawings", default=10, show_default=True, help="Drawings of each writer to learn from.")
@click.option("--full", default=40, show_default=True, help="Of how many writers' networks all of MNIST is read.")
@click.option("--threads", default=2, show_default=True)
@click.option("--seed", default=0, show_default=True)
@click.option("--only", type=click.Choice(["writers", "shapes", "wait"]), multiple=True)
@click.option("--save", type=click.Path(path_type=Path), help="Write all figures to this JSON file.")
def main(
    pen: Path,
    network: str,
    folder: Path,
    writers: tuple[str, ...],
    worst: int,
    drawings: int,
    full: int,
    threads: int,
    seed: int,
    only: tuple[str, ...],
    save: Path | None,
) -> None:
    """Measure what teaching gives and costs."""
    recognizer = Recognizer.load(network, folder)
    if set(only) != {"wait"} and may_know(recognizer.card, writers):
        raise click.ClickException(f"{network} may have learned from these writers; train it --without them.")
    results: dict[str, Any] = {"network": network, "command": recognizer.card.command, "writers": list(writers)}
    results |= {"settings": dataclasses.asdict(lesson_config(_any_lesson(recognizer)))}
    with threadpool_limits(threads, user_api="blas"):
        if "wait" in only or not only:
            results["wait"] = measure_wait(recognizer)
            click.echo(", ".join(f"{what} after {seconds} s" for what, seconds in results["wait"].items()))
        if "wait" not in only or len(only) > 1:
            known = by_writer(load_pen(pen), writers)
        if "shapes" in only or not only:
            results["shapes"] = measure_shapes(recognizer, known, seed, threads)
        if "writers" in only or not only:
            results["people"] = measure_writers(recognizer, known, worst, drawings, full, seed, threads)
            click.echo(summary(results["people"]))
    if save is not None:
        save.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def _any_lesson(recognizer: Recognizer) -> Lesson:
    return lesson_of_images(recognizer, np.zeros((1, 28, 28), np.uint8), ["0"])


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.teaching")
