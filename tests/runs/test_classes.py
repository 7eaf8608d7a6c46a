"""Classes: codes, members, presence, the teacher's orders, and files that somebody has forged."""

import dataclasses
import os
import threading
import time
from pathlib import Path

import pytest

from mnist_core.errors import InputError
from mnist_core.runs import BoardReader, Classes, CurvesReader, RunStore, class_orders
from mnist_core.runs.names import digest
from mnist_core.runs.run_records import Status
from tests.run_helpers import SMALL, end_director, state, wait

ADA, BOB, TEACHER = "ada's secret", "bob's secret", "the teacher's secret"


def opened(store: RunStore, name: str = "5b") -> tuple[str, str]:
    info, secret = store.classes.open(name, TEACHER)
    return info.id, secret


def test_a_class_is_found_by_its_id_and_by_its_code_however_it_is_written(store: RunStore) -> None:
    info, secret = store.classes.open("  5b\n", TEACHER)
    assert info.name == "5b" and store.classes.find(info.id) == info
    assert store.classes.by_code(f" {info.spoken_code().lower()} ", ADA) == info
    assert store.classes.is_teacher(info.id, secret) and not store.classes.is_teacher(info.id, info.teacher)
    assert secret not in "".join(path.read_text() for path in store.classes.folder.rglob("*") if path.is_file())
    other, _ = store.classes.open("5b", TEACHER)
    assert other.id != info.id and other.code != info.code
    for name in ("5b", "../..", "codes", "", digest("5b"), info.id[:-1]):
        assert store.classes.find(name) is None
    with pytest.raises(InputError, match="needs a name"):
        store.classes.open(" \n ", TEACHER)


