"""What the files of a class say: its name and code, its members, its teacher's orders. All of it is checked."""

import dataclasses
import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from mnist_core.errors import InputError
from mnist_core.files.atomic import read_json
from mnist_core.runs.names import is_digest
from mnist_core.runs.run_records import clean_name

T = TypeVar("T")

LETTERS = "ACDEFGHJKMNPQRTUVWXY34679"
"""The letters of codes: none that is taken for another when it is read aloud or from far away."""
CODE_LENGTH = 6
CLASS_NAME_LENGTH = 40
NICKNAME_LENGTH = 20
TEACHER = "Teacher"
MAX_ORDER = 8000


@dataclass(frozen=True)
class ClassInfo:
    """A class. teacher: a digest of the teacher's secret. opened: seconds since 1970."""

    id: str
    name: str
    code: str
    teacher: str
    opened: float
    closed: bool = False

    def spoken_code(self) -> str:
        """The code in two halves, which are easier to copy."""
        return f"{self.code[:3]}-{self.code[3:]}"


@dataclass(frozen=True)
class Member:
    """Somebody in a class. id: a digest of the visitor's secret. number: the how manieth to join.

    nickname: "" if none was chosen. order: the serial of the last order that was carried out, or came before the
    member did. barred: the teacher has removed the nickname, and the member gets no other.
    """

    id: str
    number: int
    nickname: str = ""
    order: int = 0
    barred: bool = False
    teacher: bool = False

    @property
    def name(self) -> str:
        """What the member is called: the nickname, or "Member 7"."""
        return self.nickname or (TEACHER if self.teacher else f"Member {self.number}")


@dataclass(frozen=True)
class Order:
    """An order to start a training. setting: as the parameters of an address. time: seconds since 1970."""

    serial: int = 0
    setting: dict[str, str] = field(default_factory=dict)
    time: float = 0.0


@dataclass(frozen=True)
class Orders:
    """All that orders.json says.

    last: the last order to start. paused: ids of the runs that the teacher has paused. barred: nicknames that nobody
    may have.
    """

    last: Order = Order()
    paused: tuple[str, ...] = ()
    barred: tuple[str, ...] = ()


def is_setting(value: object) -> bool:
    """Whether a value can be the setting of an `Order`: texts by name, and not too many."""
    return (
        isinstance(value, dict)
        and all(isinstance(name, str) and isinstance(text, str) for name, text in value.items())
        and sum(len(name) + len(text) for name, text in value.items()) <= MAX_ORDER
    )


def read_record(path: Path, make: Callable[[dict[str, Any]], T], default: T) -> T:
    """What a file holds; `default` if there is none or it is damaged. It is read again only when it has changed."""
    try:
        found = path.stat()
    except OSError:
        return default
    try:
        return make(_read_at(path, (found.st_mtime_ns, found.st_ino, found.st_size)))
    except (InputError, TypeError, KeyError, ValueError, AttributeError):
        return default


@functools.lru_cache(maxsize=1000)
def _read_at(path: Path, mark: tuple[int, int, int]) -> dict[str, Any]:
    return read_json(path, "the class")


def class_from(identity: str, values: dict[str, Any]) -> ClassInfo:
    """The class that class.json describes. Raises TypeError or ValueError if it describes none."""
    info = ClassInfo(identity, **values)
    if not (isinstance(info.name, str) and clean_name(info.name) == info.name and len(info.name) <= CLASS_NAME_LENGTH):
        raise TypeError("name")
    if len(info.code) != CODE_LENGTH or any(letter not in LETTERS for letter in info.code):
        raise ValueError("code")
    if not re.fullmatch("[0-9a-f]{64}", info.teacher) or not isinstance(info.closed, bool):
        raise ValueError("teacher or closed")
    return dataclasses.replace(info, opened=float(info.opened))


def members_from(values: dict[str, Any]) -> dict[str, Member]:
    """The members in members.json, by id. Raises KeyError, TypeError or ValueError if it is damaged."""
    members = [Member(**value) for value in values["members"]]
    for member in members:
        if not is_digest(member.id) or clean_name(member.nickname)[:NICKNAME_LENGTH] != member.nickname:
            raise ValueError("id or nickname")
        if type(member.number) is not int or type(member.order) is not int:
            raise TypeError("number or order")
    return {member.id: member for member in members}


def orders_from(values: dict[str, Any]) -> Orders:
    """The orders in orders.json. Raises KeyError, TypeError or ValueError if it is damaged."""
    last = Order(**values["last"])
    if type(last.serial) is not int or not is_setting(last.setting):
        raise TypeError("serial or setting")
    paused, barred = (tuple(str(name) for name in values[part]) for part in ("paused", "barred"))
    return Orders(dataclasses.replace(last, time=float(last.time)), paused, barred)
