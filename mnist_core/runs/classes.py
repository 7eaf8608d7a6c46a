"""Classes: who is in one, whose runs are shown to it, and what its teacher orders.

classes/codes/CODE      a file with the id of the class that is joined by this code
classes/ID/class.json   its name, its code, when it was opened, and a digest of the teacher's secret
classes/ID/members.json who is in it: nicknames, and which of the teacher's orders each member has carried out
classes/ID/orders.json  the teacher's last order, what the teacher has paused, and nicknames that nobody may have
classes/ID/seen/MEMBER  touched by the member's page every few seconds
classes/ID/runs/RUN     a file that points to a run which its maker shows to the class

The id is the key to a class: whoever has it, from a link or by the code, may look and join. Whoever has the teacher's
secret as well may give orders; every order asks for it.
"""

import contextlib
import dataclasses
import functools
import hashlib
import hmac
import re
import secrets
import shutil
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from mnist_core.errors import InputError
from mnist_core.files.atomic import reason, write_file, write_json
from mnist_core.runs import limits
from mnist_core.runs.class_records import (
    CLASS_NAME_LENGTH,
    CODE_LENGTH,
    LETTERS,
    NICKNAME_LENGTH,
    TEACHER,
    ClassInfo,
    Member,
    Order,
    Orders,
    class_from,
    is_setting,
    members_from,
    orders_from,
    read_record,
)
from mnist_core.runs.folder import Run
from mnist_core.runs.names import RUN_NAME, digest, is_digest, names_in
from mnist_core.runs.run_records import clean_name
from mnist_core.runs.tries import Tries

ID = re.compile(r"[0-9a-f]{24}")
RESERVED = re.compile(r"(teacher|member( \d+)?)", re.IGNORECASE)
"""Nicknames that the server gives."""
TOUCH_SECONDS = 4.0
PRESENT_SECONDS = 15.0
AWAY_SECONDS = 600.0
"""After so long without a run, a member's place may be given to somebody else when the class is full."""
ORDER_SECONDS = 60.0
"""How long an order to start holds: a page that is opened later does not carry it out."""
CLOSED_DAYS = 2.0
"""After so many days a class that was closed is removed."""
MAX_RUNS = 500
"""The most runs of a class that are looked at, the newest ones."""


@functools.cache
def _wrong_codes(root: Path) -> Tries:
    return Tries(60)


@functools.cache
def _openings(root: Path) -> Tries:
    return Tries(3600)