def test_codes_cannot_be_guessed(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    info, _ = store.classes.open("5b", TEACHER)
    for wrong in ("", "AAA", "../../", "AAAAAA" if info.code != "AAAAAA" else "CCCCCC"):
        with pytest.raises(InputError, match="no class with this code"):
            store.classes.by_code(wrong, ADA)
    monkeypatch.setenv("DIGIT_MAX_WRONG_CODES", "4")
    # The right one is refused, too: otherwise the limit would be none.
    with pytest.raises(InputError, match="wait a minute"):
        store.classes.by_code(info.code, ADA)
    assert Classes(store.root).by_code(info.code, BOB) == info
    monkeypatch.setenv("DIGIT_MAX_WRONG_CODES_IN_ALL", "4")
    with pytest.raises(InputError, match="wait a minute"):
        store.classes.by_code(info.code, BOB)
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    assert store.classes.by_code(info.code, ADA) == info


def test_nicknames_are_unique_and_without_one_there_is_a_number(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity, secret = opened(store)
    names = [store.classes.members.join(identity, who).name for who in (ADA, BOB, ADA)]
    assert names == ["Member 1", "Member 2", "Member 1"]
    assert store.classes.members.join(identity, TEACHER, secret).name == "Teacher"
    assert not store.classes.members.join(identity, BOB, "a wrong secret").teacher
    assert store.classes.members.rename(identity, ADA, " Ada\n").name == "Ada"
    for taken in ("ada", "Ａda", "TEACHER", "Member 7", "teacher 2"):
        with pytest.raises(InputError, match="already; choose another"):
            store.classes.members.rename(identity, BOB, taken)
    assert store.classes.members.rename(identity, ADA, "").name == "Member 1"
    assert store.classes.members.rename(identity, BOB, "Ada").name == "Ada"
    with pytest.raises(InputError, match="not in this class"):
        store.classes.members.rename(identity, "a stranger", "Eve")
    assert store.classes.members.join(identity, "the teacher's other browser", secret).name == "Teacher 4"
    monkeypatch.setenv("DIGIT_MAX_CLASS_MEMBERS", "4")
    (store.classes.folder / identity / "seen" / digest(ADA)).touch()
    store.classes.runs.show(identity, BOB, store.create(BOB, SMALL, "his", board=identity))
    with pytest.raises(InputError, match="is full"):
        store.classes.members.join(identity, "one more")
    os.utime(store.classes.folder / identity / "seen" / digest(ADA), (1, 1))
    assert store.classes.members.join(identity, "one more").name == "Member 5"
    assert store.classes.members.find(identity, ADA) is None and store.classes.members.find(identity, BOB) is not None


def test_two_who_join_at_once_are_two(store: RunStore) -> None:
    identity, _ = opened(store)
    threads = [
        threading.Thread(target=Classes(store.root).members.join, args=(identity, f"visitor {number}"))
        for number in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(member.number for member in store.classes.members.all(identity).values()) == [*range(1, 13)]


def test_who_is_there_is_who_was_seen_a_moment_ago(store: RunStore) -> None:
    identity, _ = opened(store)
    for who in (ADA, BOB):
        store.classes.members.join(identity, who)
        store.classes.members.touch(identity, who)
    store.classes.members.touch(identity, "a stranger")
    assert [member.name for member in store.classes.members.present(identity)] == ["Member 1", "Member 2"]
    path = store.classes.folder / identity / "seen" / digest(ADA)
    os.utime(path, (time.time() - 20,) * 2)
    assert [member.name for member in store.classes.members.present(identity)] == ["Member 2"]
    store.classes.members.touch(identity, ADA)
    written = path.stat().st_mtime_ns
    store.classes.members.touch(identity, ADA)
    assert path.stat().st_mtime_ns == written and len(store.classes.members.present(identity)) == 2


def test_an_order_is_given_once_to_everybody_who_is_there(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    identity, secret = opened(store)
    store.classes.members.join(identity, ADA)
    store.classes.members.join(identity, TEACHER, secret)
    assert store.classes.orders.take(identity, ADA) is None
    with pytest.raises(InputError, match="Only the teacher"):
        store.classes.orders.start(identity, "guess", {"preset": "mlp"})
    store.classes.orders.start(identity, secret, {"preset": "mlp", "seed": "3"})
    store.classes.members.join(identity, BOB)
    taken = store.classes.orders.take(identity, ADA)
    assert taken is not None and taken.setting == {"preset": "mlp", "seed": "3"}
    assert Classes(store.root).orders.take(identity, ADA) is None
    assert store.classes.orders.take(identity, BOB) is store.classes.orders.take(identity, TEACHER) is None
    store.classes.orders.start(identity, secret, {"preset": "mlp"})
    monkeypatch.setattr(class_orders, "ORDER_SECONDS", -1.0)
    assert store.classes.orders.take(identity, ADA) is None
    with pytest.raises(InputError, match="too long"):
        store.classes.orders.start(identity, secret, {"layers": "x" * 9000})


def test_what_the_teacher_removes_and_closes(store: RunStore) -> None:
    identity, secret = opened(store)
    ada = store.classes.members.join(identity, ADA)
    store.classes.members.join(identity, BOB)
    store.classes.members.rename(identity, ADA, "Rude")
    run = store.create(ADA, SMALL, "hers", board=identity)
    stray = store.create("a stranger", SMALL, "not a member's", board=identity)
    assert [found.id for found in store.of_class(identity)] == [run.id] and stray.exists()
    code = store.classes.find(identity).code  # type: ignore[union-attr]
    for order in (
        lambda: store.classes.runs.remove(identity, "", run.id),
        lambda: store.classes.members.remove_nickname(identity, "", ada.id),
        lambda: store.classes.close(identity, ""),
        lambda: store.pause_class(identity, ""),
        lambda: store.resume_class(identity, ""),
    ):
        with pytest.raises(InputError, match="Only the teacher"):
            order()
    store.classes.members.remove_nickname(identity, secret, ada.id)
    assert store.classes.members.find(identity, ADA).name == "Member 1"  # type: ignore[union-attr]
    with pytest.raises(InputError, match="has removed your nickname"):
        store.classes.members.rename(identity, ADA, "Ruder")
    with pytest.raises(InputError, match="Choose another nickname"):
        store.classes.members.rename(identity, BOB, "RUDE")
    store.classes.runs.remove(identity, secret, "../../../x")
    store.classes.runs.remove(identity, secret, run.id)
    assert store.of_class(identity) == [] and run.exists()
    store.classes.close(identity, secret)
    with pytest.raises(InputError, match="no class with this code"):
        store.classes.by_code(code, BOB)
    with pytest.raises(InputError, match="is closed"):
        store.classes.members.join(identity, "a latecomer")
    late = store.create(ADA, SMALL, "late", board=identity)
    assert late.exists() and store.of_class(identity) == []


def test_old_classes_go_when_one_is_opened(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    identity, _ = opened(store)
    by_name = store.classes.folder / digest("5b")
    by_name.mkdir()
    os.utime(by_name, (1, 1))
    old = dataclasses.replace(store.classes.find(identity), opened=time.time() - 31 * 86_400)  # type: ignore[type-var]
    store.classes._files.write(old)  # type: ignore[arg-type]
    new, _ = opened(store)
    assert {path.name for path in store.classes.folder.iterdir()} == {new, "codes"}
    assert len(list((store.classes.folder / "codes").iterdir())) == 1
    monkeypatch.setenv("DIGIT_MAX_CLASSES", "1")
    with pytest.raises(InputError, match="There are 1 classes already"):
        opened(store)
    monkeypatch.setenv("DIGIT_MAX_CLASSES_AN_HOUR", "2")
    with pytest.raises(InputError, match="within an hour"):
        opened(store)


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"members": 3}', '{"members": [{"id": "../..", "number": 1}]}', '{"last": {"serial": "x"}}'],
)
@pytest.mark.parametrize("file", ["class.json", "members.json", "orders.json"])
def test_forged_files_are_as_good_as_none(store: RunStore, file: str, content: str) -> None:
    identity, _ = opened(store)
    store.classes.members.join(identity, ADA)
    (store.classes.folder / identity / file).write_text(content)
    assert store.classes.members.all(identity) in ({}, store.classes.members.all(identity))
    assert store.classes.orders.last(identity).serial == 0
    if file == "class.json":
        assert store.classes.find(identity) is None
    run = store.create(ADA, SMALL, "hers")
    pointer = store.classes.folder / identity / "runs" / run.id
    for owner in ("../../..", "", digest(BOB)):
        pointer.write_text(owner)
        assert store.of_class(identity) == []


def test_a_board_shows_the_newest_run_of_each_and_reads_only_what_is_new(store: RunStore) -> None:
    identity, _ = opened(store)
    reader = BoardReader(store.classes, identity, CurvesReader(same_look=0.0))
    runs = []
    for who, best in ((ADA, 0.9), (BOB, 0.95), (ADA, 0.8)):
        store.classes.members.join(identity, who)
        run = store.create(who, SMALL, "a run", board=identity)
        run.file("metrics.jsonl").write_text(f'{{"begin":"0"}}\n{{"step":1,"epoch":1,"validation_accuracy":{best}}}\n')
        run.write_status(Status("finished", step=1))
        runs.append(run)
    store.classes.members.rename(identity, ADA, "Ada")
    board = reader.look()
    assert board is not None and [shown.run.id for shown in board.runs] == [run.id for run in runs[::-1]]
    assert [(shown.name, shown.best) for shown in board.newest()] == [("Member 2", 0.95), ("Ada", 0.8)]
    assert [(shown.name, shown.best) for shown in board.best()] == [("Member 2", 0.95), ("Ada", 0.9)]
    assert reader.look() is board
    again = reader.look(again=True)
    assert again is not None and again.runs[0] is board.runs[0]
    with open(runs[2].file("metrics.jsonl"), "a") as file:
        file.write('{"step":2,"epoch":2,"validation_accuracy":0.99}\n')
    again = reader.look(again=True)
    assert again is not None and again.newest()[0].name == "Ada" and len(board.runs[0].curves) == 1
    store.delete(runs[2])
    again = reader.look(again=True)
    assert again is not None and len(again.runs) == 2
    assert BoardReader(store.classes, "0" * 24, CurvesReader()).look() is None


@pytest.mark.slow
def test_a_teacher_pauses_all_and_lets_them_go_on(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    try:
        identity, secret = opened(store)
        runs = []
        for who in (ADA, BOB):
            store.classes.members.join(identity, who)
            runs.append(store.create(who, dataclasses.replace(SMALL, epochs=4000), "a run", board=identity))
            store.start(runs[-1])
        wait(lambda: [state(run) for run in runs] == ["training"] * 2)
        assert store.pause_class(identity, secret) == 2
        wait(lambda: [state(run) for run in runs] == ["paused"] * 2)
        store.start(runs[0])
        wait(lambda: state(runs[0]) == "training")
        assert store.resume_class(identity, secret) == 1
        wait(lambda: state(runs[1]) == "training")
        assert store.resume_class(identity, secret) == 0
    finally:
        end_director(store.root)


def test_closed_classes_take_no_place_and_a_teacher_always_finds_one(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGIT_MAX_CLASSES", "1")
    monkeypatch.setenv("DIGIT_MAX_CLASS_MEMBERS", "1")
    closed, secret = opened(store)
    store.classes.close(closed, secret)
    identity, secret = opened(store)
    store.classes.members.join(identity, ADA)
    store.classes.members.touch(identity, ADA)
    assert store.classes.members.join(identity, TEACHER, secret).teacher
    old = dataclasses.replace(store.classes.find(closed), opened=time.time() - 3 * 86_400)  # type: ignore[type-var]
    store.classes._files.write(old)  # type: ignore[arg-type]
    store.classes.close(identity, secret)
    opened(store)
    assert store.classes.find(closed) is None and store.classes.find(identity) is not None
