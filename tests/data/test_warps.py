"""Warped images: what a warp does to pixels."""

import numpy as np
import pytest

from mnist_core.data.augment import Warp, sample_bilinear
from mnist_core.data.dataset import load_mnist, to_unit
from mnist_core.errors import InputError


def test_a_warp_may_leave_a_share_of_the_images_as_they_are() -> None:
    images = np.random.default_rng(0).random((400, 28, 28), np.float32)
    changed = Warp(elastic=0.5, share=0.25)(images, np.random.default_rng(1))
    same = np.array([np.array_equal(new, old) for new, old in zip(changed, images, strict=True)])
    assert 0.68 < same.mean() < 0.82
    with pytest.raises(InputError, match="share from 0 to 1"):
        Warp(share=1.5)


def test_no_warp_is_no_change_and_a_shift_moves_whole_pixels() -> None:
    images = np.random.default_rng(0).random((2, 28, 28), np.float32)
    still = Warp(rotation=0, scale=0, shift=0, shear=0)(images, np.random.default_rng(0))
    np.testing.assert_allclose(still, images, atol=1e-5)
    rows, columns = np.meshgrid(np.arange(28.0), np.arange(28.0), indexing="ij")
    moved = sample_bilinear(images, np.stack([rows + 3] * 2), np.stack([columns - 2] * 2))
    np.testing.assert_allclose(moved[:, :25, 2:], images[:, 3:, :26], atol=1e-6)
    assert (moved[:, 25:] == 0).all() and (moved[:, :, :2] == 0).all()


def test_half_a_pixel_is_the_mean_of_two() -> None:
    image = np.zeros((1, 1, 2), np.float32)
    image[0, 0] = [1, 3]
    assert sample_bilinear(image, np.zeros((1, 1, 1)), np.full((1, 1, 1), 0.5))[0, 0, 0] == 2


def test_a_quarter_turn_by_the_warp_is_numpy_s() -> None:
    images = np.random.default_rng(0).random((400, 28, 28), np.float32)
    warp = Warp(rotation=180, scale=0, shift=0, shear=0)
    turned = warp(images, np.random.default_rng(3))
    angles = np.degrees(np.random.default_rng(3).uniform(-np.pi, np.pi, 400))
    for turn, quarters in ((90, 1), (-90, -1)):
        nearest = int(np.abs(angles - turn).argmin())
        assert abs(angles[nearest] - turn) < 2
        assert np.abs(turned[nearest] - np.rot90(images[nearest], quarters)).mean() < 0.12


def test_warped_digits_stay_digits() -> None:
    images = to_unit(load_mnist().test_images[:200])
    warped = Warp(elastic=1.0)(images, np.random.default_rng(0))
    assert warped.dtype == np.float32 and warped.shape == images.shape
    assert warped.min() >= 0 and warped.max() <= 1
    assert warped.sum() == pytest.approx(images.sum(), rel=0.1)
    assert np.abs(warped - images).mean() > 0.02
