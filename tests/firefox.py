"""Firefox, driven over WebDriver BiDi: a websocket to which commands are sent as JSON. Debian's Firefox has it.

Playwright drives only Firefox builds of its own, and Selenium needs a program, geckodriver, that Debian does not have.
"""

import json
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

from tests.servers import free_port

NAMES = ("firefox-esr", "firefox")
PREFERENCES = """
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("app.normandy.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("toolkit.telemetry.enabled", false);
"""
PATIENCE_SECONDS = 60.0


def find_firefox() -> str | None:
    """The path of an installed Firefox."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Firefox:
    """A headless Firefox with one tab, from start to end of a `with`."""

    def __init__(self, path: str, profile: Path) -> None:
        (profile / "user.js").write_text(PREFERENCES, encoding="utf-8")
        port = free_port()
        command = [path, "--headless", "--no-remote", "--profile", str(profile), f"--remote-debugging-port={port}"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._socket = self._connected(port)
        self._sent = 0
        self._send("session.new", capabilities={})
        self._tab: str = self._send("browsingContext.getTree")["contexts"][0]["context"]
        self._send("browsingContext.setViewport", context=self._tab, viewport={"width": 1280, "height": 1000})

    def __enter__(self) -> "Firefox":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait(timeout=30)

    def open(self, address: str) -> None:
        self._send("browsingContext.navigate", context=self._tab, url=address, wait="complete")

    def evaluate(self, expression: str) -> Any:
        """The value of an expression of JavaScript; whatever JSON can say."""
        result = self._send(
            "script.evaluate",
            expression=f"JSON.stringify(({expression}) ?? null)",
            target={"context": self._tab},
            awaitPromise=False,
        )
        if result["type"] == "exception":
            raise AssertionError(result["exceptionDetails"]["text"])
        return json.loads(result["result"]["value"])

    def until(self, expression: str) -> Any:
        """Wait until an expression of JavaScript is true, and return its value."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not (found := self.evaluate(expression)):
            assert time.monotonic() < end, f"never true: {expression}\n{self.evaluate('document.body.innerText')}"
            time.sleep(0.2)
        return found

    def stroke(self, points: Sequence[tuple[float, float]]) -> None:
        """Press the mouse at the first of these places of the window, drag it through all, and let go."""
        (x, y), *others = points
        actions: list[dict[str, Any]] = [_move(x, y), {"type": "pointerDown", "button": 0}]
        actions += [_move(x, y, 20) for x, y in others]
        self._pointer([*actions, {"type": "pointerUp", "button": 0}])

    def click(self, selector: str) -> None:
        """Click into the middle of the first element that the selector finds, once it is there."""
        place = f"document.querySelector({json.dumps(selector)})"
        self.until(f"!!{place} && !{place}.disabled")
        self.evaluate(f"{place}.scrollIntoView({{ block: 'center', behavior: 'instant' }})")
        x, y = self.evaluate(
            f"((box) => [box.x + box.width / 2, box.y + box.height / 2])({place}.getBoundingClientRect())"
        )
        self.stroke([(x, y)])

    def press(self, words: str) -> None:
        """Press the button with these words."""
        button = f"[...document.querySelectorAll('button')].find((one) => one.innerText.includes({json.dumps(words)}))"
        self.until(f"!!{button}")
        self.evaluate(f"{button}.click()")

    def forget(self) -> None:
        """Become another visitor: no cookies."""
        self._send("storage.deleteCookies")

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        keys = [{"type": kind, "value": letter} for letter in text for kind in ("keyDown", "keyUp")]
        self._send("input.performActions", context=self._tab, actions=[{"type": "key", "id": "keys", "actions": keys}])

    def _pointer(self, actions: list[dict[str, Any]]) -> None:
        mouse = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": actions}
        self._send("input.performActions", context=self._tab, actions=[mouse])

    def _connected(self, port: int) -> Any:
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return connect(f"ws://127.0.0.1:{port}/session", max_size=None, open_timeout=10)
            except OSError:
                assert self._process.poll() is None and time.monotonic() < end, "Firefox does not answer"
                time.sleep(0.2)

    def _send(self, method: str, **parameters: Any) -> Any:
        self._sent += 1
        self._socket.send(json.dumps({"id": self._sent, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv(timeout=2 * PATIENCE_SECONDS))
            if answer.get("id") == self._sent:
                assert answer["type"] == "success", f"{method}: {answer}"
                return answer["result"]


def _move(x: float, y: float, milliseconds: int = 0) -> dict[str, Any]:
    return {"type": "pointerMove", "x": round(x), "y": round(y), "duration": milliseconds}
