"""Classes: opening one, finding it by its id or its code, and closing it.

The id is the key to a class: whoever has it, from a link or by the code, may look and join. Whoever has the teacher's
secret as well may give orders; every order asks for it.

Each other idea has a file: who is in a class (`class_members.py`), what its teacher orders (`class_orders.py`), which
runs it shows (`class_runs.py`), where it is in a lesson (`class_lesson.py`), and the files of all this
(`class_files.py`).
"""

import contextlib
import dataclasses
import secrets
import shutil
import time
from pathlib import Path

from mnist_core.errors import InputError
from mnist_core.files.atomic import reason
from mnist_core.runs import limits
from mnist_core.runs.class_files import ID, ClassFiles, hashed
from mnist_core.runs.class_lesson import ClassLesson
from mnist_core.runs.class_members import ClassMembers
from mnist_core.runs.class_orders import ClassOrders
from mnist_core.runs.class_records import CLASS_NAME_LENGTH, CODE_LENGTH, LETTERS, ClassInfo
from mnist_core.runs.class_runs import ClassRuns
from mnist_core.runs.names import digest, is_digest, names_in
from mnist_core.runs.run_records import clean_name
from mnist_core.runs.tries import Tries

CLOSED_DAYS = 2.0
"""After so many days a class that was closed is removed."""


class Classes:
    """The classes below the folder of all runs. Nothing is kept in memory: several servers may share the folder.

    members, orders, lesson and runs, its attributes, are about one class each; all they need is its id.
    """

    def __init__(self, root: Path) -> None:
        self._files = ClassFiles(root)
        self.folder = self._files.folder
        self.runs = ClassRuns(self._files)
        self.members = ClassMembers(self._files, self.runs)
        self.orders = ClassOrders(self._files)
        self.lesson = ClassLesson(self._files)
        self._wrong_codes = Tries(root / "tries" / "wrong-codes.json", 60)
        self._openings = Tries(root / "tries" / "openings.json", 3600)

    def open(self, name: str, visitor: str) -> tuple[ClassInfo, str]:
        """A new class, and its teacher's secret, which is told only now. Raises InputError.

        Classes that are older than 30 days are removed.
        """
        cleaned = clean_name(name)[:CLASS_NAME_LENGTH].strip()
        if not cleaned:
            raise InputError("A class needs a name.")
        with self._openings.counting() as tries:
            if tries.of(digest(visitor)) >= (most := int(limits.CLASSES_OF_ONE.value())):
                raise InputError(f"You have opened {most} classes within an hour; wait before you open another.")
            tries.add(digest(visitor))
        self._remove_old()
        if len(self._open_ids()) >= (most := int(limits.CLASSES.value())):
            raise InputError(f"There are {most} classes already; close one first.")
        identity, secret = secrets.token_hex(12), secrets.token_urlsafe(16)
        try:
            (self.folder / "codes").mkdir(parents=True, exist_ok=True)
            for part in ("seen", "runs"):
                self._files.of(identity, part).mkdir(parents=True)
            info = ClassInfo(identity, cleaned, self._new_code(identity), hashed(secret), time.time())
            self._files.write(info)
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
        return self._files.find(identity)

    def by_code(self, code: str, visitor: str) -> ClassInfo:
        """The class of that code, however it is written. Raises InputError, also for too many wrong codes."""
        letters = "".join(letter for letter in code.upper() if letter.isalnum())
        with self._wrong_codes.counting() as tries:
            of_all = limits.WRONG_CODES_IN_ALL.value()
            if tries.of(digest(visitor)) >= limits.WRONG_CODES.value() or tries.of_all() >= of_all or tries.full:
                raise InputError("Too many wrong codes were tried: wait a minute.")
            found = self._of_code(letters)
            if found is None:
                tries.add(digest(visitor))
        if found is None:
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
        return self._files.is_teacher(identity, secret)

    def check_teacher(self, identity: str, secret: str) -> None:
        """Raise InputError unless this is the secret of the class's teacher."""
        self._files.check_teacher(identity, secret)

    def close(self, identity: str, teacher: str) -> None:
        """End it: nobody joins any more, no run is added, the code is given up. Raises InputError."""
        self._files.check_teacher(identity, teacher)
        with self._files.locked(identity):
            info = self._files.existing(identity)
            self._files.write(dataclasses.replace(info, closed=True))
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

    def _open_ids(self) -> list[str]:
        return [name for name in self._files.ids() if (info := self.find(name)) and not info.closed]

    def marks(self, identity: str) -> tuple[int, ...]:
        """Other numbers after every change of the class, but not when a member is seen again, or a run moves on."""
        return self._files.marks(identity)
