"""How well every bundled network reads: MNIST's test images, strangers' pen strokes, and what is not a digit.

    python -m benchmarks.readers --pen FILE --others FILE --writers val --writers art --twin FOLDER --save

A network that has learned from the pen file cannot be measured with it. `--twin` is the folder of one that was trained
in the same way without those writers (`train --without`); it stands in for the bundled network of its name. `--seeds`
names folders with the same network from other seeds. `--save` writes readers.json and the tables of docs/networks.md.
"""

import json
import statistics
from pathlib import Path
from typing import Any

import click
import numpy as np
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from mnist_core.data.dataset import load_mnist
from mnist_core.ink.pen import ANY_HAND, PenDrawings, load_pen
from mnist_core.reading import weights
from mnist_core.reading.evaluation import by_style, count, evaluate_test, may_know, milliseconds, read_pen, separate
from mnist_core.reading.recognizer import Recognizer

FILE = Path(__file__).parent / "readers.json"
PAGE = Path(__file__).parent.parent / "docs" / "networks.md"
BEGIN, END = "<!-- readers: begin -->", "<!-- readers: end -->"


@click.command()
@click.option("--pen", type=click.Path(path_type=Path), required=True)
@click.option("--others", type=click.Path(path_type=Path), required=True)
@click.option("--writers", multiple=True, required=True)
@click.option("--twin", type=click.Path(path_type=Path), required=True)
@click.option("--seeds", type=click.Path(path_type=Path), multiple=True)
@click.option("--save", is_flag=True)
def main(pen: Path, others: Path, writers: tuple[str, ...], twin: Path, seeds: tuple[Path, ...], save: bool) -> None:
    """Measure all bundled networks, on the strokes of the given writers."""
    digits, strangers = load_pen(pen).by(writers), load_pen(others).by(writers)
    twins = {name: weights.load_card(name, twin).command for name in weights.names(twin)}
    for name in weights.names():
        if may_know(weights.load_card(name, twin if name in twins else weights.FOLDER), writers):
            raise click.ClickException(
                f"{name}: it has learned from {', '.join(writers)}; --twin has none without them."
            )
    rows = []
    with threadpool_limits(1, user_api="blas"):
        for name in tqdm(weights.names(), disable=None):
            bundled = Recognizer.load(name)
            reader = Recognizer.load(name, twin) if name in twins else bundled
            row: dict[str, Any] = {"network": name, "milliseconds": milliseconds(bundled)}
            row["test"] = evaluate_test(bundled, load_mnist()).to_dict()
            rows.append(row | strokes(reader, digits, strangers))
    same = [weights.load_card("default", folder) for folder in seeds] + [weights.load_card("default")]
    found: dict[str, Any] = {
        "writers": writers,
        "twins": twins,
        "seeds": {str(card.seed): card.accuracies["test"] for card in sorted(same, key=lambda card: card.seed)},
        "rows": rows,
    }
    click.echo(tables(found))
    if save:
        FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        text = PAGE.read_text(encoding="utf-8")
        start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
        PAGE.write_text(f"{text[:start]}\n{tables(found)}\n{text[end:]}", encoding="utf-8")


def strokes(reader: Recognizer, digits: PenDrawings, others: PenDrawings) -> dict[str, Any]:
    """What is measured with pen strokes."""
    usual, indices = read_pen(reader, digits)
    any_hand, indices_in_any = read_pen(reader, digits, hand=ANY_HAND)
    unknown, _ = read_pen(reader, others, digits=False)
    return {
        "pen": count(usual, digits.labels[indices].astype(np.int64)).to_dict(),
        "any hand": count(any_hand, digits.labels[indices_in_any].astype(np.int64)).to_dict(),
        "styles": {style: found.to_dict() for style, found in by_style(usual, indices, digits).items()},
        "others": separate(usual, unknown).to_dict(),
    }


def tables(found: dict[str, Any]) -> str:
    """The tables of docs/networks.md. Shares are cut off, not rounded up; what should be small is not."""
    rows, first = found["rows"], found["rows"][0]
    lines = [
        "| network | MNIST test | strangers' digits | in any hand | told from letters (AUROC) | digits refused | "
        "calibration error | one reading |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        others = row["others"]
        lines.append(
            f"| `{row['network']}` | {share(row['test']['accuracy'])} | {share(row['pen']['accuracy'])} | "
            f"{share(row['any hand']['accuracy'])} | {int(others['auroc'] * 10000) / 10000:.4f} | "
            f"{100 * others['refused_digits']:.2f} % | {100 * row['pen']['calibration_error']:.2f} % | "
            f"{row['milliseconds']:.2f} ms |"
        )
    styles = list(first["styles"])
    lines += ["", f"| right on | {' | '.join(styles)} |", f"| --- |{' --- |' * len(styles)}"]
    for row in rows:
        shares = (share(row["styles"][style]["accuracy"]) for style in styles)
        lines.append(f"| `{row['network']}` | {' | '.join(shares)} |")
    seeds = list(found["seeds"].values())
    low, high = first["pen"]["interval"]
    trained = ("seeds " if len(seeds) > 1 else "seed ") + " and ".join(found["seeds"])
    scores = share(statistics.mean(seeds)) + (
        f" ({share(min(seeds))} to {share(max(seeds))})" if len(seeds) > 1 else ""
    )
    lines += [
        "",
        f"{first['pen']['images']:,} digits, {first['others']['others']:,} letters and symbols, replayed with seed 0. "
        f"The 95 % interval of `{first['network']}` on strangers' digits is {share(low)} to {share(high)}; trained "
        f"with {trained}, it reads {scores} of MNIST's test images.",
    ]
    return "\n".join(lines)


def share(value: float) -> str:
    """A share in percent, cut off at two decimals."""
    return f"{int(value * 10000 + 1e-6) / 100:.2f} %"


if __name__ == "__main__":
    main()
