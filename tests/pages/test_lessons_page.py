"""The Lessons page without a browser: steps, predictions, progress, and a class that goes together."""

from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.runs import RunStore
from pages.components.lessons import place
from pages.components.lessons.glossary import glossary
from pages.components.lessons.lesson_file import all_lessons
from pages.components.lessons.page_state import LessonsPage
from tests.pages.test_pages import ROOT, texts

TEACHER, ADA, BOB = "T" * 22, "A" * 22, "B" * 22
FIRST, SECOND, *_ = all_lessons()[0]
pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture(autouse=True)
def no_click_is_too_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests press Next faster than people do."""
    monkeypatch.setattr(place, "DOUBLE_CLICK_SECONDS", 0)


def lessons_page(visitor: str = ADA, **query: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    page.session_state["visitor"] = visitor
    page.switch_page("pages/lessons.py")
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception, page.exception
    return page


def press(page: AppTest, key: str) -> None:
    page.button(key=key).click().run()
    assert not page.exception, page.exception


def heading(page: AppTest) -> str:
    return str(page.header[0].value).replace("\u00a0%", " %")


def at(page: AppTest) -> int:
    """The step that is shown, counted from 0."""
    return next(number for number, step in enumerate(FIRST.steps) if heading(page).endswith(step.title))


def predict(page: AppTest, choice: int) -> None:
    step = FIRST.steps[at(page)]
    page.radio(key=f"prediction_{FIRST.id}_{step.name}").set_value(step.choices[choice]).run()
    assert not page.exception, page.exception


def buttons(page: AppTest) -> set[str]:
    return {str(button.key) for button in page.button}


def links(page: AppTest) -> str:
    return " ".join(part.proto.label for part in page.get("page_link"))


def links_back(page: AppTest) -> list[str]:
    return [label for part in page.get("page_link") if (label := part.proto.label).startswith("Back to lesson")]


def opened(store: RunStore) -> tuple[str, str]:
    info, secret = store.classes.open("5b", TEACHER)
    return info.id, secret


def bars(page: AppTest) -> list[str]:
    """The words of the bars of predictions."""
    return [found for part in page.get("progress") if "** of " in (found := part.proto.text)]


def test_the_list_leads_into_a_lesson_and_back() -> None:
    page = lessons_page()
    assert all(lesson.title.replace("?", "") in texts(page).replace("\\", "") for lesson in all_lessons()[0])
    press(page, f"open_lesson_{FIRST.id}")
    assert page.query_params["lesson"] == FIRST.id and at(page) == 0
    press(page, "all_lessons")
    assert "lesson" not in page.query_params and f"open_lesson_{FIRST.id}" in buttons(page)


def test_whoever_tries_something_finds_back_to_the_lesson() -> None:
    page = lessons_page(lesson="8")
    assert not page.title and not links_back(page)
    page.switch_page("app.py").run()
    assert links_back(page) == ["Back to lesson 8"] and "New here?" not in links(page)
    # As by this link, or by that of the menu: neither names the lesson.
    page.switch_page("pages/lessons.py").run()
    assert heading(page)
    assert not page.title and not links_back(page)
    press(page, "all_lessons")
    assert page.title[0].value == "Lessons"
    page.switch_page("app.py").run()
    assert not links_back(page) and "New here?" in links(page)


def test_a_prediction_and_the_step_outlive_a_reload() -> None:
    page = lessons_page(lesson="1")
    predict(page, 1)
    press(page, "step_on")
    press(page, "step_on")
    assert "**You predicted:** about 100" in texts(page) and "**What happens:** 784" in texts(page)
    again = lessons_page(lesson="1")
    assert at(again) == 2 and "**You predicted:** about 100" in texts(again)
    # Somebody else has another progress.
    assert at(lessons_page(BOB, lesson="1")) == 0
    press(again, "step_back")
    assert at(again) == 1


def test_a_double_click_is_one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    page = lessons_page(lesson="1")
    monkeypatch.setattr(place, "DOUBLE_CLICK_SECONDS", 60)
    press(page, "step_on")
    press(page, "step_on")
    assert at(page) == 1
    # Back is no second click of Next, nor is Next one of Back.
    press(page, "step_back")
    assert at(page) == 0
    press(page, "step_on")
    press(page, "step_back")
    monkeypatch.setattr(place, "DOUBLE_CLICK_SECONDS", 0)
    press(page, "step_on")
    press(page, "step_on")
    assert at(page) == 2
    # While the page is not drawn yet.
    page.session_state[LessonsPage.__name__].stepping = True
    press(page, "step_on")
    assert at(page) == 2
    press(page, "step_on")
    assert at(page) == 3


def test_a_double_click_does_not_pass_over_the_last_step_nor_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    page = lessons_page(lesson="1")
    for _ in FIRST.steps[1:]:
        press(page, "step_on")
    monkeypatch.setattr(place, "DOUBLE_CLICK_SECONDS", 60)
    press(page, "next_lesson")
    assert heading(page).endswith(FIRST.steps[-1].title)
    monkeypatch.setattr(place, "DOUBLE_CLICK_SECONDS", 0)
    press(page, "next_lesson")
    monkeypatch.setattr(place, "DOUBLE_CLICK_SECONDS", 60)
    press(page, "step_on")
    assert heading(page).endswith(SECOND.steps[0].title)


@pytest.mark.slow
@pytest.mark.parametrize("lesson", all_lessons()[0], ids=lambda lesson: lesson.id)
def test_every_step_of_every_lesson_is_shown(lesson: object) -> None:
    page = lessons_page(lesson=str(getattr(lesson, "number", 0)))
    for step in getattr(lesson, "steps", ())[1:]:
        press(page, "step_on")
        assert heading(page).endswith(step.title)
    assert "step_on" not in buttons(page)
    assert ("next_lesson" in buttons(page)) == (lesson != all_lessons()[0][-1])


def test_the_last_step_leads_to_the_next_lesson() -> None:
    page = lessons_page(lesson="1")
    for _ in FIRST.steps[1:]:
        assert "next_lesson" not in buttons(page)
        press(page, "step_on")
    press(page, "next_lesson")
    assert heading(page).endswith(SECOND.steps[0].title)


def test_whoever_finds_a_class_full_is_told_so(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    identity, _ = opened(store)
    monkeypatch.setenv("DIGIT_MAX_CLASS_MEMBERS", "1")
    assert "You are in class" in lessons_page(**{"class": identity}).info[0].value
    late = lessons_page(BOB, **{"class": identity})
    assert "is full" in late.warning[0].value and not late.info
    late = lessons_page(BOB, **{"class": identity, "lesson": "1"})
    assert "is full" in late.warning[0].value


def test_a_class_goes_together_and_whoever_comes_late_is_where_it_is(store: RunStore) -> None:
    identity, secret = opened(store)
    ada = lessons_page(**{"class": identity, "lesson": "1"})
    assert "step_on" in buttons(ada)
    teacher = lessons_page(TEACHER, **{"class": identity, "teacher": secret, "lesson": "1"})
    press(teacher, "step_on")
    press(teacher, "lead_class")
    press(teacher, "step_on")
    assert at(teacher) == 2
    # An open page, a reload, and one that comes late without any lesson in its address.
    ada.run()
    assert at(ada) == 2 and "step_on" not in buttons(ada)
    assert at(lessons_page(BOB, **{"class": identity})) == 2
    press(teacher, "own_pace")
    ada.run()
    assert "step_on" in buttons(ada) and at(lessons_page(BOB, **{"class": identity})) == 0


def test_a_teacher_goes_from_one_lesson_to_the_next_and_the_class_follows(store: RunStore) -> None:
    identity, secret = opened(store)
    teacher = lessons_page(TEACHER, **{"class": identity, "teacher": secret, "lesson": "1"})
    press(teacher, "lead_class")
    ada, desk = lessons_page(**{"class": identity}), lessons_page(TEACHER, **{"class": identity, "teacher": secret})
    # Looking for the next lesson leaves the class where it is.
    press(teacher, "all_lessons")
    assert f"open_lesson_{SECOND.id}" in buttons(teacher)
    press(teacher, f"open_lesson_{SECOND.id}")
    ada.run()
    assert FIRST.steps[0].title in heading(ada) and SECOND.steps[0].title in heading(teacher)
    press(teacher, "lead_class")
    for page in (ada, desk):
        page.run()
        assert SECOND.steps[0].title in heading(page)
    # Alone again, everybody may look for another one.
    press(teacher, "own_pace")
    ada.run()
    press(ada, "all_lessons")
    assert f"open_lesson_{FIRST.id}" in buttons(ada)
    press(ada, f"open_lesson_{FIRST.id}")
    assert FIRST.steps[0].title in heading(ada)


def test_who_has_closed_a_lesson_alone_lands_where_the_class_is(store: RunStore) -> None:
    identity, secret = opened(store)
    teacher = lessons_page(TEACHER, **{"class": identity, "teacher": secret, "lesson": "2"})
    press(teacher, "lead_class")
    press(teacher, "own_pace")
    ada = lessons_page(lesson="1")
    press(ada, "all_lessons")
    ada.query_params["class"] = identity
    ada.run()
    assert SECOND.steps[0].title in heading(ada)


def test_predictions_of_a_class_are_bars_without_names_and_shown_when_the_teacher_wants(store: RunStore) -> None:
    identity, secret = opened(store)
    teacher = lessons_page(TEACHER, **{"class": identity, "teacher": secret, "lesson": "1"})
    press(teacher, "lead_class")
    ada, bob = lessons_page(**{"class": identity}), lessons_page(BOB, **{"class": identity})
    predict(ada, 2)
    predict(bob, 3)
    predict(bob, 2)
    assert bars(ada) == [] and "2 predictions so far." in texts(ada.run())
    press(teacher, "reveal_predictions")
    ada.run()
    assert bars(ada)[2] == "784: **2** of 2" and bars(ada)[3].endswith("**0** of 2")
    slides = lessons_page("S" * 22, **{"class": identity, "slides": "1"})
    assert bars(slides) == bars(ada) and "step_on" not in buttons(slides)


def test_alone_in_a_class_one_sees_the_others_only_after_having_predicted(store: RunStore) -> None:
    identity, _ = opened(store)
    bob = lessons_page(BOB, **{"class": identity, "lesson": "1"})
    predict(bob, 0)
    ada = lessons_page(**{"class": identity, "lesson": "1"})
    assert bars(ada) == []
    predict(ada, 0)
    assert bars(ada)[0].endswith("**2** of 2")


def test_only_the_teacher_leads(store: RunStore) -> None:
    identity, _ = opened(store)
    page = lessons_page(**{"class": identity, "teacher": "wrong", "lesson": "1"})
    assert not {"lead_class", "reveal_predictions"} & buttons(page)


def test_slides_without_a_class_have_buttons_and_few_words() -> None:
    page = lessons_page(lesson="1", slides="1")
    assert FIRST.steps[0].slide in texts(page)
    press(page, "step_on")
    assert FIRST.steps[1].slide in texts(page)


def test_a_word_is_explained_and_an_unknown_one_shows_all() -> None:
    page = lessons_page(word="loss")
    assert glossary()["loss"].plain in texts(page) and glossary()["seed"].plain not in texts(page)
    page = lessons_page(word="nothing")
    assert all(term.plain in texts(page) for term in glossary().values())


@pytest.mark.parametrize("asked", ["99", "../../etc/passwd", "03"])
def test_an_unknown_lesson_in_the_address_shows_the_list(asked: str) -> None:
    assert f"open_lesson_{FIRST.id}" in buttons(lessons_page(lesson=asked))


def test_what_a_lesson_has_trained_is_called_as_its_link() -> None:
    fifth = all_lessons()[0][4]
    page = lessons_page(lesson="5")
    links = []
    for _ in fifth.steps[1:]:
        press(page, "step_on")
        links += [parse_qs(part.proto.query_string) for part in page.get("page_link")]
    labels = [[link.label] for step in fifth.steps for link in step.links if link.page == "train"]
    assert len(labels) >= 4 and [link["name"] for link in links if "name" in link] == labels
