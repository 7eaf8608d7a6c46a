"""A class whose teacher leads it through a lesson: what it costs the server, and how soon pages answer.

    python -m benchmarks.led_lesson [--students 30] [--seconds 120] [--lesson 8]

Each page is a session without a browser, which looks after its class as often as the page says. The teacher goes from
step to step, evenly over the time; where a step asks for a prediction, every student gives one, and the teacher shows
what the class predicts. An answer is there when the server has drawn the whole page. The server's share of a core is
its own processor time.
"""

import asyncio
import json
import random
import re
import statistics
import time
from collections.abc import Sequence

import click
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection

from benchmarks.page_session import PageSession, connect_to, until
from benchmarks.train_session import Room, open_room
from pages.components.lessons.lesson import Lesson
from pages.components.lessons.lesson_file import all_lessons
from pages.components.lessons.page_state import Key, prediction

STEP = re.compile(r"· Step (\d+) of ")
VOTING = 0.6
"""All have predicted after this part of the step's time; then the teacher shows what the class predicts."""


class LessonPage(PageSession):
    """An open Lessons page.

    drawn: when a run of the whole page began, when it ended, and the step that it showed, counted from 0. looks: how
    often the page has looked after its class.
    """

    def __init__(self, socket: ClientConnection, query: str) -> None:
        super().__init__(socket, "lessons", query)
        self.drawn: list[tuple[float, float, int]] = []
        self.looks = 0
        self._began, self._whole, self._step = 0.0, True, -1

    def learn(self, message: ForwardMsg) -> None:
        super().learn(message)
        match message.WhichOneof("type"):
            case "new_session":
                self._began, self._whole = time.perf_counter(), not message.metadata.run.fragment_ids
                self.looks += not self._whole
            case "delta" if found := STEP.search(message.delta.new_element.markdown.body):
                self._step = int(found[1]) - 1
            case "script_finished" if self._whole and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                self.drawn.append((self._began, time.perf_counter(), self._step))

    async def drawn_after(self, moment: float) -> float:
        """Wait for the whole page that was begun after this moment; returns the seconds that it took since then."""
        await self.wait_for(lambda: bool(self.drawn) and self.drawn[-1][0] >= moment)
        return next(ended for began, ended, _ in self.drawn if began >= moment) - moment

    async def at_step(self, step: int, moment: float) -> float:
        """Wait until the page shows a step; returns the seconds since a moment."""
        await self.wait_for(lambda: any(ended >= moment and shown == step for _, ended, shown in self.drawn))
        return next(ended for _, ended, shown in self.drawn if ended >= moment and shown == step) - moment


async def open_lesson(room: Room, query: str) -> tuple[LessonPage, float]:
    """A page of somebody new, and the seconds until it was drawn."""
    page = LessonPage(await connect_to(room.server.port, f"digit_visitor={room.visitor()}"), query)
    page.follow()
    moment = time.perf_counter()
    await page.socket.send(page.message())
    return page, await page.drawn_after(moment)


async def led(room: Room, lesson: Lesson, students: int, seconds: float) -> dict[str, object]:
    """Open the class, go through the lesson, and say what was measured."""
    info, secret = room.store.classes.open("7a", room.visitor())
    teacher, _ = await open_lesson(room, f"class={info.id}&teacher={secret}&lesson={lesson.id}")
    opened = await asyncio.gather(*(open_lesson(room, f"class={info.id}") for _ in range(students)))
    pages = [page for page, _ in opened]
    pressed = await teacher.press(Key.LEAD)
    await asyncio.gather(*(page.at_step(0, pressed) for page in pages))

    turned, followed, voted = list[float](), list[float](), list[float]()
    chance, each = random.Random(0), seconds / len(lesson.steps)
    before, start = room.server.cpu_seconds(), time.perf_counter()
    looks = sum(page.looks for page in pages)

    async def vote(page: LessonPage, key: str, choice: str, wait: float) -> None:
        await asyncio.sleep(wait)
        voted.append(await page.drawn_after(await page.choose(key, choice)))

    for number, step in enumerate(lesson.steps):
        if number:
            pressed = await teacher.press(Key.NEXT)
            followers = asyncio.gather(*(page.at_step(number, pressed) for page in pages))
            turned.append(await teacher.drawn_after(pressed))
            followed += await followers
        if step.kind == "predict":
            key = prediction(lesson.id, step.name).key
            left = max(0.0, start + (number + VOTING) * each - time.perf_counter())
            votes = (vote(page, key, chance.choice(step.choices), chance.uniform(0, left)) for page in pages)
            await asyncio.gather(*votes)
            turned.append(await teacher.drawn_after(await teacher.press(Key.REVEAL)))
        await until(start + (number + 1) * each)
    after, took = room.server.cpu_seconds(), time.perf_counter() - start
    looks = sum(page.looks for page in pages) - looks
    await asyncio.gather(*(page.close() for page in (teacher, *pages)))
    return {
        "students": students,
        "seconds": round(took),
        "looks_a_second": round(looks / took, 1),
        "share_of_a_core": None if before is None or after is None else round((after - before) / took, 3),
        "all_open_at_once_ms": _ms([passed for _, passed in opened]),
        "teacher_goes_on_ms": _ms(turned),
        "student_predicts_ms": _ms(voted),
        "students_follow_ms": _ms(followed),
    }


def _ms(seconds: Sequence[float]) -> dict[str, int]:
    return {
        "count": len(seconds),
        "median": round(statistics.median(seconds) * 1000),
        "worst": round(max(seconds) * 1000),
    }


@click.command()
@click.option("--students", default=30, show_default=True)
@click.option("--seconds", default=120.0, show_default=True, help="How long the class takes for all steps.")
@click.option("--lesson", "number", default=8, show_default=True, help="The lesson's number.")
def main(students: int, seconds: float, number: int) -> None:
    """Measure a class that its teacher leads, and print the figures as JSON."""
    lesson = next((known for known in all_lessons()[0] if known.number == number), None)
    if lesson is None:
        raise click.BadParameter("there is no such lesson.", param_hint="--lesson")
    with open_room() as room:
        print(json.dumps(asyncio.run(led(room, lesson, students, seconds)), indent=2))


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.led_lesson")
