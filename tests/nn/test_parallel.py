"""Several threads at one batch: the same sums in the same order, no waiting for a thread that failed, no mixing."""

import dataclasses
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from mnist_core.data.dataset import Dataset, load_mnist, to_unit
from mnist_core.errors import InputError
from mnist_core.nn.folding import folded
from mnist_core.nn.layers import Tape
from mnist_core.nn.layers.regularization import BatchNorm
from mnist_core.nn.network import Network
from mnist_core.nn.parallel import ThreadTeam
from mnist_core.reading.recognizer import Recognizer
from mnist_core.training.config import TrainingConfig
from mnist_core.training.trainer import Trainer

PICTURES = ("conv 4 5 biases=none", "batchnorm", "relu", "maxpool 2", "conv 12 5", "batchnorm", "relu", "flatten")
LAYERS = (*PICTURES, "dropout 0.3", "dense 10")
CONFIG = TrainingConfig(
    LAYERS, batch_size=64, epochs=2, train_images=160, validation=40, augmentation="warp elastic=1", seed=3
)


def some_images() -> Dataset:
    data = load_mnist()
    return Dataset(
        "some", data.train_images[:200], data.train_labels[:200], data.test_images[:20], data.test_labels[:20]
    )


def weights_after(config: TrainingConfig, threads: int) -> np.ndarray:
    trainer = Trainer(config, some_images(), threads)
    list(trainer.run())
    return trainer.network.parameters.copy()


def test_the_same_number_of_threads_gives_the_same_network_bit_for_bit() -> None:
    assert (weights_after(CONFIG, 2) == weights_after(CONFIG, 2)).all()


@pytest.mark.slow
@pytest.mark.parametrize("threads", [2, 3])
def test_more_threads_compute_the_same_but_for_rounding(threads: int) -> None:
    """Without dropout, whose random numbers belong to a thread; in float64, where rounding stays small."""
    layers = (*PICTURES, "dense 10")
    config = dataclasses.replace(CONFIG, layers=layers, dtype="float64", optimizer="sgd", learning_rate=0.05)
    alone, together = weights_after(config, 1), weights_after(config, threads)
    assert (alone != together).any()
    np.testing.assert_allclose(alone, together, atol=1e-9)


@pytest.mark.slow
def test_a_large_batch_of_a_dense_network_goes_through_two_threads_in_parts() -> None:
    data = load_mnist()
    config = TrainingConfig(
        ("flatten", "dense 10"), batch_size=3500, epochs=1, validation=0, dtype="float64", optimizer="sgd"
    )
    one, two = Trainer(config, data), Trainer(config, data, 2)
    assert two.batches.threads_for(3500) == 2 and one.batches.threads_for(3500) == 1
    for a, b in zip(one.run(1), two.run(1), strict=True):
        assert a.loss == pytest.approx(b.loss, rel=1e-12) and a.accuracy == pytest.approx(b.accuracy, rel=1e-12)
    np.testing.assert_allclose(one.network.parameters, two.network.parameters, atol=1e-12)


@pytest.mark.timeout(60)
def test_a_batch_that_is_too_small_for_all_threads_goes_through_one() -> None:
    config = dataclasses.replace(CONFIG, train_images=144)  # 64 + 64 + 16
    trainer = Trainer(config, some_images(), 2)
    assert [trainer.batches.threads_for(count) for count in (64, 16, 1)] == [2, 1, 1]
    for report in trainer.run(1):
        if report.step == 4:
            trainer.change(batch_size=10)
    assert trainer.finished and np.isfinite(trainer.network.parameters).all()


def test_whoever_stops_a_large_batch_does_not_wait_for_the_other_thread() -> None:
    """The other thread stays in its first part until the batch is given up, and must not begin a second one."""

    class Stopped(Exception):
        pass

    config = TrainingConfig(("conv 4 5", "flatten", "dense 10"), batch_size=4000, epochs=1, validation=0)
    trainer = Trainer(config, load_mnist(), 2)
    exchange, forward = trainer.batches.team.exchange, trainer.network.forward
    main, other_has_begun = threading.get_ident(), threading.Event()
    parts: list[str] = []
    deadline = time.monotonic() + 20

    def counted(*arguments: np.ndarray, **options: bool) -> np.ndarray:
        if threading.get_ident() == main:
            assert other_has_begun.wait(20)
            parts.append("main")
        else:
            parts.append("other")
            other_has_begun.set()
            while not exchange.broken and time.monotonic() < deadline:
                time.sleep(0.001)
            if not exchange.broken:
                parts.append("not given up")
        return forward(*arguments, **options)  # type: ignore[arg-type]

    def stop_after_the_first_part() -> None:
        if parts:
            raise Stopped

    trainer.network.forward, trainer.check = counted, stop_after_the_first_part  # type: ignore[method-assign, assignment]
    with pytest.raises(Stopped):
        list(trainer.run())
    assert parts == ["other", "main"]

    def counted_only(*arguments: np.ndarray, **options: bool) -> np.ndarray:
        parts.append("again")
        return forward(*arguments, **options)  # type: ignore[arg-type]

    trainer.network.forward, trainer.check = counted_only, (lambda: None)  # type: ignore[method-assign, assignment]
    next(trainer.run(1))
    assert parts.count("again") == 32


def test_a_training_in_two_threads_goes_on_bit_for_bit() -> None:
    whole = Trainer(CONFIG, some_images(), 2)
    list(whole.run())
    first = Trainer(CONFIG, some_images(), 2)
    for report in first.run(1):
        if report.step == 2:
            arrays, facts = first.state()
            break
    second = Trainer(CONFIG, some_images(), 2)
    second.restore({name: array.copy() for name, array in arrays.items()}, facts)
    list(second.run())
    assert (second.network.parameters == whole.network.parameters).all()


