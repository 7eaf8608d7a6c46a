"""Have the runs of the Train page computed, apart from any web server."""

import signal
import threading

import click

from mnist_core.runs.direct import direct as be_director
from mnist_core.runs.store import RunStore


@click.command()
@click.option("--from-page", is_flag=True, hidden=True, help="Leave when there is another, or nothing to do for long.")
def direct(from_page: bool) -> None:
    """Have the runs of the Train page computed: give out the work, and write down what comes back.

    Web servers start such a process by themselves. It can also be started by hand, once for each folder of runs
    (DIGIT_RUNS_DIR); where there is one already, it waits, and takes over when that one ends.
    """
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    be_director(RunStore().root, from_page=from_page, stop=stopped.is_set)
