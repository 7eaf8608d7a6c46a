"""nginx in front of several servers of the app, as docs/many-servers.md has it, for tests and benchmarks."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CONFIGURATION = Path(__file__).parent.parent / "docs" / "nginx.conf"
PORTS = (8500, 8501, 8502)
"""In the file: where nginx listens, and where the two servers do."""


def find_nginx() -> str | None:
    """The path of an installed nginx."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/bin")


def configuration(port: int, first: int, second: int) -> str:
    """The documented file with other ports."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    for known, wanted in zip(PORTS, (port, first, second), strict=True):
        assert str(known) in text
        # Not yet the wanted one: it might be among those that are still to be replaced.
        text = text.replace(str(known), f"PORT{known}:{wanted}:")
    for known, wanted in zip(PORTS, (port, first, second), strict=True):
        text = text.replace(f"PORT{known}:{wanted}:", str(wanted))
    return text


@contextmanager
def proxy(nginx: str, port: int, first: int, second: int) -> Iterator[None]:
    """Run nginx on `port` of this computer, in front of two servers. Raises RuntimeError if it does not start."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "nginx.conf").write_text(configuration(port, first, second), encoding="utf-8")
        command = [nginx, "-p", name, "-c", str(folder / "nginx.conf"), "-e", "error.log"]
        # In the foreground, so that it ends with this program; and root's temporary folders are root's alone.
        command += ["-g", f"daemon off;{' user root;' if Path(name).owner() == 'root' else ''}"]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            _wait_for(port, process)
            yield
        finally:
            process.terminate()
            process.communicate(timeout=20)


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 10
    while process.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    process.kill()
    raise RuntimeError(f"nginx did not start: {process.communicate()[1].decode(errors='replace')}")