class Classes:
    """The classes below the folder of all runs. Nothing is kept in memory but how often wrong codes were tried."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "classes"

    # Opening, finding, closing.

    def open(self, name: str, visitor: str) -> tuple[ClassInfo, str]:
        """A new class, and its teacher's secret, which is told only now. Raises InputError.

        Classes that are older than 30 days are removed.
        """
        cleaned = clean_name(name)[:CLASS_NAME_LENGTH].strip()
        if not cleaned:
            raise InputError("A class needs a name.")
        tries = _openings(self.root)
        with tries.lock:
            own, _ = tries.counts(digest(visitor))
            if own >= (most := int(limits.CLASSES_OF_ONE.value())):
                raise InputError(f"You have opened {most} classes within an hour; wait before you open another.")
            tries.add(digest(visitor))
        self._remove_old()
        if len(self._open_ids()) >= (most := int(limits.CLASSES.value())):
            raise InputError(f"There are {most} classes already; close one first.")
        identity, secret = secrets.token_hex(12), secrets.token_urlsafe(16)
        try:
            (self.folder / "codes").mkdir(parents=True, exist_ok=True)
            for part in ("seen", "runs"):
                (self.folder / identity / part).mkdir(parents=True)
            info = ClassInfo(identity, cleaned, self._new_code(identity), _hashed(secret), time.time())
            self._write(info)
        except OSError as error:
            raise InputError(f"The class cannot be opened: {reason(error)}.") from None
        return info, secret

    def _new_code(self, identity: str) -> str:
        while True:
            code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
            try:
                # "x": two classes that are opened at once do not get the same.
                with open(self.folder / "codes" / code, "x", encoding="ascii") as file:
                    file.write(identity)
            except FileExistsError:
                continue
            return code

    def find(self, identity: str) -> ClassInfo | None:
        """The class of that id, None if there is none."""
        if not ID.fullmatch(identity):
            return None
        try:
            return self._info(identity)
        except InputError:
            return None

    def by_code(self, code: str, visitor: str) -> ClassInfo:
        """The class of that code, however it is written. Raises InputError, also for too many wrong codes."""
        letters = "".join(letter for letter in code.upper() if letter.isalnum())
        tries = _wrong_codes(self.root)
        with tries.lock:
            own, all_of_them = tries.counts(digest(visitor))
            if own >= limits.WRONG_CODES.value() or all_of_them >= limits.WRONG_CODES_IN_ALL.value():
                raise InputError("Too many wrong codes were tried: wait a minute.")
            found = self._of_code(letters)
            if found is None:
                tries.add(digest(visitor))
                raise InputError("There is no class with this code.")
        return found

    def _of_code(self, code: str) -> ClassInfo | None:
        if len(code) != CODE_LENGTH or any(letter not in LETTERS for letter in code):
            return None
        try:
            identity = (self.folder / "codes" / code).read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            return None
        info = self.find(identity)
        return info if info and info.code == code and not info.closed else None

    def is_teacher(self, identity: str, secret: str) -> bool:
        """Whether this is the secret of the class's teacher."""
        info = self.find(identity)
        return info is not None and hmac.compare_digest(_hashed(secret), info.teacher)

    def check_teacher(self, identity: str, secret: str) -> None:
        """Raise InputError unless this is the secret of the class's teacher."""
        if not self.is_teacher(identity, secret):
            raise InputError("Only the teacher of this class can do that.")

    def close(self, identity: str, teacher: str) -> None:
        """End it: nobody joins any more, no run is added, the code is given up. Raises InputError."""
        self.check_teacher(identity, teacher)
        with self._locked(identity):
            info = self._info(identity)
            self._write(dataclasses.replace(info, closed=True))
            self._free_code(info)

    def _free_code(self, info: ClassInfo) -> None:
        path = self.folder / "codes" / info.code
        with contextlib.suppress(OSError, UnicodeDecodeError):
            if path.read_text(encoding="ascii") == info.id:
                path.unlink()

    def _remove_old(self) -> None:
        now, days = time.time(), limits.CLASS_DAYS.value()
        for name in names_in(self.folder):
            folder = self.folder / name
            # Earlier versions named the folder of a class with 32 letters.
            if not (ID.fullmatch(name) or is_digest(name)):
                continue
            info = self.find(name)
            try:
                opened = info.opened if info else folder.stat().st_mtime
            except OSError:
                continue
            most = min(CLOSED_DAYS, days) if info and info.closed else days
            if now - opened > most * 86_400:
                if info:
                    self._free_code(info)
                shutil.rmtree(folder, ignore_errors=True)

    def _ids(self) -> Iterator[str]:
        return (name for name in names_in(self.folder) if ID.fullmatch(name))

    def _open_ids(self) -> list[str]:
        return [name for name in self._ids() if (info := self.find(name)) and not info.closed]

    # Members.

    def join(self, identity: str, visitor: str, teacher: str = "") -> Member:
        """The visitor as a member, who is made one the first time. Raises InputError if that is impossible.

        teacher: the teacher's secret, if the visitor has it.
        """
        is_teacher = bool(teacher) and self.is_teacher(identity, teacher)
        known = self.member(identity, visitor)
        if known is not None and known.teacher >= is_teacher:
            return known
        info = self._open_class(identity)
        with self._locked(identity):
            members, who = self.members(identity), digest(visitor)
            if who not in members:
                full = len(members) >= limits.CLASS_MEMBERS.value()
                if full and not is_teacher and not self._make_room(identity, members):
                    raise InputError(f"The class {info.name} is full: you can look on, but not join it.")
                number = max((member.number for member in members.values()), default=0) + 1
                members[who] = Member(who, number, order=self.order(identity).serial)
            if is_teacher:
                others = (member.teacher for member in members.values() if member.id != who)
                name = members[who].nickname
                # A second browser of the teacher must not have the same name.
                second = f"{TEACHER} {members[who].number}" if any(others) and not name else name
                members[who] = dataclasses.replace(members[who], teacher=True, nickname=second)
            self._write_members(identity, members)
            return members[who]

    def _make_room(self, identity: str, members: dict[str, Member]) -> bool:
        """Take out the member who has been away for longest and shows no run; returns whether there was one."""
        with_runs = {run.folder.parent.name for run in self.runs(identity)}
        away = {
            who: seconds
            for who, member in members.items()
            if who not in with_runs
            and not member.teacher
            and (seconds := self._unseen_seconds(identity, who)) > AWAY_SECONDS
        }
        if not away:
            return False
        gone = max(away, key=lambda who: away[who])
        del members[gone]
        with contextlib.suppress(OSError):
            (self.folder / identity / "seen" / gone).unlink()
        return True

    def members(self, identity: str) -> dict[str, Member]:
        """All members by their ids."""
        if not ID.fullmatch(identity):
            return {}
        nobody: dict[str, Member] = {}
        return dict(read_record(self.folder / identity / "members.json", members_from, nobody))

    def member(self, identity: str, visitor: str) -> Member | None:
        """The visitor as a member; None for one who is not."""
        return self.members(identity).get(digest(visitor))

    def rename(self, identity: str, visitor: str, nickname: str) -> Member:
        """Give a member another nickname, "" for none. Raises InputError for one that somebody else has."""
        wanted = clean_name(nickname)[:NICKNAME_LENGTH].strip()
        self._open_class(identity)
        with self._locked(identity):
            members, who = self.members(identity), digest(visitor)
            if who not in members:
                raise InputError("You are not in this class.")
            if members[who].barred:
                raise InputError("Your teacher has removed your nickname; you cannot choose another.")
            taken = {_folded(member.name) for member in members.values() if member.id != who}
            if wanted and (_folded(wanted) in taken or RESERVED.fullmatch(_folded(wanted))):
                raise InputError(f"Somebody is called {wanted} already; choose another nickname.")
            if _folded(wanted) in self._orders(identity).barred:
                raise InputError("Choose another nickname.")
            members[who] = dataclasses.replace(members[who], nickname=wanted)
            self._write_members(identity, members)
            return members[who]

    def touch(self, identity: str, visitor: str) -> None:
        """Say that a member's page is open. It is written every few seconds only."""
        if self.member(identity, visitor) is None:
            return
        if self._unseen_seconds(identity, digest(visitor)) > TOUCH_SECONDS:
            with contextlib.suppress(OSError):
                (self.folder / identity / "seen" / digest(visitor)).touch()

    def present(self, identity: str) -> list[Member]:
        """The members whose pages are open, in the order in which they joined."""
        found = [m for m in self.members(identity).values() if self._unseen_seconds(identity, m.id) < PRESENT_SECONDS]
        return sorted(found, key=lambda member: member.number)

    def _unseen_seconds(self, identity: str, who: str) -> float:
        try:
            return time.time() - (self.folder / identity / "seen" / who).stat().st_mtime
        except OSError:
            return float("inf")

    # Runs.

    def show(self, identity: str, visitor: str, run: Run) -> None:
        """Show a member's run to the class. A class that is closed, or that the visitor is not in, gets nothing.

        Raises InputError if it cannot be written.
        """
        info = self.find(identity)
        if info is None or info.closed or self.member(identity, visitor) is None:
            return
        try:
            write_file(self.folder / identity / "runs" / run.id, digest(visitor).encode())
        except OSError as error:
            raise InputError(f"The run cannot be shown to the class: {reason(error)}.") from None

    def runs(self, identity: str) -> list[Run]:
        """The runs that are shown to a class, the oldest first."""
        if not ID.fullmatch(identity):
            return []
        pointers = self.folder / identity / "runs"
        found = []
        for name in [name for name in names_in(pointers) if RUN_NAME.fullmatch(name)][-MAX_RUNS:]:
            try:
                owner = (pointers / name).read_text(encoding="ascii")
            except (OSError, UnicodeDecodeError):
                continue
            folder = self.root / "sessions" / owner / name
            if is_digest(owner) and folder.is_dir():
                found.append(Run(folder))
        return found

    def forget_run(self, run: Run) -> None:
        """A run was deleted: no class shows it any more."""
        for identity in self._ids():
            (self.folder / identity / "runs" / run.id).unlink(missing_ok=True)

    # The teacher's orders. Each asks for the secret.

    def order_start(self, identity: str, teacher: str, setting: dict[str, str]) -> Order:
        """Have every page of a member that is open start a training with this setting. Raises InputError."""
        self.check_teacher(identity, teacher)
        self._open_class(identity)
        if not is_setting(setting):
            raise InputError("This setting is too long to be given to a class.")
        with self._locked(identity):
            now = self._orders(identity)
            order = Order(now.last.serial + 1, dict(setting), time.time())
            self._write_orders(identity, dataclasses.replace(now, last=order))
            return order

    def order(self, identity: str) -> Order:
        """The last order to start; its serial is 0 if there was none."""
        return self._orders(identity).last

    def take_order(self, identity: str, visitor: str) -> Order | None:
        """An order that this member's page has to carry out now. Each is given to a member once, on whatever page."""
        order, member = self.order(identity), self.member(identity, visitor)
        if member is None or member.teacher or order.serial <= member.order:
            return None
        with self._locked(identity):
            members = self.members(identity)
            member = members.get(digest(visitor))
            if member is None or order.serial <= member.order:
                return None
            members[member.id] = dataclasses.replace(member, order=order.serial)
            self._write_members(identity, members)
        info = self.find(identity)
        is_late = time.time() - order.time > ORDER_SECONDS
        return None if is_late or info is None or info.closed else order

    def remove_run(self, identity: str, teacher: str, run: str) -> None:
        """Take a run off the board; it stays its maker's. Raises InputError."""
        self.check_teacher(identity, teacher)
        if RUN_NAME.fullmatch(run):
            with contextlib.suppress(OSError):
                (self.folder / identity / "runs" / run).unlink()

    def remove_nickname(self, identity: str, teacher: str, member: str) -> None:
        """Take a member's nickname away, and let nobody in the class have it. Raises InputError."""
        self.check_teacher(identity, teacher)
        with self._locked(identity):
            members, orders = self.members(identity), self._orders(identity)
            if member not in members or not members[member].nickname or members[member].teacher:
                return
            barred = [*orders.barred, _folded(members[member].nickname)][-500:]
            members[member] = dataclasses.replace(members[member], nickname="", barred=True)
            self._write_members(identity, members)
            self._write_orders(identity, dataclasses.replace(orders, barred=tuple(barred)))

    def note_paused(self, identity: str, teacher: str, runs: list[str]) -> None:
        """Write down which runs the teacher has paused. Raises InputError."""
        self.check_teacher(identity, teacher)
        with self._locked(identity):
            now = self._orders(identity)
            # What was paused before, and not resumed, still counts.
            paused = tuple(dict.fromkeys([*now.paused, *runs]))[-MAX_RUNS:] if runs else ()
            self._write_orders(identity, dataclasses.replace(now, paused=paused))

    def paused(self, identity: str, teacher: str) -> tuple[str, ...]:
        """The runs that the teacher has paused. Raises InputError for a wrong secret."""
        self.check_teacher(identity, teacher)
        return self._orders(identity).paused

    # Files.

    def marks(self, identity: str) -> tuple[int, ...]:
        """Other numbers after every change of the class, but not when a member is seen again, or a run moves on."""
        found = []
        for name in ("class.json", "members.json", "orders.json", "seen", "runs"):
            try:
                found.append((self.folder / identity / name).stat().st_mtime_ns)
            except OSError:
                found.append(0)
        return tuple(found)

    def _info(self, identity: str) -> ClassInfo:
        found = read_record(self.folder / identity / "class.json", functools.partial(class_from, identity), None)
        if found is None:
            raise InputError("There is no such class.")
        return found

    def _open_class(self, identity: str) -> ClassInfo:
        info = self.find(identity)
        if info is None:
            raise InputError("There is no such class.")
        if info.closed:
            raise InputError(f"The class {info.name} is closed.")
        return info

    def _orders(self, identity: str) -> Orders:
        if not ID.fullmatch(identity):
            return Orders()
        return read_record(self.folder / identity / "orders.json", orders_from, Orders())

    def _write(self, info: ClassInfo) -> None:
        values = dataclasses.asdict(info)
        write_json(self.folder / values.pop("id") / "class.json", values)

    def _write_members(self, identity: str, members: dict[str, Member]) -> None:
        write_json(
            self.folder / identity / "members.json", {"members": [dataclasses.asdict(m) for m in members.values()]}
        )

    def _write_orders(self, identity: str, orders: Orders) -> None:
        write_json(self.folder / identity / "orders.json", dataclasses.asdict(orders))

    @contextlib.contextmanager
    def _locked(self, identity: str) -> Iterator[None]:
        """Only one process at a time changes a class."""
        if self.find(identity) is None:
            raise InputError("There is no such class.")
        try:
            with FileLock(self.folder / identity / "lock", timeout=5, thread_local=False):
                yield
        except Timeout:
            raise InputError("The class is busy; try again.") from None
        except OSError as error:
            raise InputError(f"The class cannot be changed: {reason(error)}.") from None


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _folded(name: str) -> str:
    """Names that look the same are the same."""
    return unicodedata.normalize("NFKC", name).casefold().strip()
