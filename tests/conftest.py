"""What the browser tests need: the app running as a real server, and a real headless Chromium."""

import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright
from threadpoolctl import threadpool_limits

from tests.chromium import FLAGS, find_chromium
from tests.run_helpers import end_director
from tests.servers import skip_without, start_server, wait_until_healthy

# Tests run beside each other, and beside the servers and browsers that they start. A product that two threads share
# waits for the slower one: 3,000 images of the default network took 167 s instead of 11 s beside two busy processes.
# The first line is for the processes that tests start. Whatever asks for two threads still gets them.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
threadpool_limits(1, user_api="blas")

# On a busy machine one example may take long; how long says nothing about the code.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever asks for a browser is marked so."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(autouse=True)
def main_module() -> Iterator[None]:
    """A page that was run without a browser leaves itself as the main module, which new processes would run again."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless Chromium from this machine. Without one the test is skipped; with CI set that is a failure."""
    path = find_chromium()
    if path is None:
        skip_without("Chromium", "the browser tests cannot run", "chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app."""
    runs = tmp_path_factory.mktemp("runs")
    server = start_server(tmp_path_factory.mktemp("server") / "log.txt", runs)
    try:
        wait_until_healthy(server)
        yield server.url
        assert "Traceback" not in server.log.read_text(), server.log.read_text()
    finally:
        server.process.terminate()
        server.process.wait(timeout=20)
        end_director(runs)
