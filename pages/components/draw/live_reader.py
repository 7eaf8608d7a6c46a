"""Reads the pictures that an open Draw page sends while the pen moves (live_route.py takes them in)."""

import math
import threading
import time

import numpy as np

from mnist_core import InputError, Reading, Recognizer
from mnist_core.ink import canvas, decode_image
from mnist_core.runs import new_secret
from pages.components.catalogs import ENGLISH
from pages.components.course import Course
from pages.components.draw.answer_texts import Bars, answer, bars
from pages.components.draw.live_pace import QUICKEST, live_pace
from pages.components.draw.live_picture import LivePicture
from pages.components.drawing import SIDE, image_of
from pages.components.language import spoken

MOST_WAITING = 2
"""So many pictures of one page are in work at once: one, and the one after the pen was lifted."""

LIFTED = 0.1
"""Nobody ends two strokes within so many seconds."""


class TooSoonError(Exception):
    """A picture that the page should not have sent yet."""


class LiveAnswer(Bars):
    """What the browser shows. number: the picture's; digit: in large type; words: Markdown; pace: milliseconds."""

    number: int
    digit: str
    words: str
    pace: int | None


class LiveReader:
    """One for each open Draw page; the page says which network reads. token: the secret that the page sends along.

    course: how the answer came about; the page shows it, and each reading is added.
    """

    def __init__(self, course: Course) -> None:
        self.token = new_secret()
        self.course = course
        self._reads: tuple[Recognizer, bool] | None = None
        self._language = ENGLISH
        self._working = threading.Lock()
        self._counting = threading.Lock()
        self._waiting = 0
        self._heard_at = self._lifted_at = -math.inf

    def use(self, recognizer: Recognizer, normalized: bool, language: str = ENGLISH) -> None:
        """From now on this network reads, and is shown normalized pictures or plain ones. Another one begins anew.

        language: of the page; the answers are in it.
        """
        before, self._language = self._reads, language
        if before is None or (before[0].identity, before[1]) != (recognizer.identity, normalized):
            self._reads = recognizer, normalized
            self.course.clear()

    def read(self, picture: LivePicture) -> LiveAnswer:
        """Read a picture; raises `TooSoonError`, or `InputError` for bytes that are no picture of a canvas."""
        with self._counting:
            now = time.monotonic()
            # The browser keeps to the pace; a program that does not is not served.
            since = now - (self._lifted_at if picture.last else self._heard_at)
            if self._waiting >= MOST_WAITING or since < (LIFTED if picture.last else QUICKEST / 2):
                raise TooSoonError
            if picture.last:
                self._lifted_at = now
            self._waiting += 1
            self._heard_at = now
        try:
            with self._working:
                return self._read(picture)
        finally:
            with self._counting:
                self._waiting -= 1

    def _read(self, picture: LivePicture) -> LiveAnswer:
        if self._reads is None:
            raise InputError("The page has not chosen a network yet.")
        began = time.thread_time()
        recognizer, normalized = self._reads
        drawing = decode_image(picture.png, "the picture", max_pixels=SIDE * SIDE)
        image = image_of(drawing, canvas.normalize_steps(drawing, canvas.BLACK), normalized)
        (reading,) = recognizer.read_images([image])
        self.note(reading, picture.drawn / 1000)
        # This is a thread without a page.
        with spoken(self._language):
            digit, words = answer(reading)
            shown = bars(reading, recognizer.knows_others)
        live_pace().note(self.token, time.thread_time() - began)
        pace = live_pace().seconds()
        return {
            "number": picture.number,
            "digit": digit,
            "words": words,
            "pace": None if pace is None else round(1000 * pace),
            **shown,
        }

    def note(self, reading: Reading, drawn: float | None = None) -> None:
        """Add it to the course. drawn: seconds with the pen down before it; None for the last moment that is known."""
        if reading.status == "blank":
            self.course.clear()
        if reading.digit is None or self._reads is None:
            return
        shares = reading.probabilities * (1 - reading.other)
        if self._reads[0].knows_others:
            shares = np.append(shares, reading.other)
        self.course.add(self.course.last() if drawn is None else drawn, shares)
