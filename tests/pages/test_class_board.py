"""Classes on the Train page without a browser: opening, joining, nicknames, the board, and the teacher's orders."""

import io
import json
import math
import os
import time
from typing import Any

import pyarrow.ipc
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mnist_core.runs import RunStore, Status, is_local
from mnist_core.runs.names import digest
from pages.components.classes import class_address
from pages.components.language import spoken
from pages.components.train.training_link import Preset, preset_config
from tests.pages.test_pages import texts
from tests.pages.test_train_page import SMALL, press, train_page
from tests.run_helpers import wait

TEACHER, ADA, BOB = "T" * 22, "A" * 22, "B" * 22
ORDERS = {"start_all", "pause_all", "resume_all", "remove_run", "remove_nickname", "close_class"}
pytestmark = pytest.mark.usefixtures("store")


def opened(store: RunStore, name: str = "5b") -> tuple[str, str]:
    info, secret = store.classes.open(name, TEACHER)
    return info.id, secret


def made_up(store: RunStore, identity: str, visitor: str, best: float, points: int = 40, epochs: int = 10) -> str:
    """A run with curves that nobody has trained."""
    run = store.create(visitor, preset_config(Preset("mlp")), "a run", recipe="mlp", board=identity)
    lines = [json.dumps({"begin": "0" * 16})]
    for i in range(1, points + 1):
        entry = {"step": i, "epoch": epochs * i / points, "loss": 2 / i, "accuracy": best * (1 - 1 / (i + 1))}
        if i % max(1, points // epochs) == 0:
            entry |= {"validation_accuracy": best * (1 - 1 / (i + 2)), "validation_loss": 2 / i}
        lines.append(json.dumps(entry))
    run.file("metrics.jsonl").write_text("\n".join(lines) + "\n")
    run.write_status(Status("finished", step=points))
    return run.id


def in_popover(page: AppTest) -> bool:
    """Whether the page's first error stands in a form that opens, which would otherwise cover it."""
    return any(child is page.error[0] for form in page.get("popover") for child in form)


def buttons(page: AppTest) -> set[str]:
    return {str(button.key) for button in page.button}


def chart(page: AppTest, number: int) -> dict[str, list[object]]:
    proto = page.get("vega_lite_chart")[number].proto
    columns: dict[str, list[object]] = pyarrow.ipc.open_stream(io.BytesIO(proto.data.data)).read_all().to_pydict()
    return columns


@pytest.mark.slow
def test_a_teacher_opens_a_class_and_gets_code_address_and_an_own_link(store: RunStore) -> None:
    page = train_page(TEACHER)
    page.text_input(key="class_name").set_value("5b")
    press(page, "open_class")
    identity = page.query_params["class"]
    secret = page.query_params["teacher"]
    info = store.classes.find(identity)
    assert info is not None and store.classes.is_teacher(identity, secret)
    codes = [code.value for code in page.code]
    assert any(code.endswith(f"?class={identity}") for code in codes)
    assert any(code.endswith(f"?class={identity}&teacher={secret}") for code in codes)
    assert info.spoken_code() in texts(page) and "You are **Teacher**" in texts(page)
    assert buttons(page) >= ORDERS
    press(page, "class_is_noted")
    assert not any("teacher=" in code.value for code in page.code)
    press(page, "leave_class")
    assert dict(page.query_params).keys() & {"class", "teacher"} == set()
    page.text_input(key="class_name").set_value(" ")
    press(page, "open_class")
    assert page.error[0].value == "A class needs a name." and in_popover(page)


@pytest.mark.slow
def test_a_student_joins_by_code_and_takes_a_nickname_that_is_free(store: RunStore) -> None:
    identity, _ = opened(store, "*5b*")
    code = store.classes.find(identity).code  # type: ignore[union-attr]
    page = train_page(ADA)
    page.text_input(key="class_code").set_value("AAA-AA")
    press(page, "join_class")
    assert page.error[0].value == "There is no class with this code." and "class" not in page.query_params
    assert in_popover(page)
    page.text_input(key="class_code").set_value(code.lower())
    press(page, "join_class")
    assert page.query_params["class"] == identity and "You are **Member 1**" in texts(page)
    assert "Class \\*5b\\*" in texts(page) and not buttons(page) & ORDERS
    page.text_input(key="nickname").set_value("$x$ [a](b)").run()
    assert r"You are **\$x\$ \[a\]\(b\)**" in texts(page)
    other = train_page(BOB, **{"class": identity})
    other.text_input(key="nickname").set_value("$X$ [a](b)").run()
    assert r"is called \$X\$ \[a\]\(b\) already" in other.error[0].value and "You are **Member 2**" in texts(other)
    assert r":gray-badge[\$x\$ \[a\]\(b\)] :orange-badge[Member 2]" in texts(other)
    press(other, "leave_class")
    assert "class" not in other.query_params and not other.error


@pytest.mark.slow
def test_names_that_the_server_gives_are_in_the_language_of_the_visitor_and_nobody_can_take_them(
    store: RunStore,
) -> None:
    identity, secret = opened(store)
    train_page(TEACHER, **{"class": identity, "teacher": secret})
    page = train_page(ADA, **{"class": identity, "lang": "de"})
    assert "Du bist **Mitglied 2**" in texts(page)
    assert ":violet-badge[Lehrkraft] :orange-badge[Mitglied 2]" in texts(page)
    # AppTest asks for the words of the boxes outside of the page, where no language is known.
    with spoken("de"):
        for wanted in (
            "Lehrkraft",
            "member 7",
            "Mitglied 3",
            "PROFESOR",
            "Membre 1",
            "Somebody who left",
            "Ｌehrkraft",
        ):
            page.text_input(key="nickname").set_value(wanted).run()
            assert f"Somebody is called {wanted} already" in page.error[0].value
        page.text_input(key="nickname").set_value("Lehrkraft\u200b").run()
        assert "Somebody is called Lehrkraft" in page.error[0].value
        assert "Du bist **Mitglied 2**" in texts(page)
        page.text_input(key="nickname").set_value("Lehrling").run()
        assert not page.error and "Du bist **Lehrling**" in texts(page)


@pytest.mark.slow
def test_an_address_from_before_says_so_and_offers_a_class_of_that_name(store: RunStore) -> None:
    page = train_page(ADA, **{"class": "5b"})
    assert "classes are joined by a code" in page.warning[0].value
    assert page.text_input(key="class_name").value == "5b"
    press(page, "open_class")
    assert store.classes.find(page.query_params["class"]).name == "5b"  # type: ignore[union-attr]


@pytest.mark.slow
def test_a_class_sees_all_runs_and_touches_only_its_own(store: RunStore) -> None:
    identity, _ = opened(store)
    page = train_page(ADA, **SMALL, epochs="1", **{"class": identity})
    press(page, "start")
    wait(lambda: store.runs(ADA)[-1].status.state == "finished", 60)
    other = train_page(BOB, **{"class": identity})
    assert "Multi-layer perceptron" in [heading.value for heading in other.header]
    assert buttons(other) & {"pause", "resume", "stop", "delete", "use"} == set()
    assert "Nothing has been trained yet" in texts(train_page(BOB))
    board = train_page(BOB, **{"class": identity}, view="board")
    assert set(chart(board, 0)["who"]) == {"Member 1"}


@pytest.mark.slow
def test_an_order_starts_a_run_on_every_open_page_once(store: RunStore) -> None:
    identity, secret = opened(store)
    ada, bob = (train_page(who, **{"class": identity}) for who in (ADA, BOB))
    teacher = train_page(TEACHER, **SMALL, epochs="1", name="With L2", **{"class": identity, "teacher": secret})
    press(teacher, "start_all")
    for page, who in ((ada, ADA), (bob, BOB)):
        for _ in range(2):
            page.run()
            assert not page.exception
        reloaded = train_page(who, **{"class": identity})
        reloaded.run()
        assert len(store.runs(who)) == 1
        info = store.runs(who)[0].info
        assert (info.config.train_images, info.board, info.name) == (2000, identity, "With L2")
    assert not store.runs(TEACHER) and len(store.of_class(identity)) == 2
    wait(lambda: all(run.status.state == "finished" for run in store.of_class(identity)), 60)
    teacher.query_params["view"] = "board"
    wait(lambda: set(chart(teacher.run(), 0)["who"]) == {"Member 1", "Member 2"})


@pytest.mark.slow
def test_a_page_without_runs_listens_for_orders_as_often_as_others_look_at_their_runs(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity, secret = opened(store)
    asked: dict[str, float] = {}
    original = st.fragment

    def fragment(part: Any, run_every: float | None = None) -> Any:
        asked[part.__name__] = run_every or math.inf
        if part.__name__ == "_listen":
            # The order comes when all else of the page is drawn.
            store.classes.orders.start(identity, secret, {"preset": "mlp", **SMALL, "epochs": "1"})
        return original(part, run_every=run_every)

    monkeypatch.setattr(st, "fragment", fragment)
    train_page(ADA, **{"class": identity})
    assert asked["_listen"] < asked["_desk"] < math.inf
    (run,) = store.runs(ADA)
    assert run.info.board == identity and asked["_live"] == asked["_listen"]


@pytest.mark.slow
def test_orders_without_the_secret_are_refused_even_if_the_button_is_pressed(store: RunStore) -> None:
    identity, secret = opened(store)
    made_up(store, identity, ADA, 0.9)
    page = train_page(TEACHER, **{"class": identity, "teacher": secret})
    # The secret is gone between the drawing of the button and the click.
    page.query_params["teacher"] = "guess"
    press(page, "start_all")
    assert store.classes.orders.last(identity).serial == 0 and not buttons(page) & ORDERS
    assert any("Only the teacher" in error.value for error in page.error)


@pytest.mark.slow
def test_the_teacher_removes_nicknames_and_runs_and_closes_the_class(store: RunStore) -> None:
    identity, secret = opened(store)
    ada = train_page(ADA, **{"class": identity})
    ada.text_input(key="nickname").set_value("Rude").run()
    run = made_up(store, identity, ADA, 0.9)
    page = train_page(TEACHER, **{"class": identity, "teacher": secret})
    page.selectbox(key="removed_nickname").set_value(digest(ADA)).run()
    press(page, "remove_nickname")
    ada.run()
    assert "has removed your nickname" in texts(ada) and "Rude" not in texts(ada)
    page.selectbox(key="removed_run").set_value(run).run()
    press(page, "remove_run")
    assert store.of_class(identity) == [] and len(store.runs(ADA)) == 1
    page.checkbox(key="sure_to_close_class").check().run()
    press(page, "close_class")
    assert "This class is closed" in texts(ada.run()) and not buttons(page.run()) & ORDERS


@pytest.mark.slow
def test_the_board_ranks_thirty_runs_and_marks_the_best_and_the_own(store: RunStore) -> None:
    identity, _ = opened(store)
    for number in range(30):
        visitor = f"{number:022}"
        store.classes.members.join(identity, visitor)
        store.classes.members.rename(identity, visitor, f"Nick {number}")
        made_up(store, identity, visitor, 0.9 + number / 1000, points=300)
    made_up(store, identity, f"{29:022}", 0.5)
    page = train_page(f"{3:022}", **{"class": identity}, view="board")
    curves, ranking = chart(page, 0), chart(page, 1)
    ends = [who for who, part in zip(curves["who"], curves["part"], strict=True) if part == "end"]
    assert sorted(map(str, ends)) == ["Nick 28", "Nick 3"] and len(set(curves["who"])) == 30
    assert all(curves["who"].count(who) <= 101 for who in set(curves["who"]))
    assert ranking["who"][:2] == ["Nick 28", "Nick 27"] and ranking["who"][-1] == "Nick 29"
    assert ranking["best"][0] == "92.5 %" or str(ranking["best"][0]).endswith(" %")
    page.segmented_control(key="board_runs").set_value("best").run()
    assert chart(page, 1)["who"][0] == "Nick 29"
    page.toggle(key="board_small_charts").set_value(True).run()
    page.segmented_control(key="board_measure").set_value("loss").run()
    assert not page.exception and all(math.isfinite(float(str(y))) for y in chart(page, 0)["y"])
    assert "segmented_control" not in buttons(page) and "start" not in buttons(page)
    press(page, "hide_board")
    assert "view" not in page.query_params and "start" in buttons(page)


def test_whoever_only_opens_the_board_is_no_member(store: RunStore) -> None:
    identity, _ = opened(store)
    page = train_page(BOB, **{"class": identity}, view="board")
    assert "Nobody is in class 5b" in texts(page) and store.classes.members.all(identity) == {}
    assert "No curve yet" in texts(page)


@pytest.mark.slow
def test_a_full_class_is_looked_at(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    identity, _ = opened(store)
    monkeypatch.setenv("DIGIT_MAX_CLASS_MEMBERS", "1")
    train_page(ADA, **{"class": identity})
    page = train_page(BOB, **{"class": identity})
    assert "is full" in page.warning[0].value
    press(page, "start")
    assert store.of_class(identity) == [] and len(store.runs(BOB)) == 1


def test_the_address_names_this_computer_in_its_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_address, "network_address", lambda: "192.168.1.20")
    monkeypatch.setattr(class_address, "page_address", lambda: "http://localhost:8501/train")
    assert class_address.class_address("x") == "http://192.168.1.20:8501/train?class=x"
    monkeypatch.setattr(class_address, "page_address", lambda: "https://digits.school/lab/train")
    assert class_address.class_address("x", view="board") == "https://digits.school/lab/train?class=x&view=board"
    assert is_local("127.0.0.1") and is_local("::1") and not is_local("pc7")
    assert ">ABC-DEF</text>" in class_address.card("http://pc7/train", "ABC-DEF")


def test_the_small_setting_of_an_order_is_checked(store: RunStore) -> None:
    identity, secret = opened(store)
    page = train_page(ADA, **{"class": identity})
    store.classes.orders.start(identity, secret, {"preset": "mlp", "learning_rate": "1e9"})
    page.run()
    assert not page.exception and store.runs(ADA) == []
    assert any("learning\\_rate" in error.value for error in page.error)


@pytest.mark.slow
def test_a_run_that_waits_says_for_how_long(store: RunStore) -> None:
    identity, _ = opened(store)
    store.classes.members.join(identity, ADA)
    made_up(store, identity, ADA, 0.9)
    run = store.runs(ADA)[0]
    run.ask("run")
    run.write_status(Status("waiting", serial=run.control.serial))
    os.utime(run.file("control.json"), (time.time() - 42,) * 2)
    with run.lock():
        assert "It has waited for 4" in texts(train_page(ADA, **{"class": identity}))
        board = train_page(ADA, **{"class": identity}, view="board")
        assert str(chart(board, 1)["state"][0]).startswith("waiting 4")


@pytest.mark.slow
def test_whoever_comes_back_from_another_page_is_still_in_the_class(store: RunStore) -> None:
    identity, _ = opened(store)
    page = train_page(ADA, **{"class": identity})
    page.query_params.clear()
    page.switch_page("pages/data.py").run()
    page.query_params.clear()
    page.switch_page("pages/train.py").run()
    assert page.query_params["class"] == identity and "You are **Member 1**" in texts(page)
    press(page, "leave_class")
    page.switch_page("pages/data.py").run()
    page.switch_page("pages/train.py").run()
    assert "class" not in page.query_params
