"""Two servers on one folder of runs, behind nginx as in docs/many-servers.md: one is killed, and nobody waits long."""

import contextlib
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from mnist_core.runs.direct import lives as directed
from mnist_core.runs.folder import Run
from tests.nginx import find_nginx, proxy
from tests.pages.test_browser import PATIENCE, canvas, clear, digit, draw
from tests.pages.test_browser_train import SMALL, button, steps, until
from tests.run_helpers import director_of, end_director, last_step, lives, wait, workers_of
from tests.servers import Server, free_port, skip_without, start_server, wait_until_healthy
from tests.strokes import STROKES

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Site:
    """Two servers, by the name that the cookie has for them, and the address of nginx."""

    url: str
    servers: dict[str, Server]
    runs: Path


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Without nginx the test is skipped; with CI set that is a failure."""
    nginx = find_nginx()
    if nginx is None:
        skip_without("nginx", "two servers cannot be tried", "nginx-light")
    runs = tmp_path / "runs"
    servers: dict[str, Server] = {}
    try:
        for name in "ab":
            servers[name] = start_server(tmp_path / f"log-{name}.txt", runs)
        for server in servers.values():
            wait_until_healthy(server)
        port = free_port()
        with proxy(nginx, port, servers["a"].port, servers["b"].port):
            yield Site(f"http://localhost:{port}", servers, runs)
        for server in servers.values():
            assert "Traceback" not in server.log.read_text(), server.log.read_text()
    finally:
        for server in servers.values():
            server.process.kill()
            server.process.wait()
        end_director(runs)


def cookie(context: BrowserContext, name: str) -> str:
    return next((str(found["value"]) for found in context.cookies() if found["name"] == name), "")


def directors(runs: Path) -> list[int]:
    """The processes that direct this folder of runs."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (entry / "cmdline").read_bytes().split(b"\0")
            environment = (entry / "environ").read_bytes().split(b"\0")
            if b"direct" in command and f"DIGIT_RUNS_DIR={runs}".encode() in environment:
                found.append(int(entry.name))
    return found


def visit(context: BrowserContext, url: str) -> Page:
    page = context.new_page()
    page.goto(url)
    return page


def test_a_class_behind_nginx_bears_the_loss_of_a_server(chromium: Browser, site: Site) -> None:
    context = chromium.new_context(viewport={"width": 1400, "height": 1000})
    drawing = visit(context, site.url)
    canvas(drawing).wait_for(timeout=PATIENCE)
    draw(drawing, STROKES[7])
    expect(digit(drawing)).to_have_text("7", timeout=PATIENCE)
    # Pictures come by a second way than the websocket, and have to come from the same server.
    expect(drawing.get_by_test_id("stImage").locator("img")).to_have_count(4)
    assert all(drawing.get_by_test_id("stImage").locator("img").evaluate_all("all => all.map(own => own.naturalWidth)"))
    home = cookie(context, "digit_server")
    assert home in ("a", "b")
    other = "b" if home == "a" else "a"

    train = visit(context, f"{site.url}/train?{SMALL.replace('epochs=1000', 'epochs=10000')}")
    button(train, "start").click(timeout=PATIENCE)
    until(train, 50)
    assert cookie(context, "digit_server") == home and cookie(context, "digit_visitor")
    (folder,) = site.runs.glob("sessions/*/*")
    run = Run(folder)

    # The same visitor at the other server, without nginx: cookies know no ports.
    direct = visit(context, f"http://localhost:{site.servers[other].port}/train?{SMALL}")
    until(direct, 50)
    seen = steps(direct)
    until(direct, seen + 10)
    button(direct, "pause").click()
    expect(button(direct, "resume")).to_be_visible(timeout=PATIENCE)
    expect(button(train, "resume")).to_be_visible(timeout=PATIENCE)
    button(direct, "resume").click()
    until(direct, steps(direct) + 10)
    director = director_of(site.runs)
    assert directors(site.runs) == [director] and directed(site.runs)
    direct.close()

    os.kill(site.servers[home].process.pid, signal.SIGKILL)
    reached = last_step(run)
    # An open page stands still, since the other server does not know its session; opened anew, it is there.
    train.reload()
    until(train, int(reached) + 10)
    assert cookie(context, "digit_server") == other
    assert last_step(run) > reached and director_of(site.runs) == director
    drawing.reload()
    canvas(drawing).wait_for(timeout=PATIENCE)
    draw(drawing, STROKES[3])
    expect(digit(drawing)).to_have_text("3", timeout=PATIENCE)
    clear(drawing)

    # Nobody is left who has started that director; the other server, which has resumed the run, starts the next.
    workers = workers_of(director)
    os.kill(director, signal.SIGKILL)
    wait(lambda: director_of(site.runs) != director)
    reached = last_step(run)
    wait(lambda: last_step(run) > reached, 60)
    assert not any(map(lives, workers)) and directors(site.runs) == [director_of(site.runs)]

    # The first one comes back: the visitor stays where the session is, and a new one may come to either.
    back = site.servers[home]
    site.servers[home] = start_server(back.log, site.runs, back.port)
    wait_until_healthy(site.servers[home])
    draw(drawing, STROKES[7])
    expect(digit(drawing)).to_have_text("7", timeout=PATIENCE)
    expect(drawing.get_by_test_id("stImage").locator("img")).to_have_count(4)
    assert all(drawing.get_by_test_id("stImage").locator("img").evaluate_all("all => all.map(own => own.naturalWidth)"))
    assert cookie(context, "digit_server") == other
    button(train, "stop").click()
    expect(button(train, "use")).to_be_visible(timeout=PATIENCE)
    context.close()
