"""A page of the app without a browser: a session over a websocket that keeps to Streamlit's protocol as a browser does.

It knows the page's widgets, follows its address, and asks for a fragment again and again where the page says so.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin, Subprotocol

PATIENCE = 60.0
"""Seconds after which a person no longer waits for the server."""

WITH_STATE = (
    "button_group",
    "checkbox",
    "multiselect",
    "number_input",
    "radio",
    "selectbox",
    "slider",
    "text_area",
    "text_input",
)


class UnexpectedPageError(Exception):
    """The server did not answer as the page would."""


async def connect_to(port: int, cookies: str = "") -> ClientConnection:
    """A websocket to the app, as a browser opens it. cookies: "name=value", if there are any."""
    return await connect(
        f"ws://localhost:{port}/_stcore/stream",
        origin=Origin(f"http://localhost:{port}"),
        subprotocols=[Subprotocol("streamlit")],
        additional_headers={"Cookie": cookies} if cookies else None,
        open_timeout=PATIENCE,
        ping_interval=None,  # browsers do not ping
        max_size=None,
    )


async def receive(socket: ClientConnection) -> ForwardMsg:
    """The server's next message."""
    return ForwardMsg.FromString(await socket.recv(decode=False))


async def receive_run(socket: ClientConnection) -> list[ForwardMsg]:
    """All that the server sends until the script, or a fragment of it, has run to its end."""
    messages: list[ForwardMsg] = []
    async with asyncio.timeout(PATIENCE):
        while not messages or messages[-1].WhichOneof("type") != "script_finished":
            messages.append(await receive(socket))
    return messages


async def until(moment: float) -> None:
    """Wait for a moment of `time.perf_counter`."""
    await asyncio.sleep(max(0.0, moment - time.perf_counter()))


