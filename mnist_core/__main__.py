"""The command line: one group of commands, which all refuse bad input in the same way."""

from typing import Any

import click

from mnist_core.commands.address import address
from mnist_core.commands.app import app
from mnist_core.commands.curves import curves
from mnist_core.commands.direct import direct
from mnist_core.commands.evaluate import evaluate
from mnist_core.commands.export import export
from mnist_core.commands.import_file import import_file
from mnist_core.commands.options import Refusal
from mnist_core.commands.predict import predict
from mnist_core.commands.recipes import list_recipes
from mnist_core.commands.teach import teach
from mnist_core.commands.train import train
from mnist_core.commands.unipen import unipen
from mnist_core.errors import InputError


class Commands(click.Group):
    """A group of commands for which all bad input, in files or in options, becomes a refusal."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except InputError as error:
            raise Refusal(str(error)) from None
        except click.UsageError as error:
            # Click lists choices on lines of their own.
            raise Refusal(" ".join(error.format_message().split())) from None
        except MemoryError:
            raise Refusal("There is not enough memory for this.") from None


@click.group(cls=Commands)
def main() -> None:
    """Handwritten digits, read by networks that are written in NumPy alone."""


for command in (
    *(app, train, teach, direct, list_recipes, evaluate, unipen, predict, address),
    *(export, import_file, curves),
):
    main.add_command(command)

if __name__ == "__main__":
    main(prog_name="python -m mnist_core")