def test_a_checkpoint_of_another_number_of_threads_is_refused() -> None:
    arrays, facts = Trainer(CONFIG, some_images(), 2).state()
    with pytest.raises(InputError, match="the checkpoint"):
        Trainer(CONFIG, some_images(), 1).restore(arrays, facts)


@pytest.mark.parametrize("threads", [0, 65])
def test_an_impossible_number_of_threads_is_refused(threads: int) -> None:
    with pytest.raises(InputError, match=f"threads: expected 1 to 64, found {threads}"):
        Trainer(CONFIG, some_images(), threads)


def test_batch_normalization_in_two_threads_is_that_of_the_whole_batch() -> None:
    rng = np.random.default_rng(0)
    x, dy = rng.normal(3, 2, (10, 4, 3, 2)), rng.normal(size=(10, 4, 3, 2))
    layer, twin = BatchNorm(), BatchNorm()
    for each in (layer, twin):
        each.build((4, 3, 2), rng, np.dtype(float))
    tape = Tape(training=True)
    y, dx = layer.forward(x, tape).copy(), layer.backward(dy.copy(), tape).copy()
    team = ThreadTeam(2)
    tapes = [Tape(training=True, thread=thread, exchange=team.exchange) for thread in range(2)]
    shares = [slice(0, 7), slice(7, 10)]

    def one_thread(thread: int) -> tuple[np.ndarray, np.ndarray]:
        forward = twin.forward(x[shares[thread]], tapes[thread]).copy()
        return forward, twin.backward(dy[shares[thread]].copy(), tapes[thread])

    (y0, dx0), (y1, dx1) = team.run(one_thread, 2)
    np.testing.assert_allclose(np.concatenate([y0, y1]), y, atol=1e-12)
    np.testing.assert_allclose(np.concatenate([dx0, dx1]), dx, atol=1e-12)
    for name in ("scale", "shift"):
        both = tapes[0].gradients[name] + tapes[1].gradients[name]
        np.testing.assert_allclose(both, tape.gradients[name], atol=1e-12)
    for name in ("mean", "variance"):
        np.testing.assert_allclose(layer.state[name], twin.state[name], atol=1e-12)


def test_nobody_waits_for_a_thread_that_failed_and_the_team_works_again() -> None:
    team = ThreadTeam(3)

    def fail_in_the_second(thread: int) -> None:
        if thread == 1:
            raise MemoryError("no more")
        team.exchange.all_gather(thread, np.zeros(1))

    with pytest.raises(MemoryError, match="no more"):
        team.run(fail_in_the_second, 3)
    with pytest.raises(ValueError, match="threads: expected 1 to 3, found 4"):
        team.run(lambda thread: thread, 4)
    brought = team.run(lambda thread: [int(a[0]) for a in team.exchange.all_gather(thread, np.array([thread]))], 3)
    assert brought == [[0, 1, 2]] * 3


def test_numpy_s_error_settings_hold_in_every_thread() -> None:
    with np.errstate(all="raise"):
        settings = ThreadTeam(2).run(lambda thread: np.geterr()["divide"], 2)
    assert settings == ["raise", "raise"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["default", "mlp"])
def test_sixteen_threads_infer_different_images_at_once(name: str) -> None:
    recognizer, images = Recognizer.load(name), to_unit(load_mnist().test_images[:1600])
    parts = np.split(images, 16)
    alone = [recognizer.network.predict(part) for part in parts]
    start = threading.Barrier(16)

    def infer(part: np.ndarray) -> list[np.ndarray]:
        start.wait()
        return [recognizer.network.predict(part) for _ in range(5)]

    with ThreadPoolExecutor(16) as pool:
        for expected, found in zip(alone, pool.map(infer, parts), strict=True):
            assert all((again == expected).all() for again in found)


@pytest.mark.slow
def test_two_threads_infer_what_one_infers() -> None:
    network, images = Recognizer.load().network, to_unit(load_mnist().test_images[:500])
    for some in (images, images[:1], images[:0]):
        assert (network.logits(some, 2) == network.logits(some)).all()


def test_a_network_keeps_no_image_after_inference() -> None:
    network, images = Recognizer.load().network, to_unit(load_mnist().test_images[:100])
    alive = weakref.ref(images)
    network.logits(images)
    del images
    assert alive() is None


def test_a_folded_network_has_no_normalization_left_and_the_same_answers() -> None:
    trainer = Trainer(CONFIG, some_images())
    list(trainer.run())
    network, images = trainer.network, to_unit(load_mnist().test_images[:300])
    faster = folded(network)
    assert faster.description == [
        *("conv 4 5", "maxpool", "relu", "conv 12 5", "relu", "flatten", "dense 10"),
    ]
    np.testing.assert_allclose(faster.logits(images), network.logits(images), atol=1e-4)


def test_normalization_that_nothing_can_take_over_stays() -> None:
    layers = ["batchnorm", "flatten", "dense 5 biases=normal:0.5", "tanh", "batchnorm", "dense 10", "batchnorm"]
    network = Network(layers, np.random.default_rng(0), dtype=np.float64)
    rng = np.random.default_rng(1)
    for layer in network.layers:
        for array in (layer.parameters | layer.state).values():
            array[...] = rng.uniform(0.5, 2, array.shape)
    faster = folded(network)
    assert [text.split()[0] for text in faster.description] == [
        "batchnorm",
        "flatten",
        "dense",
        "tanh",
        "batchnorm",
        "dense",
    ]
    images = rng.random((4, 28, 28))
    np.testing.assert_allclose(faster.logits(images), network.logits(images), rtol=1e-10)
