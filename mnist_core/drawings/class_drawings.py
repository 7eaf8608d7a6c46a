"""The drawings that members have given to their class. They stay with the member; the class has a file that points.

classes/ID/drawings/MEMBER   an empty file: this member has given the drawings; gone as soon as they are taken back
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mnist_core.drawings.collection import Collection
from mnist_core.drawings.store import DrawingStore
from mnist_core.errors import InputError
from mnist_core.files.atomic import reason
from mnist_core.runs.class_files import ID
from mnist_core.runs.class_records import ClassInfo, Member
from mnist_core.runs.classes import Classes
from mnist_core.runs.names import digest, is_digest, names_in


@dataclass(frozen=True, eq=False)
class Given:
    """What a member has given."""

    member: Member
    drawings: Collection


class ClassDrawings:
    """What all classes have been given. Whoever knows a class's id may look, as at its board."""

    def __init__(self, store: DrawingStore, classes: Classes) -> None:
        self._store = store
        self._classes = classes

    def gives(self, identity: str, visitor: str) -> bool:
        """Whether the visitor is a member whose drawings are the class's, too."""
        return self._gives(identity, visitor) and self._classes.find(identity) is not None

    def _gives(self, identity: str, visitor: str) -> bool:
        there = bool(ID.fullmatch(identity)) and (self._folder(identity) / digest(visitor)).exists()
        return there and self._classes.members.find(identity, visitor) is not None

    def classes_of(self, visitor: str) -> list[ClassInfo]:
        """The classes to which the visitor gives drawings now, closed ones, too; the oldest first."""
        given = [name for name in names_in(self._classes.folder) if self._gives(name, visitor)]
        found = [info for info in map(self._classes.find, given) if info is not None]
        return sorted(found, key=lambda info: info.opened)

    def give(self, identity: str, visitor: str) -> None:
        """From now on they are. Raises InputError for one who is not in the class, and if the class is closed."""
        info = self._classes.find(identity)
        if info is None or info.closed or self._classes.members.find(identity, visitor) is None:
            raise InputError("Only members of an open class can give it their drawings.")
        folder = self._folder(identity)
        try:
            folder.mkdir(exist_ok=True)
            (folder / digest(visitor)).touch()
        except OSError as error:
            raise InputError(f"The drawings cannot be given: {reason(error)}.") from None

    def take_back(self, identity: str, visitor: str) -> None:
        """From now on they are the visitor's alone, and in no training that begins later. Raises InputError."""
        if self._classes.find(identity) is None:
            return
        try:
            (self._folder(identity) / digest(visitor)).unlink(missing_ok=True)
        except OSError as error:
            raise InputError(f"The drawings cannot be taken back: {reason(error)}.") from None

    def of(self, identity: str) -> list[Given]:
        """What every member has given, in the order in which they joined; nothing for no class.

        Members whose drawings cannot be read are passed over: their own page tells them.
        """
        if self._classes.find(identity) is None:
            return []
        members = self._classes.members.all(identity)
        givers = [members[name] for name in names_in(self._folder(identity)) if is_digest(name) and name in members]
        found = []
        for member in givers:
            with contextlib.suppress(InputError):
                found.append(Given(member, self._store.of_owner(member.id)))
        return sorted(found, key=lambda given: given.member.number)

    def clear(self, identity: str, teacher: str) -> None:
        """Let the class have no drawings any more; each stays its member's. Raises InputError for a wrong secret."""
        self._classes.check_teacher(identity, teacher)
        for name in filter(is_digest, names_in(self._folder(identity))):
            with contextlib.suppress(OSError):
                (self._folder(identity) / name).unlink()

    def export(self, identity: str, teacher: str, make: Callable[[Collection], bytes]) -> bytes:
        """A file of all drawings, made by `make`. Raises InputError for a wrong secret, and if there are none."""
        self._classes.check_teacher(identity, teacher)
        given = self.of(identity)
        if not given:
            raise InputError("Nobody has given the class a drawing.")
        return make(together(given))

    def _folder(self, identity: str) -> Path:
        return self._classes.folder / identity / "drawings"


def together(given: list[Given], without: str = "") -> Collection:
    """All drawings of a class in one, but those of the member of that id."""
    parts = [one.drawings for one in given if one.member.id != without]
    if not parts:
        return Collection()
    return Collection(
        tuple(identity for part in parts for identity in part.ids),
        tuple(label for part in parts for label in part.labels),
        tuple(moment for part in parts for moment in part.times),
        np.concatenate([part.images for part in parts]),
        tuple(strokes for part in parts for strokes in part.strokes),
    )
