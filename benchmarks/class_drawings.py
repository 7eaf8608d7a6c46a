"""How soon the Teach page of a class answers whose members have given it their drawings.

    python -m benchmarks.class_drawings [--members 30] [--drawings 100]

The page is opened by its members in turn, in sessions without a browser, on a server of its own. The answer
is there when the server has drawn the whole page; the odd ones out come after that, as far as they are not known yet.
"""

import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path

import click
import numpy as np

from benchmarks.page_session import PageSession, connect_to, receive_run
from benchmarks.served_app import served_app
from mnist_core.drawings import ClassDrawings, DrawingStore, NewDrawing, made_up_drawings
from mnist_core.runs import RunStore
from pages.components.visitor import COOKIE

OPENED = 10
"""How often the page is opened, after a first time that loads modules and networks."""


def member(number: int) -> str:
    """The secret of a visitor."""
    return f"{number:022d}"


def fill(folder: str, members: int, drawings: int) -> str:
    """A class whose members have given so many drawings each; returns its id."""
    images, labels = made_up_drawings()
    runs, store = RunStore(Path(folder)), DrawingStore(Path(folder))
    info, _ = runs.classes.open("5b", "a teacher")
    chance = np.random.default_rng(0)
    for number in range(members):
        # Equal ones would be kept once.
        chosen = chance.choice(len(labels), min(drawings, len(labels)), replace=False)
        runs.classes.members.join(info.id, member(number))
        store.add(member(number), [NewDrawing.of_image(images[place], labels[place]) for place in chosen])
        ClassDrawings(store, runs.classes).give(info.id, member(number))
    return info.id


async def open_page(port: int, identity: str, number: int, words: str) -> float:
    """Seconds until the page of the class stands there, with these words on it."""
    socket = await connect_to(port, f"{COOKIE}={member(number)}")
    session = PageSession(socket, "teach", f"view=class&class={identity}")
    moment = time.perf_counter()
    await socket.send(session.message())
    messages = await receive_run(socket)
    seconds = time.perf_counter() - moment
    await session.close()
    if not any(words in str(message) for message in messages):
        raise click.ClickException(f"The page does not show {words!r}.")
    return seconds


@click.command()
@click.option("--members", default=30, show_default=True)
@click.option("--drawings", default=100, show_default=True, help="Of each member.")
def main(members: int, drawings: int) -> None:
    """Print the seconds as JSON."""
    with tempfile.TemporaryDirectory() as runs:
        identity = fill(runs, members, drawings)
        with served_app({"DIGIT_RUNS_DIR": runs}) as app:
            words = f"{members * drawings:,} drawings"
            first, *others = (
                asyncio.run(open_page(app.port, identity, number % members, words)) for number in range(1 + OPENED)
            )
            found = sorted(others)
    print(
        json.dumps(
            {
                "drawings": members * drawings,
                "first_ms": _ms(first),
                "median_ms": _ms(statistics.median(found)),
                "worst_ms": _ms(found[-1]),
            },
            indent=2,
        )
    )


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.class_drawings")
