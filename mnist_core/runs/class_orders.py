"""What the teacher orders a class: to start a training on all pages, and which runs are paused for now.

Every order asks for the teacher's secret.
"""

import dataclasses
import time

from mnist_core.errors import InputError
from mnist_core.runs.class_files import ClassFiles
from mnist_core.runs.class_records import Order, is_setting
from mnist_core.runs.class_runs import MAX_RUNS
from mnist_core.runs.names import digest

ORDER_SECONDS = 60.0
"""How long an order to start holds: a page that is opened later does not carry it out."""


class ClassOrders:
    """The orders of the teachers of all classes."""

    def __init__(self, files: ClassFiles) -> None:
        self._files = files

    def start(self, identity: str, teacher: str, setting: dict[str, str]) -> Order:
        """Have every page of a member that is open start a training with this setting. Raises InputError."""
        self._files.check_teacher(identity, teacher)
        self._files.open_class(identity)
        if not is_setting(setting):
            raise InputError("This setting is too long to be given to a class.")
        with self._files.locked(identity):
            now = self._files.orders(identity)
            order = Order(now.last.serial + 1, dict(setting), time.time())
            self._files.write_orders(identity, dataclasses.replace(now, last=order))
            return order

    def last(self, identity: str) -> Order:
        """The last order to start; its serial is 0 if there was none."""
        return self._files.orders(identity).last

    def take(self, identity: str, visitor: str) -> Order | None:
        """An order that this member's page has to carry out now. Each is given to a member once, on whatever page."""
        order, member = self.last(identity), self._files.members(identity).get(digest(visitor))
        if member is None or member.teacher or order.serial <= member.order:
            return None
        with self._files.locked(identity):
            members = self._files.members(identity)
            member = members.get(digest(visitor))
            if member is None or order.serial <= member.order:
                return None
            members[member.id] = dataclasses.replace(member, order=order.serial)
            self._files.write_members(identity, members)
        info = self._files.find(identity)
        is_late = time.time() - order.time > ORDER_SECONDS
        return None if is_late or info is None or info.closed else order

    def note_paused(self, identity: str, teacher: str, runs: list[str]) -> None:
        """Write down which runs the teacher has paused; none: all were resumed. Raises InputError."""
        self._files.check_teacher(identity, teacher)
        with self._files.locked(identity):
            now = self._files.orders(identity)
            # What was paused before, and not resumed, still counts.
            paused = tuple(dict.fromkeys([*now.paused, *runs]))[-MAX_RUNS:] if runs else ()
            self._files.write_orders(identity, dataclasses.replace(now, paused=paused))

    def paused(self, identity: str, teacher: str) -> tuple[str, ...]:
        """The runs that the teacher has paused. Raises InputError for a wrong secret."""
        self._files.check_teacher(identity, teacher)
        return self._files.orders(identity).paused
