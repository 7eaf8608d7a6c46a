"""Teach a network somebody's own pictures."""

import dataclasses
import json
import os
from pathlib import Path

import click
import numpy as np
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from mnist_core.commands.options import as_json, folder, percent, seed
from mnist_core.data.dataset import to_bytes
from mnist_core.data.registry import load_dataset
from mnist_core.errors import InputError
from mnist_core.files.atomic import reason
from mnist_core.ink.canvas import normalize
from mnist_core.ink.images import read_image
from mnist_core.reading import weights
from mnist_core.reading.recognizer import Recognizer
from mnist_core.teaching import NO_DIGIT, Contradiction, contradictions, is_right, lesson_config, lesson_of_images
from mnist_core.teaching.lesson import MAX_DRAWINGS
from mnist_core.teaching.taught import THREADS, dataset_of, save_taught, trainer_for
from mnist_core.training.report import Report
from mnist_core.training.trainer import MAX_THREADS

NO_DIGIT_FOLDER = "none"
"""What a folder is called whose pictures are not digits."""
ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".heic", ".heif")


@click.command()
@click.argument("network")
@click.argument("pictures", nargs=-1, required=True, type=click.Path(file_okay=False, path_type=Path))
@folder
@click.option("--without-mnist", is_flag=True, help="Learn from the pictures alone, and see how a network forgets.")
@seed
@click.option(
    "--threads",
    type=click.IntRange(1, MAX_THREADS),
    default=THREADS,
    show_default=True,
    help="How many compute at once. The same number and seed give the same network.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("trained"),
    show_default=True,
    help="The folder to write NETWORK-taught.npz and .json to; it is made if missing.",
)
@as_json
def teach(
    network: str,
    pictures: tuple[Path, ...],
    folder: Path,
    without_mnist: bool,
    seed: int,
    threads: int,
    out: Path,
    as_json: bool,
) -> None:
    """Teach NETWORK the pictures in folders named by what they show: 0 to 9, or "none" for what is not a digit.

    For a network that reads other things they are named by its classes.

    Each of PICTURES is such a folder, or a folder that holds some. The network goes on from where it is, and the
    bundled one stays as it was.
    """
    recognizer = Recognizer.load(network, folder)
    weights.check_folder(out)
    files, images = _drawn(_files(pictures, recognizer.classes))
    labels = [label for _, label in files]
    lesson = lesson_of_images(recognizer, to_bytes(images), labels, with_mnist=not without_mnist)
    before = recognizer.read_images(list(images))
    contrary = contradictions(before, labels)
    if not as_json:
        for found in contrary:
            click.echo(f"{files[found.index][0]}: {sentence(found)}", err=True)
    dataset = load_dataset(dataset_of(lesson))
    with threadpool_limits(threads, user_api="blas"):
        trainer = trainer_for(lesson, lesson_config(lesson, seed), dataset, threads)
        with tqdm(unit=" images", unit_scale=True, disable=None, leave=False) as bar:

            def show(report: Report) -> None:
                bar.total = report.images * report.steps // report.step
                bar.update(report.images - bar.n)

            for report in trainer.run(1):
                show(report)
        name = f"{network[:57]}-taught"
        card = save_taught(trainer, lesson, dataset, out, name)
    right = [
        sum(map(is_right, readings, labels))
        for readings in (before, Recognizer(trainer.trained, card).read_images(list(images)))
    ]
    if as_json:
        shown = card.to_dict() | {
            "drawings": len(files),
            "right_before": right[0],
            "right_after": right[1],
            "contradictions": [
                dataclasses.asdict(found) | {"picture": str(files[found.index][0])} for found in contrary
            ],
        }
        click.echo(json.dumps(shown, indent=2))
        return
    was = recognizer.card.accuracies.get("test")
    known = "" if was is None else f" (before {percent(was)})"
    click.echo(f"pictures: {right[0]} of {len(files)} right before, {right[1]} after, now that it has learned them")
    click.echo(f"test {percent(card.accuracies['test'])}{known}; saved {out / name}.npz and .json")


def sentence(found: Contradiction) -> str:
    """A contradiction in words."""
    wrong = found.label or "not a digit"
    answer = f"a {found.answer}" if found.answer != NO_DIGIT else "not a digit"
    return f"it is said to be {wrong}, but the network is {percent(found.confidence, 1)} sure that it is {answer}"


def _files(folders: tuple[Path, ...], classes: tuple[str, ...]) -> list[tuple[Path, str]]:
    """All pictures with their labels, of the classes and of what is none. Raises InputError: for none, or too many."""
    labels = {name: name for name in classes if "/" not in name} | {NO_DIGIT_FOLDER: NO_DIGIT}
    found: list[tuple[Path, str]] = []
    for given in folders:
        # By its own name first: a folder that is a link need not be called as the one that it leads to.
        names = (Path(os.path.abspath(given)).name, given.resolve().name)
        own = next((labels[name] for name in names if name in labels), None)
        named = [(given / name, label) for name, label in labels.items()] if own is None else [(given, own)]
        before = len(found)
        for place, label in named:
            try:
                paths = sorted(
                    path for path in place.iterdir() if path.suffix.lower() in ENDINGS and path.name[0] != "."
                )
            except FileNotFoundError:
                continue
            except OSError as error:
                raise InputError(f"{place}: cannot be read ({reason(error)}).") from None
            found += [(path, label) for path in paths]
        if len(found) == before:
            raise InputError(f"{given}: expected pictures in folders named {', '.join(labels)}, found none.")
    if len(found) > MAX_DRAWINGS:
        raise InputError(f"the pictures: expected at most {MAX_DRAWINGS:,}, found {len(found):,}.")
    return found


def _drawn(files: list[tuple[Path, str]]) -> tuple[list[tuple[Path, str]], np.ndarray]:
    """The pictures in which something is drawn, and what a network reads of them: float32 [N, 28, 28].

    Each is made small at once, so that ten thousand photos do not fill the memory. Raises InputError.
    """
    kept, images = [], []
    for path, label in files:
        image = normalize(read_image(path))
        if image is None:
            click.echo(f"{path}: nothing is drawn in it; it is passed over", err=True)
            continue
        kept.append((path, label))
        images.append(image)
    if not images:
        raise InputError("the pictures: expected at least one with something drawn, found none.")
    return kept, np.stack(images)
