"""The five looks at a picture: what they are, and that a reading is their mean."""

import numpy as np
import pytest

from mnist_core import Recognizer
from mnist_core.data.dataset import load_mnist, to_unit
from mnist_core.ink.canvas import normalize
from mnist_core.nn.network import Network
from mnist_core.reading.looks import ANGLE, views
from mnist_core.reading.weights import ModelCard
from tests.strokes import drawn


def test_five_views_are_the_picture_and_its_turns_and_slants() -> None:
    image = np.zeros((28, 28), np.float32)
    image[4:24, 13:15] = 1
    found = views(np.stack([image, image.T]))
    assert found.shape == (10, 28, 28)
    np.testing.assert_array_equal(found[[0, 5]], [image, image.T])
    # A post leans to one side, then to the other, by four degrees over its height; so it does when slanted.
    tops = [float((view[5] * np.arange(28)).sum() / view[5].sum()) for view in found[1:5]]
    lean = np.tan(np.radians(ANGLE)) * 8.5
    assert sorted(tops) == pytest.approx([13.5 - lean, 13.5 - lean, 13.5 + lean, 13.5 + lean], abs=0.05)
    # A bar is turned too, but slanting leaves its rows where they are.
    heights = [float((view[:, 5] * np.arange(28)).sum() / view[:, 5].sum()) for view in found[6:10]]
    assert sorted(heights) == pytest.approx([13.5 - lean, 13.5, 13.5, 13.5 + lean], abs=0.05)


def test_a_reading_with_five_views_is_their_mean() -> None:
    network = Network(["flatten", "dense 10"], np.random.default_rng(0))
    image = to_unit(load_mnist().test_images[:3])
    one, five = (Recognizer(network, ModelCard("n", "", "", [], views=count)) for count in (1, 5))
    assert five.scores(image[:0]).shape == one.scores(image[:0]).shape == (0, 10)
    np.testing.assert_allclose(
        five.scores(image), [one.scores(views(picture[None])).mean(axis=0) for picture in image], rtol=1e-4, atol=1e-5
    )
    many = np.concatenate([image] * 50)
    np.testing.assert_allclose(five.scores(many), np.tile(five.scores(image), (50, 1)), rtol=1e-4, atol=1e-5)


def test_one_look_says_what_one_look_at_a_group_says() -> None:
    recognizer = Recognizer.load()
    assert recognizer.card.views > 1
    image = normalize(drawn(4))
    assert image is not None
    (quick,), (usual,) = recognizer.read_images([image], one_look=True), recognizer.read_images([image])
    assert quick.digit == usual.digit == 4
    assert quick.confidence == pytest.approx(float(recognizer.group_probabilities(image[None])[0, 4]))
    assert quick.confidence != usual.confidence
