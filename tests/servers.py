"""The app running as real servers, started as the README says (but without opening a browser window)."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).parent.parent


def skip_without(program: str, what: str, package: str) -> NoReturn:
    """Skip the test, because a program is not on this machine; with CI set that is a failure."""
    message = f"no {program} on this machine, so {what} (Debian: apt-get install {package})"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@dataclass(frozen=True)
class Server:
    """A process that serves the app on a port of this computer; `log` has all that it says."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_server(log: Path, runs: Path, port: int = 0) -> Server:
    """Start the app for a folder of runs, on a free port if none is given."""
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}", "--server.headless=true"]
    environment = os.environ | {"DIGIT_RUNS_DIR": str(runs)}
    with open(log, "ab") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
    return Server(process, port, log)


def wait_until_healthy(server: Server) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=2):
                return
        except OSError:
            assert server.process.poll() is None and time.monotonic() < deadline, server.log.read_text()
            time.sleep(0.1)
