from unittest.mock import Mock

import numpy as np
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.led_lesson import LessonPage
from benchmarks.teaching import Digits, lesson_and_rest
from benchmarks.train_session import TrainPage


@pytest.fixture
def page() -> TrainPage:
    return TrainPage(Mock(), "preset=mlp")


def shown(kind: str, **values: object) -> ForwardMsg:
    message = ForwardMsg()
    message.delta.fragment_id = "desk"
    for name, value in values.items():
        setattr(getattr(message.delta.new_element, kind), name, value)
    return message


def test_a_page_sees_steps_and_the_end(page: TrainPage, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([1.0, 2.0, 5.0, 6.0, 6.5, 8.0])
    monkeypatch.setattr("benchmarks.train_session.time.perf_counter", lambda: next(moments))
    for step in ("0", "3", "3", "1,500", "2,000"):
        page.learn(shown("progress", text=f"Step {step} of about 2,000"))
    page.learn(shown("markdown", body=":green-badge[:material/check_circle: Finished]"))
    assert [step for _, step in page.steps] == [3, 1500, 2000]
    assert (page.trained, page.finished, page.state) == (6.5, 8.0, "Finished")
    assert page.standstill() == 4.0


def test_a_page_sends_what_it_shows_and_what_is_pressed(page: TrainPage) -> None:
    page.learn(shown("number_input", id="a-rate", value=0.5, default=0.1, set_value=True))
    page.learn(shown("button", id="b-pause"))
    page.learn(shown("button", id="c-stop", disabled=True))
    pressed = page.find("pause")
    assert pressed == "b-pause"
    assert page.find("stop") is None
    rerun = BackMsg.FromString(page.message("desk", press=pressed)).rerun_script
    assert (rerun.page_name, rerun.fragment_id, rerun.query_string) == ("train", "desk", "preset=mlp")
    assert [state.id for state in rerun.widget_states.widgets] == ["a-rate", "b-pause"]
    assert rerun.widget_states.widgets[0].double_value == 0.5
    assert rerun.widget_states.widgets[1].trigger_value


def test_a_choice_is_sent_once_it_was_made(page: TrainPage) -> None:
    page.learn(shown("radio", id="a-prediction", disabled=False))
    assert page.find("prediction") and not page.widgets
    page.learn(shown("radio", id="a-prediction", set_value=True, raw_value="many"))
    assert page.widgets["a-prediction"].string_value == "many"


def test_a_page_of_a_lesson_sees_its_steps_and_its_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([1.0, 1.5, 2.0, 3.0, 3.5])
    monkeypatch.setattr("benchmarks.led_lesson.time.perf_counter", lambda: next(moments))
    page = LessonPage(Mock(), "class=1")
    for step, fragments in ((1, []), (2, ["look"]), (2, [])):
        begun = ForwardMsg()
        begun.new_session.page_script_hash = "lessons"
        begun.metadata.run.fragment_ids.extend(fragments)
        page.learn(begun)
        page.learn(shown("markdown", body=f"Lesson 8: It cannot read mine · Step {step} of 10"))
        # A look that finds the class elsewhere ends early; its whole page follows.
        status = ForwardMsg.FINISHED_EARLY_FOR_RERUN if fragments else ForwardMsg.FINISHED_SUCCESSFULLY
        page.learn(ForwardMsg(script_finished=status))
    assert page.drawn == [(1.0, 1.5, 0), (3.0, 3.5, 1)] and page.looks == 1


def test_what_is_learned_is_not_what_is_measured() -> None:
    digits = np.array([4, 4, 7, 1, 4, 7, 0, 4, 4, 4, 4, 4, 4])
    own = Digits(np.zeros((len(digits), 28, 28), np.float32), digits)
    learned, rest = lesson_and_rest(own, 10, seed=0)
    assert len(learned) == 10 and sorted([*learned, *rest]) == list(range(len(digits)))
    # One of each digit first.
    assert {0, 1, 4, 7} == set(digits[learned[:4]].tolist())
