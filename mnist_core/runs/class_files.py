"""The files of classes: where each one is, and how it is read and changed. One process at a time changes a class.

classes/codes/CODE      a file with the id of the class that is joined by this code
classes/ID/class.json   its name, its code, when it was opened, and a digest of the teacher's secret
classes/ID/members.json who is in it: nicknames, and which of the teacher's orders each member has carried out
classes/ID/orders.json  the teacher's last order, what the teacher has paused, and nicknames that nobody may have
classes/ID/seen/MEMBER  touched by the member's page every few seconds
classes/ID/lesson.json  where the class is in a lesson
classes/ID/votes.json   what its members have predicted
classes/ID/drawings/    who has given drawings to the class (`mnist_core.drawings.class_drawings`)
classes/ID/runs/RUN     a file that points to a run which its maker shows to the class

What these files say is checked in `class_records.py`.
"""

import contextlib
import dataclasses
import functools
import hashlib
import hmac
import re
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from mnist_core.errors import InputError
from mnist_core.files.atomic import reason, write_json
from mnist_core.runs.class_records import (
    ClassInfo,
    Member,
    Orders,
    class_from,
    members_from,
    orders_from,
    read_record,
)
from mnist_core.runs.names import names_in

ID = re.compile(r"[0-9a-f]{24}")


class ClassFiles:
    """The folders of all classes below the folder of all runs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "classes"

    def of(self, identity: str, *names: str) -> Path:
        """A file of one class."""
        return self.folder.joinpath(identity, *names)

    def ids(self) -> list[str]:
        """The ids of all classes."""
        return [name for name in names_in(self.folder) if ID.fullmatch(name)]

    # What a class is, and who is its teacher.

    def find(self, identity: str) -> ClassInfo | None:
        """The class of that id, None if there is none."""
        if not ID.fullmatch(identity):
            return None
        return read_record(self.of(identity, "class.json"), functools.partial(class_from, identity), None)

    def existing(self, identity: str) -> ClassInfo:
        """The class of that id. Raises InputError if there is none."""
        info = self.find(identity)
        if info is None:
            raise InputError("There is no such class.")
        return info

    def open_class(self, identity: str) -> ClassInfo:
        """The class of that id. Raises InputError if there is none, or if it is closed."""
        info = self.existing(identity)
        if info.closed:
            raise InputError(f"The class {info.name} is closed.")
        return info

    def write(self, info: ClassInfo) -> None:
        """Replace what a class is. Raises OSError."""
        values = dataclasses.asdict(info)
        write_json(self.of(values.pop("id"), "class.json"), values)

    def is_teacher(self, identity: str, secret: str) -> bool:
        """Whether this is the secret of the class's teacher."""
        info = self.find(identity)
        return info is not None and hmac.compare_digest(hashed(secret), info.teacher)

    def check_teacher(self, identity: str, secret: str) -> None:
        """Raise InputError unless this is the secret of the class's teacher."""
        if not self.is_teacher(identity, secret):
            raise InputError("Only the teacher of this class can do that.")

    # Its members and its teacher's orders.

    def members(self, identity: str) -> dict[str, Member]:
        """All members by their ids."""
        if not ID.fullmatch(identity):
            return {}
        nobody: dict[str, Member] = {}
        return dict(read_record(self.of(identity, "members.json"), members_from, nobody))

    def write_members(self, identity: str, members: dict[str, Member]) -> None:
        """Replace the members. Raises OSError. The class must be `locked`."""
        write_json(self.of(identity, "members.json"), {"members": [dataclasses.asdict(m) for m in members.values()]})

    def orders(self, identity: str) -> Orders:
        """All that the teacher has ordered."""
        if not ID.fullmatch(identity):
            return Orders()
        return read_record(self.of(identity, "orders.json"), orders_from, Orders())

    def write_orders(self, identity: str, orders: Orders) -> None:
        """Replace the orders. Raises OSError. The class must be `locked`."""
        write_json(self.of(identity, "orders.json"), dataclasses.asdict(orders))

    # Changing, and seeing what has changed.

    @contextlib.contextmanager
    def locked(self, identity: str) -> Iterator[None]:
        """Only one process at a time changes a class. Raises InputError, also for an OSError within."""
        self.existing(identity)
        try:
            with FileLock(self.of(identity, "lock"), timeout=5, thread_local=False):
                yield
        except Timeout:
            raise InputError("The class is busy; try again.") from None
        except OSError as error:
            raise InputError(f"The class cannot be changed: {reason(error)}.") from None

    def marks(self, identity: str) -> tuple[int, ...]:
        """Other numbers after every change of the class, but not when a member is seen again, or a run moves on."""
        found = []
        for name in ("class.json", "members.json", "orders.json", "seen", "runs"):
            try:
                found.append(self.of(identity, name).stat().st_mtime_ns)
            except OSError:
                found.append(0)
        return tuple(found)


def hashed(secret: str) -> str:
    """What class.json has of the teacher's secret: nobody gets the secret back from it."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
