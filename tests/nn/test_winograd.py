"""Convolutions in tiles against those by columns: the same numbers, forward and backward, for shapes of all kinds."""

import numpy as np
import pytest

from mnist_core.nn.layers import Tape, row_tiles, rows, tiles, winograd
from mnist_core.nn.layers.base import planes
from mnist_core.nn.layers.columns import Columns
from mnist_core.nn.layers.convolution import Conv2D


def both_ways(
    monkeypatch: pytest.MonkeyPatch, layer: Conv2D, x: np.ndarray, dy: np.ndarray
) -> list[tuple[np.ndarray, ...]]:
    """Output, gradient by the input and by the weights: by tiles, then by columns."""
    results: list[tuple[np.ndarray, ...]] = []
    for worth in (np.inf, 0):
        monkeypatch.setattr("mnist_core.nn.layers.convolution.WORTH_IT", worth)
        tape = Tape(training=True)
        y = layer.forward(x, tape).copy()
        assert isinstance(layer._way(planes(x)), Columns) == (worth == 0)
        dx = layer.backward(dy.copy(), tape).copy()
        inference = layer.forward(x)
        results.append((y, dx, tape.gradients["weights"].copy(), inference))
    return results


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("size", [3, 5])
@pytest.mark.parametrize("shape", [(12, 12, 3), (9, 14, 2), (5, 6, 1), (16, 7, 4), (6, 8, 2), (13, 11, 2), (7, 24, 1)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_tiles_give_what_columns_give(
    monkeypatch: pytest.MonkeyPatch, size: int, padding: str, shape: tuple[int, int, int], dtype: type
) -> None:
    rng = np.random.default_rng(size)
    layer = Conv2D(6, size, padding, biases="normal")
    out = layer.output_shape(shape)
    layer.build(shape, rng, np.dtype(dtype))
    x: np.ndarray = rng.normal(size=(5, *shape)).astype(dtype)
    dy: np.ndarray = rng.normal(size=(5, *out)).astype(dtype)
    limit = 1e-12 if dtype is np.float64 else 1e-4
    for fast, columns in zip(*both_ways(monkeypatch, layer, x, dy), strict=True):
        assert fast.dtype == dtype
        np.testing.assert_allclose(fast, columns, atol=limit * np.abs(columns).max(), rtol=0)


@pytest.mark.parametrize(("size", "shape", "filters"), [(5, (12, 12, 32), 64), (3, (16, 16, 48), 48)])
def test_float32_keeps_four_digits_more_than_training_needs(
    monkeypatch: pytest.MonkeyPatch, size: int, shape: tuple[int, int, int], filters: int
) -> None:
    """Layers of the size that networks here have, whose inputs come from a ReLU: the error of the fast way."""
    rng = np.random.default_rng(0)
    layer, exact = Conv2D(filters, size), Conv2D(filters, size)
    for each, dtype in ((layer, np.float32), (exact, np.float64)):
        each.build(shape, np.random.default_rng(1), np.dtype(dtype))
    exact.parameters["weights"][...] = layer.parameters["weights"]
    x, dy = np.maximum(rng.normal(size=(32, *shape)), 0), rng.normal(size=(32, *layer.output_shape(shape)))
    fast = both_ways(monkeypatch, layer, x.astype(np.float32), dy.astype(np.float32))[0]
    truth = both_ways(monkeypatch, exact, x, dy)[1]
    for found, expected in zip(fast, truth, strict=True):
        assert np.abs(found - expected).max() < 3e-5 * np.abs(expected).max()


@pytest.mark.parametrize(("size", "outputs"), [(5, tiles.OUTPUTS[5]), *((3, m) for m in row_tiles.OUTPUTS[3])])
def test_the_matrices_compute_a_correlation_exactly(size: int, outputs: int) -> None:
    """y = A^T [(G g) * (B^T d)] for whole numbers, which float64 holds exactly up to a last rounding."""
    rng = np.random.default_rng(0)
    output, kernel_to_points, pixels_to_points = winograd.matrices(size, outputs, np.dtype(np.float64))
    kernel, pixels = rng.integers(-9, 10, size), rng.integers(-9, 10, outputs + size - 1)
    found = output @ ((kernel_to_points @ kernel) * (pixels_to_points @ pixels))
    np.testing.assert_allclose(found, np.correlate(pixels, kernel), atol=1e-9)


@pytest.mark.parametrize(("width", "outputs"), [(7, 7), (8, 4), (14, 7), (28, 7), (4, 4), (12, 4), (24, 4), (1, 4)])
def test_rows_are_covered_with_little_waste(width: int, outputs: int) -> None:
    assert row_tiles.outputs_of_tile(3, width) == outputs


def test_tiles_are_used_where_they_save_work_only() -> None:
    many, small, few = Conv2D(64, 5), Conv2D(48, 3, "same"), Conv2D(32, 5)
    many.build((12, 12, 32), np.random.default_rng(0), np.dtype(np.float32))
    small.build((14, 14, 24), np.random.default_rng(0), np.dtype(np.float32))
    few.build((28, 28, 1), np.random.default_rng(0), np.dtype(np.float32))
    assert isinstance(many._way(np.empty((32, 12, 12, 64), np.float32)), tiles.Tiling)
    assert isinstance(small._way(np.empty((24, 14, 14, 64), np.float32)), row_tiles.RowTiling)
    # For a single image, bringing the kernel to the points would cost more than it saves.
    assert isinstance(many._way(np.empty((32, 12, 12, 1), np.float32)), Columns)
    assert isinstance(few._way(np.empty((1, 28, 28, 64), np.float32)), Columns)


def test_products_of_many_rows_are_added_up_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    a, b, out = rng.normal(size=(2, 7, 3, 5)), rng.normal(size=(2, 7, 5, 4)), np.full((2, 3, 4), np.nan)
    monkeypatch.setattr(rows, "MAX_VALUES_OF_ROWS", 3 * out.size)
    rows.add_up_products(a, b, out, Tape(training=True))
    np.testing.assert_allclose(out, np.einsum("trkm,trmf->tkf", a, b), atol=1e-12)
    rows.add_up_products(a[:, :1], b[:, :1], out, Tape(training=True))
    np.testing.assert_allclose(out, a[:, 0] @ b[:, 0], atol=1e-12)


def test_rows_with_gaps_are_refused() -> None:
    picture = np.zeros((6, 4, 5))
    assert rows.under_windows(picture, 3, 4).shape == (4, 12, 5)
    for found, count in ((picture[:, :3], 4), (picture[::2], 1), (picture, 5)):
        with pytest.raises(ValueError, match="rows without gaps"):
            rows.under_windows(found, 3, count)
