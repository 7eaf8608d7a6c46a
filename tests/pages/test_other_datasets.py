"""The pages with other datasets than digits: chosen in a box and in the address, with 3, 10 and 47 classes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mnist_core import Recognizer, Trainer, TrainingConfig, load_mnist
from mnist_core.data.class_names import EMNIST
from mnist_core.data.registry import load_dataset
from mnist_core.drawings import ClassDrawings, DrawingStore, NewDrawing
from mnist_core.reading.weights import ModelCard
from mnist_core.recipes.publish import save_trained
from mnist_core.runs.store import RunStore
from pages.components.answers import most_confused, shown_classes
from pages.components.draw.answer_texts import answer, bars
from pages.components.words import a_class, escaped, in_short
from tests.data.idx_folders import made_up, make_emnist, make_idx
from tests.pages.test_inside_page import address, grid
from tests.pages.test_pages import ROOT, png, put_shared, texts
from tests.pages.test_train_page import SECRET, press, settled, train_page
from tests.reading.test_other_classes import certain
from tests.strokes import STROKES, drawn

LETTERS, CLOTHES = EMNIST["balanced"], ("T-shirt/top", "Trouser", "*_odd_*")


@pytest.fixture(autouse=True, scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("data")
    make_emnist(folder / "letters", "balanced", *made_up(47, 12), 94)
    make_idx(folder / "clothes", *made_up(3, 60), 30, "\n".join(CLOTHES))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIGIT_DATA_DIR", str(folder))
        yield folder


@pytest.fixture(scope="module")
def trained(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Recognizer]:
    """A network for each dataset."""
    found = {}
    for name in ("letters", "clothes"):
        dataset = load_dataset(name)
        layers = ("flatten", "dense 8", "relu", f"dense {len(dataset.classes)}")
        trainer = Trainer(TrainingConfig(layers, learning_rate=0.01, epochs=6, validation=20, batch_size=32), dataset)
        list(trainer.run())
        place = tmp_path_factory.mktemp(name)
        save_trained(trainer, dataset, place, ModelCard("own", f"My {name}", "", [], dataset=name))
        found[name] = Recognizer.load("own", place)
    return found


def page(path: str, own: Recognizer | None = None, drawing: bool = False, **query: str) -> AppTest:
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    networks = {} if own is None else {"upload:own": own}
    put_shared(test, visitor=SECRET, drawing=png(drawn(3)) if drawing else None, own_networks=networks)
    for name, value in (query | ({} if own is None else {"network": "upload:own"})).items():
        test.query_params[name] = value
    if path:
        test.switch_page(path)
    test.run()
    assert not test.exception, test.exception
    return test


def dataset_box(test: AppTest) -> Any:
    (box,) = (box for box in test.selectbox if box.label == "Dataset")
    return box


@pytest.mark.usefixtures("store")
def test_the_data_page_shows_any_of_them() -> None:
    usual = page("pages/data.py")
    assert dataset_box(usual).options == ["MNIST", "clothes", "letters"] and "60,000 images" in texts(usual)
    assert "dataset" not in usual.query_params
    dataset_box(usual).set_value("letters").run()
    assert not usual.exception and address(usual, "dataset") == "letters"
    assert "letters: 470 training images and 94 test images of 47 classes, 0 to 9, A to Z, a, b, d to h" in texts(usual)
    gallery = page("pages/data.py", dataset="clothes", view="gallery")
    assert {cell["caption"] for cell in grid(gallery, "Images 0 to 119")["cells"]} == set(CLOTHES)
    gallery.segmented_control(key="gallery_digit_clothes").set_value(1).run()
    assert {cell["caption"] for cell in grid(gallery, "Images")["cells"]} == {"Trouser"} and not gallery.exception
    doubts = page("pages/data.py", dataset="letters", view="doubts")
    assert "Nobody has yet asked people about the labels of letters" in doubts.info[0].value
    strange = page("pages/data.py", dataset="../letters")
    assert "not to be chosen here" in strange.toast[0].value and "60,000 images" in texts(strange)


@pytest.mark.usefixtures("store")
def test_a_damaged_dataset_is_told_and_the_page_goes_on(folder: Path) -> None:
    make_idx(folder / "broken", *made_up(3, 20), 15, "only one")
    try:
        for path in ("pages/data.py", "pages/train.py"):
            test = page(path, dataset="broken") if "data" in path else train_page(dataset="broken")
            words = "\n".join(box.value for box in [*test.error, *test.warning])
            assert "classes.txt: expected the names of 2 to 62 classes, found 1" in words
    finally:
        for file in (folder / "broken").iterdir():
            file.unlink()


@pytest.mark.slow
def test_a_training_gets_an_output_for_each_class(store: RunStore) -> None:
    test = train_page(epochs="3", learning_rate="0.01", batch_size="32")
    assert dataset_box(test).value == "" and "`dense 10`" in texts(test)
    dataset_box(test).set_value("letters").run()
    assert not test.exception and not test.error and "`dense 47`" in texts(test)
    assert (address(test, "dataset"), address(test, "epochs")) == ("letters", "3")
    assert "layers" not in test.query_params and test.number_input(key="set_validation").value == 470 // 6
    press(test, "start")
    run = settled(test, store, "finished")
    assert (run.info.dataset, run.info.class_names) == ("letters", LETTERS)
    assert run.info.config.layers[-1] == "dense 47"
    for look in ("Mistakes", "Your drawing"):
        (choice,) = (group for group in test.segmented_control if group.label == "Look inside")
        choice.set_value(look).run()
        assert not test.exception
    press(test, "again_seed")
    assert settled(test, store, "finished").info.dataset == "letters"
    # Back to the digits: the setting follows.
    dataset_box(test).set_value("").run()
    assert "`dense 10`" in texts(test) and "dataset" not in test.query_params and not test.error


@pytest.mark.slow
def test_layers_of_a_link_are_fitted_only_when_the_dataset_is_chosen_by_hand(store: RunStore) -> None:
    link = {"layers": "flatten;dense 7;tanh;dense 10", "dataset": "letters"}
    test = train_page(**link)
    words = "expected 47 outputs, one for each class of letters, found 10"
    assert words in test.error[0].value and test.button(key="start").disabled
    test = train_page(layers=link["layers"])
    dataset_box(test).set_value("clothes").run()
    assert not test.error and test.text_area(key="set_layers").value == "flatten\ndense 7\ntanh\ndense 3"
    unknown = train_page(dataset="nothing")
    assert "There is no dataset called 'nothing' on this server" in unknown.warning[0].value


@pytest.mark.slow
@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("name", ["letters", "clothes"])
@pytest.mark.parametrize("view", ["layers", "why", "mistakes", "map", "networks"])
def test_every_view_of_the_inside_page(trained: dict[str, Recognizer], name: str, view: str) -> None:
    for picture in ("test-1", "drawing"):
        test = page("pages/inside.py", trained[name], drawing=True, view=view, image=picture)
        assert not test.error and "digit " not in texts(test).replace("digit_", "")
    labels = load_dataset(name).test_labels
    if view == "mistakes":
        assert f"Of the {len(labels)} test images, one look at each gives" in texts(test)
    if view == "networks":
        assert "No other network here reads the same classes" in texts(test) and "**This network reads" in texts(test)


@pytest.mark.slow
@pytest.mark.usefixtures("store")
def test_the_inside_page_offers_what_the_network_reads(trained: dict[str, Recognizer]) -> None:
    test = page("pages/inside.py", trained["letters"], image="test-0", view="mistakes")
    assert dataset_box(test).options == ["MNIST", "letters"] and dataset_box(test).value == "letters"
    dataset_box(test).set_value("").run()
    assert not test.exception and "Of the 10,000 test images" in texts(test) and address(test, "dataset") == ""
    digits = page("pages/inside.py", image="test-0", dataset="letters")
    assert all(box.label != "Dataset" for box in digits.selectbox)
    assert "not to be chosen here" in digits.toast[0].value and "Test image 0, a 7" in captions(digits)
    stranger = page("pages/inside.py", certain(("up", "down"), "up"), view="mistakes")
    assert "No dataset of these can be chosen here" in stranger.info[0].value


def captions(test: AppTest) -> str:
    return "\n".join(image.proto.imgs[0].caption for image in test.get("image"))


@pytest.mark.usefixtures("store")
def test_the_draw_page_shows_names(trained: dict[str, Recognizer]) -> None:
    empty = page("", trained["letters"])
    assert "This network reads 0 to 9, A to Z, a, b, d to h, n, q, r and t." in texts(empty).replace("\\", "")
    read = page("", certain(LETTERS, "q"), drawing=True)
    assert read.metric[0].value == "q" and "sure" in texts(read)
    word = page("", certain(CLOTHES, "*_odd_*"), drawing=True)
    assert word.metric[0].value == "*_odd_*"
    number = page("", trained["clothes"], mode="number", drawing=True)
    assert not number.exception


def test_a_reading_of_many_classes_shows_the_likeliest() -> None:
    reading = certain(LETTERS, "q").read(drawn(3))
    shown = bars(reading, False)
    assert len(shown["names"]) == 10 and "q" in shown["names"] and shown["shares"] is not None
    assert shown["shares"][shown["names"].index("q")] == max(shown["shares"])
    odd = certain(CLOTHES, "*_odd_*", others=1).read(drawn(3))
    assert answer(odd)[0] == "*_odd_*" and bars(odd, True)["names"] == [*CLOTHES, "none"]
    assert escaped("*_odd_*") == r"\*\_odd\_\*"
    assert shown_classes(np.arange(12.0)) == list(range(12)) and shown_classes(np.arange(62.0)) == list(range(52, 62))
    counts = np.eye(47, dtype=int) * 9
    counts[40, 3] = 5
    assert {3, 40} <= set(most_confused(counts)) and len(most_confused(counts)) == 10


def test_classes_in_words() -> None:
    assert in_short(tuple("0123456789")) == "0 to 9" and in_short(EMNIST["byclass"]) == "0 to 9, A to Z and a to z"
    assert in_short(("left", "right")) == "left and right" and in_short("ab") == "a and b"
    assert (
        in_short([f"class {number}" for number in range(7)]) == "class 0, class 1, class 2, class 3, class 4 and 2 more"
    )
    assert [a_class(name) for name in ("7", "8", "A", "b", "x", "Trouser")] == [
        "a 7",
        "an 8",
        "an A",
        "a b",
        "an x",
        "Trouser",
    ]
    assert load_mnist().classes == tuple("0123456789")


def keep_drawings(store: RunStore, secret: str, each: int = 5) -> None:
    """So many drawings of each of six digits, as this visitor drew them."""
    new = [NewDrawing(drawn(digit, width), str(digit)) for digit in STROKES for width in range(16, 16 + each)]
    DrawingStore(store.root).add(secret, new)


@pytest.mark.slow
def test_own_drawings_are_a_dataset_and_nobody_else_s_is(store: RunStore) -> None:
    keep_drawings(store, SECRET)
    test = train_page(dataset="own:drawings", epochs="2", batch_size="8")
    assert dataset_box(test).options == ["MNIST", "clothes", "letters", "My drawings"]
    assert not test.warning and "20 images" in texts(test)
    press(test, "start")
    run = settled(test, store, "finished")
    assert (run.info.dataset, run.info.class_names) == ("own:drawings", tuple("0123456789"))
    card = Recognizer.load("network", run.folder).card
    assert card.data.startswith("My drawings, 20 training images and 4 for validation")
    # What was drawn is not kept in a second place.
    assert not run.file("images.npz").exists()
    with np.load(run.file("view.npz")) as view:
        assert not len(view["worst_images"])
    data = page("pages/data.py", dataset="own:drawings")
    assert "My drawings: 24 training images and 6 test images of 10 classes" in texts(data)
    inside = page("pages/inside.py", view="mistakes", dataset="own:drawings", image="test-0")
    assert "test images, one look at each gives" in texts(inside) and not inside.error
    stranger = train_page(secret="B" * 22, dataset="own:drawings")
    assert "There is no dataset called 'own:drawings'" in stranger.warning[0].value


@pytest.mark.slow
def test_a_class_s_drawings_are_a_dataset_for_its_members(store: RunStore) -> None:
    ada, bob, stranger = "A" * 22, "B" * 22, "C" * 22
    info, _ = store.classes.open("5b", "the teacher")
    given = ClassDrawings(DrawingStore(store.root), store.classes)
    for secret in (ada, bob):
        keep_drawings(store, secret, 4)
        store.classes.members.join(info.id, secret)
    given.give(info.id, bob)
    name = f"class:{info.id}"
    # 24 drawings are too few; with Ada's there are enough.
    assert "Class 5b" not in dataset_box(train_page(ada, **{"class": info.id})).options
    given.give(info.id, ada)
    st.cache_data.clear()
    test = train_page(ada, **{"class": info.id, "dataset": name, "epochs": "1", "batch_size": "8"})
    assert dataset_box(test).value == name and "Class 5b" in dataset_box(test).options
    press(test, "start")
    run = settled(test, store, "finished", ada)
    assert Recognizer.load("network", run.folder).card.data.startswith("Class 5b, ")
    outsider = train_page(stranger, dataset=name)
    assert "There is no dataset called" in outsider.warning[0].value
    # What is taken back is gone from the next training on.
    given.take_back(info.id, bob)
    press(test, "again_seed")
    assert test.error and len(store.runs(ada)) == 1
