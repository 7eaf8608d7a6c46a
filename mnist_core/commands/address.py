"""Print the address that a class opens, also as a code to scan."""

import io
import json
import re

import click
import segno

from mnist_core.commands.options import as_json
from mnist_core.errors import InputError
from mnist_core.runs.own_address import own_address

HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")


@click.command()
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8501, show_default=True, help="The port that the app listens on."
)
@click.option("--host", default="", help="The computer's name in your network; its number if left out.")
@as_json
def address(port: int, host: str, as_json: bool) -> None:
    """Print the address of the Train page, as a class opens it, and as a QR code to scan from the screen."""
    if host and not HOST.fullmatch(host):
        raise InputError(f"--host: expected a name such as school-pc.local or a number, found {host[:60]!r}.")
    found = host or own_address()
    if not found:
        raise InputError("This computer is in no network that others could reach it in; name it with --host.")
    url = f"http://{found}:{port}/train"
    if as_json:
        click.echo(json.dumps({"address": url}))
        return
    drawn = io.StringIO()
    segno.make(url, error="m", micro=False).terminal(drawn, border=2, compact=True)
    click.echo(f"{url}\n\n{drawn.getvalue()}")
