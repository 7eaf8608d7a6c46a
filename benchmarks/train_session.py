"""Visitors at the Train page: the app with a folder of runs, and open pages that see what browsers would show."""

import asyncio
import contextlib
import itertools
import re
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection

from benchmarks.page_session import PageSession, connect_to, receive_run
from benchmarks.served_app import ServedApp, served_app
from benchmarks.training_processes import end_processes
from mnist_core import InputError
from mnist_core.runs import RunStore, new_secret

PROGRESS = re.compile(r"Step ([\d,]+) of (?:about )?([\d,]+)")
BADGE = re.compile(r":\w+-badge\[(?::material/\w+: )?(\w+)")


@dataclass
class Room:
    """The app with a folder for runs of its own, and the visitors that this program invented."""

    server: ServedApp
    store: RunStore
    secrets: list[str] = field(default_factory=list)

    def visitor(self) -> str:
        """Somebody new."""
        self.secrets.append(new_secret())
        return self.secrets[-1]

    def clear(self) -> None:
        """Delete all runs."""
        for secret in self.secrets:
            for run in self.store.runs(secret):
                with contextlib.suppress(InputError):
                    self.store.delete(run)


@contextmanager
def open_room() -> Iterator[Room]:
    """In the end nothing is left of it: no run, no process, no folder."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        store = RunStore(Path(folder))
        try:
            with served_app({"DIGIT_RUNS_DIR": str(store.root)}) as server:
                room = Room(server, store)
                try:
                    yield room
                finally:
                    room.clear()
        finally:
            end_processes(store.root)


class TrainPage(PageSession):
    """An open Train page, and what it has shown of its run: the steps, the state, and what went wrong.

    steps: when each new step number came. trained: when the last step of all came. finished: when the page said so.
    """

    def __init__(self, socket: ClientConnection, query: str) -> None:
        super().__init__(socket, "train", query)
        self.steps: list[tuple[float, int]] = []
        self.trained = self.finished = 0.0
        self.state = ""
        self.troubles: list[str] = []

    def learn(self, message: ForwardMsg) -> None:
        super().learn(message)
        if message.WhichOneof("type") == "script_finished":
            if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                self.troubles.append("the page's script failed")
            return
        if message.WhichOneof("type") != "delta":
            return
        element = message.delta.new_element
        match element.WhichOneof("type"):
            case "progress":
                self._learn_step(element.progress.text)
            case "markdown":
                if badge := BADGE.search(element.markdown.body):
                    self.state = badge[1]
                    if self.state == "Finished" and not self.finished:
                        self.finished = time.perf_counter()
            case "exception":
                self.troubles.append(element.exception.message)
            case "alert" if element.alert.format == Alert.ERROR:
                self.troubles.append(element.alert.body)

    def _learn_step(self, words: str) -> None:
        if not (found := PROGRESS.search(words)):
            return
        step, steps = (int(number.replace(",", "")) for number in found.groups())
        now = time.perf_counter()
        if step >= 1 and (not self.steps or self.steps[-1][1] != step):
            self.steps.append((now, step))
        if 1 <= steps <= step and not self.trained:
            self.trained = now

    async def first_step(self, seconds: float) -> float:
        """The moment at which the first step was seen."""
        await self.wait_for(lambda: bool(self.steps), seconds)
        return self.steps[0][0]

    def standstill(self) -> float:
        """The longest time for which the page showed the same step, from the first one to the last."""
        end = self.trained or self.finished
        moments = [moment for moment, _ in self.steps if not end or moment <= end] + ([end] if end else [])
        return max((later - earlier for earlier, later in itertools.pairwise(moments)), default=0.0)


async def open_page(room: Room, query: str, secret: str | None = None) -> TrainPage:
    """The Train page of a visitor, drawn once; from then on it follows what the server sends."""
    cookies = f"digit_visitor={secret or room.visitor()}"
    page = TrainPage(await connect_to(room.server.port, cookies), query)
    await page.socket.send(page.message())
    for message in await receive_run(page.socket):
        page.learn(message)
    page.follow()
    return page


@asynccontextmanager
async def open_pages(room: Room, queries: Sequence[str]) -> AsyncIterator[list[TrainPage]]:
    """A page for each visitor of a class."""
    pages = await asyncio.gather(*(open_page(room, query) for query in queries))
    try:
        yield pages
    finally:
        await asyncio.gather(*(page.close() for page in pages))
