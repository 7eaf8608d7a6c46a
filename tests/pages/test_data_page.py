"""The Data page without a browser: the digits in numbers, the gallery, and the doubtful labels."""

from mnist_core.data.dataset import load_mnist
from mnist_core.data.doubtful import DOUBTFUL
from tests.pages.test_inside_page import address, grid, page
from tests.pages.test_pages import texts


def test_the_data_in_numbers_and_as_a_gallery() -> None:
    numbers = page("pages/data.py")
    assert "60,000 images" in texts(numbers) and "the rarest, 5, comes 5,421 times" in texts(numbers)
    assert address(numbers, "view") == "numbers"
    gallery = page("pages/data.py", view="gallery")
    assert "120 of 60,000 images" in texts(gallery)
    labels = load_mnist().train_labels[:120].astype(str).tolist()
    assert [cell["caption"] for cell in grid(gallery, "Images 0 to 119")["cells"]] == labels
    gallery.segmented_control(key="gallery_digit").set_value(5).run()
    assert "120 of 5,421 images" in texts(gallery) and not gallery.exception
    gallery.segmented_control(key="split").set_value("test").run()
    assert "120 of 892 images" in texts(gallery) and not gallery.exception
    gallery.number_input(key="gallery_page_test_5").set_value(8).run()
    assert "52 of 892 images" in texts(gallery) and not gallery.exception


def test_the_doubtful_labels_are_those_of_the_dataset() -> None:
    labels = load_mnist().test_labels
    assert len(DOUBTFUL) == 15 and all(labels[doubt.index] == doubt.label for doubt in DOUBTFUL)
    assert all(doubt.for_label < 3 and doubt.for_label + doubt.for_other <= 5 for doubt in DOUBTFUL)
    doubts = page("pages/data.py", view="doubts")
    assert "15 of the 10,000 test images" in texts(doubts) and len(doubts.get("image")) == 15
