"""How often something is tried is counted for all servers together, in the folder of runs."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from mnist_core.errors import InputError
from mnist_core.files.atomic import MAX_BYTES, write_json
from mnist_core.runs import Classes, RunStore
from mnist_core.runs.names import digest
from mnist_core.runs.tries import MOST, Tries
from tests.servers import ROOT

ADA, BOB = "ada's secret", "bob's secret"
TRY = """
import sys
from pathlib import Path
from mnist_core.errors import InputError
from mnist_core.files.atomic import MAX_BYTES, write_json
from mnist_core.runs import Classes
for visitor in sys.argv[3:]:
    try:
        classes = Classes(Path(sys.argv[1]))
        classes.open("6c", visitor) if sys.argv[2] == "open" else classes.by_code("AAAAAA", visitor)
    except InputError as error:
        print(error)
"""


def tried(root: Path, what: str, visitors: list[str]) -> str:
    """What two other processes say that try at the same time, each for all visitors."""
    command = [sys.executable, "-c", TRY, str(root), what, *visitors]
    both = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    return "".join(process.communicate(timeout=60)[0] for process in both)


@pytest.mark.slow
def test_several_servers_count_tries_together(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGIT_MAX_WRONG_CODES", "4")
    monkeypatch.setenv("DIGIT_MAX_WRONG_CODES_IN_ALL", "10")
    said = tried(store.root, "code", [ADA] * 5)
    assert said.count("no class with this code") == 4 and said.count("Too many wrong codes") == 6
    said = tried(store.root, "code", [f"cookie {number}" for number in range(8)])
    assert said.count("no class with this code") == 6 and said.count("Too many wrong codes") == 10
    with pytest.raises(InputError, match="Too many wrong codes"):
        store.classes.by_code("AAAAAA", BOB)
    monkeypatch.setenv("DIGIT_MAX_CLASSES_AN_HOUR", "3")
    assert tried(store.root, "open", [ADA] * 3).count("opened 3 classes within an hour") == 3
    written = "".join(path.read_text() for path in (store.root / "tries").iterdir())
    assert digest(ADA) in written and ADA not in written


def test_the_count_of_tries_is_bounded_and_a_damaged_one_counts_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tries" / "wrong-codes.json"
    tries = Tries(path, 60)
    now = time.time()
    for content in (
        "",
        "[]",
        '{"tries": 3}',
        '{"tries": [3]}',
        '{"tries": [["x", "y"]]}',
        f'{{"tries": [[{now}, "y"]]}}',
    ):
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
        with tries.counting() as count:
            assert count.of_all() == 0
    write_json(path, {"tries": [(now + 3600, digest(ADA)), *[(now, digest(ADA))] * MOST]})
    with tries.counting() as count:
        assert count.full and count.of(digest(ADA)) == MOST
        count.add(digest(BOB))
    with tries.counting() as count:
        assert (count.of_all(), count.of(digest(BOB))) == (MOST, 1)
    assert path.stat().st_size < MAX_BYTES
    monkeypatch.setenv("DIGIT_MAX_WRONG_CODES_IN_ALL", "1000000")
    with pytest.raises(InputError, match="Too many wrong codes"):
        Classes(tmp_path).by_code("AAAAAA", "somebody new")
    # What cannot be counted cannot be tried.
    (path.parent / "wrong-codes.lock").unlink()
    path.unlink()
    path.parent.rmdir()
    path.parent.write_text("no folder")
    with pytest.raises(InputError, match="cannot be counted"):
        Classes(tmp_path).by_code("AAAAAA", ADA)
