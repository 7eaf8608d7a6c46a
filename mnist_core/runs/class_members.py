"""The members of a class: joining, nicknames, and whose page is open."""

import contextlib
import dataclasses
import re
import time
import unicodedata

from mnist_core.errors import InputError
from mnist_core.runs import limits
from mnist_core.runs.class_files import ClassFiles
from mnist_core.runs.class_records import NICKNAME_LENGTH, TEACHER, Member
from mnist_core.runs.class_runs import ClassRuns
from mnist_core.runs.names import digest
from mnist_core.runs.run_records import clean_name

RESERVED = re.compile(r"(teacher|member)( \d+)?", re.IGNORECASE)
"""Nicknames that the server gives."""
TOUCH_SECONDS = 4.0
PRESENT_SECONDS = 15.0
AWAY_SECONDS = 600.0
"""After so long without a run, a member's place may be given to somebody else when the class is full."""
MAX_BARRED = 500
"""The most nicknames of a class that nobody may have, the last ones."""


class ClassMembers:
    """Who is in each class."""

    def __init__(self, files: ClassFiles, runs: ClassRuns) -> None:
        self._files = files
        self._runs = runs

    def join(self, identity: str, visitor: str, teacher: str = "") -> Member:
        """The visitor as a member, who is made one the first time. Raises InputError if that is impossible.

        teacher: the teacher's secret, if the visitor has it.
        """
        is_teacher = bool(teacher) and self._files.is_teacher(identity, teacher)
        known = self.find(identity, visitor)
        if known is not None and known.teacher >= is_teacher:
            return known
        info = self._files.open_class(identity)
        with self._files.locked(identity):
            members, who = self.all(identity), digest(visitor)
            if who not in members:
                full = len(members) >= limits.CLASS_MEMBERS.value()
                if full and not is_teacher and not self._make_room(identity, members):
                    raise InputError(f"The class {info.name} is full: you can look on, but not join it.")
                # One who was a member once is asked again.
                self._take_back(identity, who)
                number = max((member.number for member in members.values()), default=0) + 1
                members[who] = Member(who, number, order=self._files.orders(identity).last.serial)
            if is_teacher:
                others = (member.teacher for member in members.values() if member.id != who)
                name = members[who].nickname
                # A second browser of the teacher must not have the same name.
                second = f"{TEACHER} {members[who].number}" if any(others) and not name else name
                members[who] = dataclasses.replace(members[who], teacher=True, nickname=second)
            self._files.write_members(identity, members)
            return members[who]

    def _make_room(self, identity: str, members: dict[str, Member]) -> bool:
        """Take out the member who has been away for longest and shows no run; returns whether there was one."""
        with_runs = {run.folder.parent.name for run in self._runs.of(identity)}
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
        self._take_back(identity, gone)
        del members[gone]
        with contextlib.suppress(OSError):
            self._files.of(identity, "seen", gone).unlink()
        return True

    def _take_back(self, identity: str, who: str) -> None:
        """Let the class have no drawings of one who is no member. Raises OSError."""
        self._files.of(identity, "drawings", who).unlink(missing_ok=True)

    def all(self, identity: str) -> dict[str, Member]:
        """All members by their ids."""
        return self._files.members(identity)

    def find(self, identity: str, visitor: str) -> Member | None:
        """The visitor as a member; None for one who is not."""
        return self.all(identity).get(digest(visitor))

    # Nicknames.

    def rename(self, identity: str, visitor: str, nickname: str) -> Member:
        """Give a member another nickname, "" for none. Raises InputError for one that somebody else has."""
        wanted = clean_name(nickname)[:NICKNAME_LENGTH].strip()
        self._files.open_class(identity)
        with self._files.locked(identity):
            members, who = self.all(identity), digest(visitor)
            if who not in members:
                raise InputError("You are not in this class.")
            if members[who].barred:
                raise InputError("Your teacher has removed your nickname; you cannot choose another.")
            taken = {_folded(member.name) for member in members.values() if member.id != who}
            if wanted and (_folded(wanted) in taken or RESERVED.fullmatch(_folded(wanted))):
                raise InputError(f"Somebody is called {wanted} already; choose another nickname.")
            if _folded(wanted) in self._files.orders(identity).barred:
                raise InputError("Choose another nickname.")
            members[who] = dataclasses.replace(members[who], nickname=wanted)
            self._files.write_members(identity, members)
            return members[who]

    def remove_nickname(self, identity: str, teacher: str, member: str) -> None:
        """Take a nickname away, and let nobody in the class have it. Raises InputError unless `teacher` is the secret.

        member: the id of the one who has it.
        """
        self._files.check_teacher(identity, teacher)
        with self._files.locked(identity):
            members, orders = self.all(identity), self._files.orders(identity)
            if member not in members or not members[member].nickname or members[member].teacher:
                return
            barred = [*orders.barred, _folded(members[member].nickname)][-MAX_BARRED:]
            members[member] = dataclasses.replace(members[member], nickname="", barred=True)
            self._files.write_members(identity, members)
            self._files.write_orders(identity, dataclasses.replace(orders, barred=tuple(barred)))

    # Whose page is open.

    def touch(self, identity: str, visitor: str) -> None:
        """Say that a member's page is open. It is written every few seconds only."""
        if self.find(identity, visitor) is None:
            return
        if self._unseen_seconds(identity, digest(visitor)) > TOUCH_SECONDS:
            with contextlib.suppress(OSError):
                self._files.of(identity, "seen", digest(visitor)).touch()

    def present(self, identity: str) -> list[Member]:
        """The members whose pages are open, in the order in which they joined."""
        found = [m for m in self.all(identity).values() if self._unseen_seconds(identity, m.id) < PRESENT_SECONDS]
        return sorted(found, key=lambda member: member.number)

    def _unseen_seconds(self, identity: str, who: str) -> float:
        try:
            return time.time() - self._files.of(identity, "seen", who).stat().st_mtime
        except OSError:
            return float("inf")


def _folded(name: str) -> str:
    """Names that look the same are the same."""
    return unicodedata.normalize("NFKC", name).casefold().strip()
