"""Open the app."""

import subprocess
import sys
from pathlib import Path

import click

from mnist_core.errors import InputError

BESIDE = Path(__file__).parents[2]
PLACES = (BESIDE / "digit_lab" / "app.py", BESIDE / "app.py")
"""Where the app is: in a folder of its own once it is installed, or beside the library in the repository."""


@click.command()
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8501, show_default=True, help="The port that it listens on."
)
@click.option("--headless", is_flag=True, help="Open no browser window.")
def app(port: int, headless: bool) -> None:
    """Serve the app, and open it in the browser, until it is ended (Ctrl-C)."""
    place = next((path for path in PLACES if path.is_file()), None)
    if place is None:
        raise InputError("The app is not beside the library; install the whole of Digit Lab.")
    command = [sys.executable, "-m", "streamlit", "run", str(place), f"--server.port={port}"]
    if headless:
        command.append("--server.headless=true")
    try:
        # The colors and the like are in a file that Streamlit looks for beside the app.
        raise SystemExit(subprocess.call(command, cwd=place.parent))
    except KeyboardInterrupt:
        pass
