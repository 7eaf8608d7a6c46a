"""How soon a page of a lesson answers, for one student and for a class that goes through it at its own pace.

    python -m benchmarks.lessons [--students 30] [--seconds 60] [--every 20]

Each student is a session without a browser, which presses "Next step" and "Back" in turn, every so many seconds. The
answer is there when the server has drawn the whole page. The server's share of a core is its own processor time.
"""

import asyncio
import json
import random
import statistics
import tempfile
import time

import click

from benchmarks.page_session import PageSession, connect_to, receive_run
from benchmarks.served_app import served_app
from pages.components.lessons.page_state import Key

LESSON = "03-learning-is-going-downhill"


async def press(session: PageSession, key: str) -> float:
    """Press a button and wait for the whole page; returns the seconds."""
    name = session.find(key)
    assert name is not None, key
    moment = time.perf_counter()
    await session.socket.send(session.message(session.fragments[name], press=name))
    for message in await receive_run(session.socket):
        session.learn(message)
    return time.perf_counter() - moment


async def student(port: int, seconds: float, every: float, chance: random.Random) -> list[float]:
    """Open the lesson, and go on and back for so long; returns the seconds of each answer."""
    session = PageSession(await connect_to(port), "lessons", f"lesson={LESSON}")
    await session.socket.send(session.message())
    for message in await receive_run(session.socket):
        session.learn(message)
    while session.find(Key.NEXT) is None:
        for message in await receive_run(session.socket):
            session.learn(message)
    end, found, keys = time.perf_counter() + seconds, list[float](), (Key.NEXT, Key.BACK)
    await asyncio.sleep(chance.uniform(0, every))
    while time.perf_counter() < end:
        found.append(await press(session, keys[len(found) % 2]))
        await asyncio.sleep(every * chance.uniform(0.8, 1.2))
    await session.close()
    return found


async def measure(port: int, students: int, seconds: float, every: float) -> list[float]:
    """All students at once; the seconds of all answers."""
    chance = random.Random(0)
    all_of_them = await asyncio.gather(
        *(student(port, seconds, every, random.Random(chance.random())) for _ in range(students))
    )
    return sorted(answer for answers in all_of_them for answer in answers)


@click.command()
@click.option("--students", default=30, show_default=True)
@click.option("--seconds", default=60.0, show_default=True, help="How long the class is measured.")
@click.option("--every", default=20.0, show_default=True, help="Seconds between two steps of a student.")
def main(students: int, seconds: float, every: float) -> None:
    """Measure one student, then the class, and print both as JSON."""
    with tempfile.TemporaryDirectory() as runs, served_app({"DIGIT_RUNS_DIR": runs}) as app:
        asyncio.run(measure(app.port, 1, 5, 0.5))
        alone = asyncio.run(measure(app.port, 1, 10, 0.5))
        before, start = app.cpu_seconds(), time.perf_counter()
        together = asyncio.run(measure(app.port, students, seconds, every))
        after, took = app.cpu_seconds(), time.perf_counter() - start
    found = {
        name: {"answers": len(answers), "median_ms": _ms(statistics.median(answers)), "worst_ms": _ms(answers[-1])}
        for name, answers in (("one student", alone), (f"{students} students", together))
    }
    share = None if before is None or after is None else round((after - before) / took, 3)
    print(json.dumps(found | {"share_of_a_core": share}, indent=2))


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.lessons")