class PageSession:
    """What a browser remembers of an open page.

    page: its name in the address, "" for the first one. query: what stands behind the question mark. widgets: the
    states of all widgets, sent with every message. fragments: the fragment in which each widget stands, by its id.
    """

    def __init__(self, socket: ClientConnection, page: str = "", query: str = "") -> None:
        self.socket, self.page, self.query = socket, page, query
        self.script_hash = ""
        self.widgets: dict[str, WidgetState] = {}
        self.fragments: dict[str, str] = {}
        self._disabled: set[str] = set()
        self._timers: dict[str, tuple[float, asyncio.Task[None]]] = {}
        self._follower: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._ended = ""

    def message(self, fragment: str = "", press: str = "", automatic: bool = False) -> bytes:
        """The script, or a fragment of it, is to run again. press: the id of the button that was pressed."""
        back = BackMsg()
        rerun = back.rerun_script
        rerun.query_string = self.query
        # An empty message, too, has to be there.
        rerun.widget_states.SetInParent()
        rerun.widget_states.widgets.extend(self.widgets.values())
        if press:
            rerun.widget_states.widgets.append(WidgetState(id=press, trigger_value=True))
        if self.script_hash:
            rerun.page_script_hash = self.script_hash
        else:
            rerun.page_name = self.page
        rerun.fragment_id, rerun.is_auto_rerun = fragment, automatic
        return bytes(back.SerializeToString())

    def learn(self, message: ForwardMsg) -> None:
        """Take in a message of the server."""
        match message.WhichOneof("type"):
            case "new_session":
                self.script_hash = message.new_session.page_script_hash
                self._forget(set(message.metadata.run.fragment_ids))
            case "navigation":
                # The page that its name in the address stands for.
                self.script_hash = message.navigation.page_script_hash
            case "page_info_changed":
                self.query = message.page_info_changed.query_string
            case "auto_rerun":
                self._repeat(message.auto_rerun.fragment_id, message.auto_rerun.interval)
            case "stop_auto_rerun":
                for fragment in message.stop_auto_rerun.fragment_ids:
                    self._cease(fragment)
            case "delta":
                self._learn_widget(message.delta.new_element, message.delta.fragment_id)

    def _forget(self, fragments: set[str]) -> None:
        """A run begins: of these fragments, or of the whole page, which then says anew what is to be repeated."""
        if not fragments:
            for fragment in list(self._timers):
                self._cease(fragment)
        self.fragments = {name: own for name, own in self.fragments.items() if fragments and own not in fragments}

    def _learn_widget(self, element: Element, fragment: str) -> None:
        kind = element.WhichOneof("type")
        widget = getattr(element, kind) if kind else None
        name = getattr(widget, "id", "")
        if not name:
            return
        self.fragments[name] = fragment
        (self._disabled.add if getattr(widget, "disabled", False) else self._disabled.discard)(name)
        # What somebody has set stays, unless the page itself sets it.
        if (name not in self.widgets or getattr(widget, "set_value", False)) and (state := first_state(element)):
            self.widgets[name] = state

    def _repeat(self, fragment: str, seconds: float) -> None:
        if fragment in self._timers and self._timers[fragment][0] == seconds:
            return
        self._cease(fragment)
        self._timers[fragment] = (seconds, asyncio.create_task(self._ask_again(fragment, seconds)))

    async def _ask_again(self, fragment: str, seconds: float) -> None:
        moment = time.perf_counter()
        with contextlib.suppress(WebSocketException):
            while True:
                # As a browser's timer: at a steady pace, whether or not the answer has come.
                moment = max(moment + seconds, time.perf_counter())
                await until(moment)
                await self.socket.send(self.message(fragment, automatic=True))

    def _cease(self, fragment: str) -> None:
        if timer := self._timers.pop(fragment, None):
            timer[1].cancel()

    # What people do.

    def follow(self) -> None:
        """Take in all that the server sends from now on, until `close`."""
        self._follower = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        try:
            while True:
                self.learn(await receive(self.socket))
                self._news.set()
        except WebSocketException as error:
            self._ended = f"the connection was closed ({error})"
        except Exception as error:
            self._ended = f"{type(error).__name__}: {error}"
            raise
        finally:
            self._news.set()

    async def wait_for(self, condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Wait until what the server sent makes it so. Raises TimeoutError, UnexpectedPageError if no more comes."""
        async with asyncio.timeout(seconds):
            while not condition():
                if self._ended:
                    raise UnexpectedPageError(self._ended)
                self._news.clear()
                await self._news.wait()

    def find(self, key: str) -> str | None:
        """The id of the widget with this key, if it is on the page and can be used."""
        return next((name for name in self.fragments if name.endswith(f"-{key}") and name not in self._disabled), None)

    async def _usable(self, key: str) -> str:
        try:
            await self.wait_for(lambda: self.find(key) is not None)
        except TimeoutError:
            raise TimeoutError(f"{key!r} cannot be used on the page") from None
        return self.find(key) or ""

    async def press(self, key: str) -> float:
        """Press a button, as soon as it is there; returns the moment."""
        name = await self._usable(key)
        moment = time.perf_counter()
        await self.socket.send(self.message(self.fragments[name], press=name))
        return moment

    async def set_number(self, key: str, value: float) -> float:
        """Enter a number, as soon as its field is there; returns the moment."""
        name = await self._usable(key)
        return await self._set(WidgetState(id=name, double_value=value))

    async def choose(self, key: str, option: str) -> float:
        """Choose one of several, as soon as they are there; returns the moment."""
        name = await self._usable(key)
        return await self._set(WidgetState(id=name, string_value=option))

    async def _set(self, state: WidgetState) -> float:
        self.widgets[state.id] = state
        moment = time.perf_counter()
        await self.socket.send(self.message(self.fragments[state.id]))
        return moment

    async def close(self) -> None:
        """Close the page."""
        for fragment in list(self._timers):
            self._cease(fragment)
        if self._follower is not None:
            self._follower.cancel()
        await self.socket.close()


def first_state(element: Element) -> WidgetState | None:
    """What a browser sends for a widget as the page shows it; None for what has no state, as buttons."""
    kind = element.WhichOneof("type")
    if kind not in WITH_STATE:
        return None
    widget: Any = getattr(element, kind)
    state = WidgetState(id=widget.id)
    match kind:
        case "selectbox":
            state.string_value = widget.raw_value or widget.options[widget.default]
        case "radio":
            if not (widget.raw_value or widget.HasField("default")):
                return None
            state.string_value = widget.raw_value or widget.options[widget.default]
        case "slider":
            state.double_array_value.data.extend(widget.value if widget.set_value else widget.default)
        case "checkbox":
            state.bool_value = widget.value if widget.set_value else widget.default
        case "number_input":
            state.double_value = widget.value if widget.set_value else widget.default
        case "text_input" | "text_area":
            state.string_value = widget.value if widget.set_value else widget.default
        case _:
            chosen = list(widget.raw_values) if widget.set_value else [_words(widget, i) for i in widget.default]
            state.string_array_value.data.extend(chosen)
    return state


def _words(widget: Any, place: int) -> str:
    """An option as it is shown."""
    option = widget.options[place]
    return option if isinstance(option, str) else str(option.content)
