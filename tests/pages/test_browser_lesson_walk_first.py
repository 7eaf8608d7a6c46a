"""A student walks through lessons 1 to 7 in a real browser, follows every link, and does what the lessons ask for."""

import re
from collections.abc import Callable, Iterator, Sequence

import pytest
from playwright.sync_api import Browser, Page, expect

from pages.components.lessons.lesson import Lesson, Link
from pages.components.lessons.lesson_file import all_lessons
from tests.pages.lesson_walks import at_step, back_to, follow, go_on, open_lesson, predict, ready
from tests.pages.test_browser import PATIENCE, Points, clear, digit, draw, listened_to
from tests.pages.test_browser_train import button, until
from tests.strokes import STROKES

LESSONS = all_lessons()[0]
SLASHED_0: list[Points] = [*STROKES[0], [(190, 60), (90, 220)]]


@pytest.fixture
def page(chromium: Browser, app_url: str) -> Iterator[Page]:
    """A new student's page on a desktop; fails on script errors and on requests elsewhere."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page, mistakes = listened_to(context, app_url)
    yield page
    context.close()
    assert mistakes == []


def in_a_corner(digit: int) -> list[Points]:
    """A digit at the top left, about a quarter as high as the canvas."""
    return [[(x / 3 - 8, y / 3 + 2) for x, y in stroke] for stroke in STROKES[digit]]


def read_as(pattern: str, strokes: Sequence[Points], *, first: bool = False) -> Callable[[Page], None]:
    """A drawing, and its answer. first: the canvas is still empty; later the drawing before comes back, and goes."""

    def experiment(page: Page) -> None:
        if not first:
            expect(digit(page)).to_have_text(re.compile(r"^\d"), timeout=PATIENCE)
            clear(page)
        draw(page, strokes)
        expect(digit(page)).to_have_text(re.compile(pattern), timeout=PATIENCE)

    return experiment


def same_without_normalizing(page: Page) -> None:
    """The small 2 is still on the canvas, and is no 2 any more."""
    expect(page.get_by_role("switch", name="Normalize")).not_to_be_checked(timeout=PATIENCE)
    expect(digit(page)).to_have_text(re.compile(r"^\d"), timeout=PATIENCE)
    expect(digit(page)).not_to_have_text(re.compile("^2"), timeout=PATIENCE)


def weights_of_0(page: Page) -> None:
    """Click the unit 0 among the scores, after another one: its weights are shown."""
    scores = page.get_by_role("group", name=re.compile("^The units of layer")).first
    for name in ("3", "0"):
        scores.get_by_role("button").nth(int(name)).click(timeout=PATIENCE)
        expect(page.get_by_text(f"which stands for {name}")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("the score of the answer changes most: 1 → 0 (−")).to_be_visible(timeout=PATIENCE)
    # The way back is found again from far down.
    page.get_by_text("How is this computed?").scroll_into_view_if_needed()


def harmed(page: Page) -> None:
    """Choose Shift: the chart is of shifts then."""
    page.get_by_text("Shift", exact=True).click(timeout=PATIENCE)
    chart = page.get_by_test_id("stVegaLiteChart").last
    expect(chart.locator("svg text", has_text="pixels to the right")).to_be_attached(timeout=PATIENCE)


def maps_clicked(page: Page) -> None:
    maps = page.get_by_role("group", name=re.compile("^The units of layer")).first
    maps.get_by_role("button").nth(2).click(timeout=PATIENCE)
    expect(page.get_by_text("Unit 3 of layer")).to_be_visible(timeout=PATIENCE)


def trained(page: Page, label: str) -> None:
    """Start what the link has set, see its curve, and wait for the end."""
    start = button(page, "start")
    expect(start).to_contain_text(f"Start: {label}", timeout=PATIENCE)
    start.click()
    expect(page.locator(".st-key-run_title").get_by_role("heading", name=label)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stVegaLiteChart").first).to_be_visible(timeout=PATIENCE)
    expect(button(page, "use")).to_be_visible(timeout=2 * PATIENCE)
    expect(page.get_by_text("of the test images right")).to_be_visible(timeout=PATIENCE)


def both_started(page: Page) -> None:
    """Start the published network and its twin, see the curves begin, and stop both."""
    button(page, "start_both").click(timeout=PATIENCE)
    title = page.locator(".st-key-run_title").get_by_role("heading")
    expect(title).to_contain_text("corrected", timeout=PATIENCE)
    until(page, 1)
    expect(page.get_by_test_id("stVegaLiteChart").first).to_be_visible(timeout=PATIENCE)
    button(page, "stop").click(timeout=PATIENCE)
    expect(button(page, "stop")).to_have_count(0, timeout=PATIENCE)
    # The list has the newest first.
    page.locator("[class*='st-key-run_choice'] input").click()
    page.get_by_role("option").nth(1).click(timeout=PATIENCE)
    expect(title).not_to_contain_text("corrected", timeout=PATIENCE)
    button(page, "stop").click(timeout=PATIENCE)
    expect(button(page, "stop")).to_have_count(0, timeout=PATIENCE)


def on_the_curves(page: Page, *names: str) -> None:
    """These runs are on the curves, and no others: nothing of an earlier lesson."""
    shown = page.locator("[class*='st-key-shown_choice'] [data-tag]")
    expect(shown).to_have_text(list(names), timeout=PATIENCE)


def looked_at(page: Page, link: Link) -> None:
    """What every link leads to, if the step asks for nothing more: a canvas, a setting to start, or a view."""
    if link.page == "draw":
        ready(page)
    elif link.page == "train":
        expect(button(page, "start")).to_be_enabled(timeout=PATIENCE)
        # What sets no more than a preset is called by its name.
        says = "Start" if link.query.keys() == {"preset"} else f"Start: {link.label}"
        expect(button(page, "start").get_by_role("paragraph")).to_have_text(says, timeout=PATIENCE)
    elif link.page == "inside":
        expect(page.get_by_text("How is this computed?")).to_be_visible(timeout=PATIENCE)
    else:
        expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE)


def train(label: str, *with_it: str) -> Callable[[Page], None]:
    """A training; with_it: what is on the curves then."""

    def experiment(page: Page) -> None:
        trained(page, label)
        if with_it:
            on_the_curves(page, *with_it)

    return experiment


def rate_1_explodes(page: Page) -> None:
    trained(page, "Rate 1")
    expect(page.get_by_text("Leaving at the top: Rate 1")).to_be_visible(timeout=PATIENCE)
    page.get_by_text("Logarithmic loss").click()
    expect(page.get_by_text("Leaving at the top")).to_have_count(0, timeout=PATIENCE)


EXPERIMENTS: dict[tuple[int, int, int], Callable[[Page], None]] = {
    (1, 2, 0): read_as("^7", STROKES[7], first=True),
    (1, 5, 0): read_as("^2", in_a_corner(2)),
    (1, 5, 1): same_without_normalizing,
    (1, 8, 0): harmed,
    (2, 2, 0): read_as("^3", STROKES[3]),
    (2, 5, 0): weights_of_0,
    (2, 8, 0): read_as("^[1-9]", SLASHED_0),
    (3, 2, 0): train("Rate 0.001"),
    (3, 2, 1): train("Rate 0.1", "Rate 0.001", "Rate 0.1"),
    (3, 5, 0): rate_1_explodes,
    (4, 2, 0): train("Ten hidden units"),
    (4, 2, 1): train("Two hidden units", "Ten hidden units", "Two hidden units"),
    (4, 2, 2): train("No hidden layer"),
    (4, 5, 0): train("A hundred hidden units"),
    (5, 2, 0): train("Learn 500 images by heart"),
    (5, 6, 2): train("With augmentation", "Learn 500 images by heart", "With augmentation"),
    (6, 2, 0): both_started,
    (6, 6, 0): both_started,
    (7, 2, 0): train("Eight units that see everything"),
    (7, 2, 1): train("Small windows that slide", "Eight units that see everything", "Small windows that slide"),
    (7, 5, 0): harmed,
    (7, 5, 2): maps_clicked,
}
"""What is done behind a link: by the number of the lesson and of the step, and the place of the link in it."""


def walked(page: Page, lesson: Lesson) -> None:
    """From the first step, which is shown, to the last."""
    for number, step in enumerate(lesson.steps, 1):
        if number > 1:
            go_on(page, lesson, number)
        if step.choices:
            predict(page, step.choices[-1])
        for place, link in enumerate(step.links):
            follow(page, lesson, number, place)
            looked_at(page, link)
            if experiment := EXPERIMENTS.get((lesson.number, number, place)):
                experiment(page)
            back_to(page, lesson, number)
        if step.about:
            asked = lesson.prediction(step.about)
            assert asked.right is not None
            expect(page.get_by_text(f"You predicted: {asked.choices[-1]}")).to_be_visible(timeout=PATIENCE)
            expect(page.get_by_text(f"What happens: {asked.choices[asked.right]}")).to_be_visible(timeout=PATIENCE)


def test_every_experiment_is_behind_a_link() -> None:
    there = {
        (lesson.number, number, place)
        for lesson in LESSONS
        for number, step in enumerate(lesson.steps, 1)
        for place in range(len(step.links))
    }
    assert EXPERIMENTS.keys() <= there


@pytest.mark.parametrize("numbers", [(1, 2), (3, 4), (5, 6, 7)], ids=lambda numbers: "-".join(map(str, numbers)))
def test_a_student_walks_from_lesson_to_lesson(page: Page, app_url: str, numbers: tuple[int, ...]) -> None:
    for number in numbers:
        lesson = LESSONS[number - 1]
        if number == numbers[0]:
            open_lesson(page, app_url, lesson)
        else:
            button(page, "next_lesson").click(timeout=PATIENCE)
            at_step(page, lesson, 1)
        walked(page, lesson)
    expect(button(page, "next_lesson")).to_be_visible(timeout=PATIENCE)
