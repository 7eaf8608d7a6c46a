"""The app as people use it: served by Streamlit processes of its own, for as long as a measurement takes."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import click

from tests.nginx import find_nginx, proxy

ROOT = Path(__file__).parent.parent
SECONDS_TO_START = 60


@dataclass(frozen=True)
class ServedApp:
    """A running server, or several behind one port: then `others` are the process ids of all but the first.

    Their use of processor and memory, taken together, is None where there is no /proc, as on macOS.
    """

    port: int
    pid: int
    others: tuple[int, ...] = ()

    def cpu_seconds(self) -> float | None:
        """Processor time that the server has used so far, on all cores together."""
        return self._sum(_cpu_seconds)

    def peak_megabytes(self) -> float | None:
        """The most memory that the server has held so far (resident set size)."""
        return self._sum(lambda pid: _megabytes(pid, "VmHWM:"))

    def megabytes(self) -> float | None:
        """The memory that the server holds now (resident set size)."""
        return self._sum(lambda pid: _megabytes(pid, "VmRSS:"))

    def _sum(self, measure: Callable[[int], float | None]) -> float | None:
        found = [measure(pid) for pid in (self.pid, *self.others)]
        known = [value for value in found if value is not None]
        return sum(known) if len(known) == len(found) else None


def _cpu_seconds(pid: int) -> float | None:
    try:
        # Behind the process's name, which is in parentheses; of all fields, these are the 14th and 15th.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _megabytes(pid: int, field: str) -> float | None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith(field)), None)


@contextmanager
def served_app(environment: dict[str, str] | None = None) -> Iterator[ServedApp]:
    """Start the app on a free port of this computer, wait until it answers, and stop it in the end.

    environment: variables to set for it, besides those that are set.
    """
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    command += ["--server.port", str(port)]
    with tempfile.TemporaryFile("w+") as log:
        variables = os.environ | (environment or {})
        server = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait_until_healthy(port, server, log)
            yield ServedApp(port, server.pid)
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


@contextmanager
def served_apps(count: int, environment: dict[str, str] | None = None) -> Iterator[ServedApp]:
    """The same with one server or two; two stand behind nginx, as docs/many-servers.md has it."""
    if count == 1:
        with served_app(environment) as app:
            yield app
        return
    nginx = find_nginx()
    if nginx is None:
        raise click.ClickException("nginx is missing (Debian: apt-get install nginx-light).")
    with ExitStack() as stack:
        first, second = (stack.enter_context(served_app(environment)) for _ in range(2))
        port = _free_port()
        stack.enter_context(proxy(nginx, port, first.port, second.port))
        yield ServedApp(port, first.pid, (second.pid,))


def _free_port() -> int:
    with socket.create_server(("localhost", 0)) as listener:
        return int(listener.getsockname()[1])


def _wait_until_healthy(port: int, server: subprocess.Popen[bytes], log: IO[str]) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    log.seek(0)
    raise click.ClickException(f"The app did not start. It said:\n{log.read()[-2000:]}")
