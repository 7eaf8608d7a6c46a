"""Workers of a Dask cluster: the same slices as those of this computer, each given to one certain worker.

Nothing else is shared: no folder, and no file. States travel in slices and results; the digits each worker has itself.
Workers come and go as they like: the scheduler's list is followed, and whoever is new is examined before it is used.
This is the director's side; cluster_worker.py is what runs in the workers.
"""

import contextlib
import functools
import itertools
import pickle
import queue
import re
import secrets
import sys
import threading
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import Any

from mnist_core.errors import InputError
from mnist_core.runs.cluster_worker import TRIM, end, examine, move_on
from mnist_core.runs.slices import Result, Slice
from mnist_core.runs.workers import Answer

ADDRESS = re.compile(r"(?:tcp|tls)://[^\s/:]+:\d{1,5}|(?:tcp|tls)://\[[0-9a-fA-F:.]+\]:\d{1,5}")
LOOK_SECONDS = 0.2
"""From one look at the scheduler's list of workers to the next."""
ANSWER_SECONDS = 10.0
"""A scheduler that is silent for longer is taken for lost."""
CONNECT_SECONDS = 5.0
RETRY_SECONDS = 1.0
LOW_TRIM = 100_000_000
"""Bytes. With less, the memory of NumPy's arrays is given back to the system, and asked for again, at every step."""


@dataclass(frozen=True)
class _Member:
    """A worker in use. key: its address and its own folder, which tell it from another that follows at the address."""

    key: tuple[str, str]
    session: str


class ClusterWorkers:
    """The workers of a Dask cluster; see `Workers`.

    A thread follows the scheduler's list. A worker gets a new name whenever it comes, or comes back, and holds
    trainings for that name only: what it has kept from before, when others may have gone on with it, is never used.
    """

    def __init__(self, address: str) -> None:
        """address: of the scheduler, such as tcp://192.168.1.20:8786. Raises InputError if it does not answer."""
        if not ADDRESS.fullmatch(address):
            raise InputError(f"DIGIT_CLUSTER: expected tcp://HOST:PORT of a Dask scheduler, found {address!r}.")
        try:
            import dask
            import distributed
        except ImportError:
            raise InputError("distributed is not installed: pip install -r requirements-cluster.txt") from None
        # States of large networks are sent as they are.
        dask.config.set({"distributed.admin.large-graph-warning-threshold": "4GB"})
        self.answers: queue.Queue[Answer] = queue.Queue()
        self._address = address
        self._make_client: Any = distributed.Client
        self._own = examine()
        self._secret, self._numbers = secrets.token_hex(8), itertools.count(1)
        self._members: dict[str, _Member] = {}
        self._orders: dict[str, Slice] = {}
        self._futures: dict[str, Any] = {}
        self._examining: dict[tuple[str, str], Any] = {}
        self._shunned: set[tuple[str, str]] = set()
        """Workers that were refused or that hang: not looked at again as long as they stay."""
        self._lock = threading.RLock()
        self._closed = threading.Event()
        self._lost = False
        self._client, self._scheduler = self._connect()
        threading.Thread(target=self._follow, daemon=True).start()

    # What a director calls.

    @property
    def trouble(self) -> str:
        if self._lost:
            return f"The scheduler of the cluster, {self._address}, does not answer: it goes on when it is back."
        with self._lock:
            return "" if self._members else "The cluster has no worker: it goes on when there is one."

    def names(self) -> list[str]:
        with self._lock:
            return list(self._members)

    def submit(self, name: str, order: Slice) -> None:
        with self._lock:
            member = self._members.get(name)
            if member is None:
                # Its end was told already, but this slice came after that.
                self.answers.put(Answer(name, order, None))
                return
            self._orders[name] = order
            try:
                future = self._send(member.key[0], move_on, member.session, pickle.dumps(order, protocol=5))
            except Exception as error:
                # The connection is being closed; the thread that follows it will find out, too.
                self._lose(name, error)
                return
            self._futures[name] = future
        # Dask has one thread for all callbacks; in it, one worker that hangs would hold up the others.
        future.add_done_callback(lambda done: _apart(functools.partial(self._take, name, done)))

    def kill(self, name: str) -> None:
        with self._lock:
            member = self._members.get(name)
            if member is None:
                return
            self._shunned.add(member.key)
            self._lose(name)
        # Its other threads still answer, if anything does; one that does not is left to the scheduler.
        _apart(functools.partial(self._client.run, end, workers=[member.key[0]], on_error="ignore"))

    def close(self) -> None:
        """Let the cluster go; its workers stay, for whoever comes next."""
        self._closed.set()
        with contextlib.suppress(Exception):
            self._client.close(timeout=2)

    # The connection.

    def _connect(self) -> tuple[Any, str]:
        """A client, and which scheduler it is that answers. Raises InputError."""
        client = None
        try:
            client = self._make_client(self._address, timeout=CONNECT_SECONDS, set_as_default=False)
            return client, self._ask(client)["id"]
        except Exception as error:
            if client is not None:
                _apart(client.close)
            why = " ".join(str(error).split())[:200] or type(error).__name__
            raise InputError(
                f"DIGIT_CLUSTER: no Dask scheduler answers at {self._address}; start one there."
            ) from ConnectionError(why)

    def _ask(self, client: Any) -> dict[str, Any]:
        """What the scheduler knows of itself and its workers."""
        return dict(client.sync(client.scheduler.identity, n_workers=-1, callback_timeout=ANSWER_SECONDS))

    def _send(self, address: str, function: Any, *values: Any) -> Any:
        """Have a function called by one certain worker; returns the future of its answer."""
        return self._client.submit(
            function, *values, workers=[address], allow_other_workers=False, pure=False, retries=0
        )

    def _follow(self) -> None:
        """Know at any time which workers there are; and once the scheduler is lost, look for it until it is back."""
        while not self._closed.wait(LOOK_SECONDS):
            try:
                if self._client.status != "running":
                    raise ConnectionError(self._address)
                found = self._ask(self._client)
                if found["id"] != self._scheduler:
                    raise ConnectionError(self._address)
                self._compare(found["workers"])
            except Exception as error:
                if self._closed.is_set():
                    return
                _log(f"The scheduler at {self._address} is lost ({type(error).__name__}); waiting for it.")
                self._lost = True
                self._start_over()

    def _start_over(self) -> None:
        with self._lock:
            for name in list(self._members):
                self._lose(name, innocent=True)
            self._examining.clear()
            self._shunned.clear()
        _apart(self._client.close)
        while not self._closed.wait(RETRY_SECONDS):
            try:
                client, scheduler = self._connect()
            except InputError:
                continue
            self._client, self._scheduler = client, scheduler
            self._lost = False
            _log(f"The scheduler at {self._address} is back.")
            return

    def _compare(self, listed: dict[str, dict[str, Any]]) -> None:
        """Take note of who has come and who has gone. One that Dask has paused, or is closing, counts as gone."""
        there = {
            (address, str(worker["local_directory"]))
            for address, worker in listed.items()
            if worker["status"] == "running"
        }
        with self._lock:
            for name, member in list(self._members.items()):
                if member.key not in there:
                    self._lose(name)
            self._shunned &= {(address, str(worker["local_directory"])) for address, worker in listed.items()}
            for key in self._examining.keys() - there:
                del self._examining[key]
            known = {member.key for member in self._members.values()} | self._examining.keys() | self._shunned
            new = {key: self._send(key[0], examine) for key in sorted(there - known)}
            self._examining |= new
        for key, future in new.items():
            future.add_done_callback(lambda done, key=key: _apart(functools.partial(self._meet, key, done)))

    # What comes back.

    def _meet(self, key: tuple[str, str], future: Any) -> None:
        """A worker has been examined: use it, or say why not."""
        try:
            found = future.result()
            refused = self._unfit(found)
        except (Exception, CancelledError) as error:
            found, refused = {}, f"it does not know this program's mnist_core ({type(error).__name__}: {error})"
        with self._lock:
            if self._examining.pop(key, None) is not future:
                # It has gone meanwhile.
                return
            if refused:
                self._shunned.add(key)
            else:
                name = f"{key[0]} {next(self._numbers)}"
                self._members[name] = _Member(key, f"{self._secret} {name}")
        if refused:
            _log(f"The worker {key[0]} is not used: {refused}.")
        elif _trims(found[TRIM]):
            _log(
                f"The worker {key[0]} is slow: its {TRIM} is {found[TRIM]}, so NumPy asks for its memory anew at every "
                "step. Start it with --no-nanny, or raise that in Dask's distributed.nanny.pre-spawn-environ."
            )

    def _unfit(self, found: dict[str, str | None]) -> str:
        if found.get("mnist_core") != self._own["mnist_core"]:
            return "it has another version of mnist_core; give it the same files, and start it again"
        if found.get("numpy") != self._own["numpy"]:
            return f"it has NumPy {found.get('numpy')}, but the director has {self._own['numpy']}"
        if found.get("dataset") != self._own["dataset"]:
            return "it has other digits to learn from; its MNIST_DIR must hold the same files as the director's"
        return ""

    def _take(self, name: str, future: Any) -> None:
        """A slice has come to its end, in whatever way."""
        error: BaseException | None = None
        try:
            result = pickle.loads(future.result())
        except (Exception, CancelledError) as found:
            error = found
        with self._lock:
            if name not in self._futures:
                # Lost meanwhile, and told of. A name has one slice at a time, and is not used again.
                return
            if error is not None:
                self._lose(name, error)
                return
            del self._futures[name]
            self.answers.put(Answer(name, self._orders.pop(name), result))

    def _lose(self, name: str, error: BaseException | None = None, *, innocent: bool = False) -> None:
        """A name is used no longer. innocent: the slice that it was doing has nothing to do with it."""
        with self._lock:
            member = self._members.pop(name, None)
            order, future = self._orders.pop(name, None), self._futures.pop(name, None)
            if member is None:
                return
            if order is not None and innocent:
                self.answers.put(Answer(name, order, Result(order.run, "missing")))
                order = None
            self.answers.put(Answer(name, order, None))
        if future is not None:
            _apart(future.cancel)
        if error is not None and not isinstance(error, CancelledError) and not self._closed.is_set():
            _log(f"The worker {member.key[0]} failed: {type(error).__name__}: {error}.")


def _trims(threshold: str | None) -> bool:
    try:
        return threshold is not None and 0 <= int(threshold) < LOW_TRIM
    except ValueError:
        return False


def _log(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _apart(call: Any) -> None:
    """Do something that may take long, or fail, where nobody waits for it."""

    def do() -> None:
        with contextlib.suppress(Exception, CancelledError):
            call()

    threading.Thread(target=do, daemon=True).start()
