"""Files from outside are never trusted: limits, other files, code, and thousands of damaged files."""

import resource
import tracemalloc
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from mnist_core import InputError
from mnist_core.exchange import PicturesWanted, take_apart
from mnist_core.exchange.onnx_file import MAX_NODES
from mnist_core.exchange.wire import MAX_FIELDS
from mnist_core.nn import parse_layers
from tests.exchange.test_importing import FILES, FOREIGN
from tests.exchange.test_onnx_graphs import C, graph, node


def use(name: str, data: bytes, layers: str = "") -> None:
    """All that is done with a file."""
    imported = take_apart(name, data)
    if imported.needs_layers:
        imported = imported.with_layers(parse_layers(layers))
    imported.network(PicturesWanted())


def mutated(data: st.DataObject, whole: bytes) -> bytes:
    """A real file with some of its bytes changed, cut off, doubled or swapped."""
    found = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 6), "changes")):
        # Most of a file is weights; what can mislead stands at its ends and between the weights.
        place = data.draw(st.one_of(st.integers(0, len(found) - 1), st.integers(0, min(len(found), 600) - 1)), "place")
        kind = data.draw(st.sampled_from(["byte", "bit", "cut", "double", "insert", "remove"]), "kind")
        if kind == "byte":
            found[place] = data.draw(st.sampled_from([0, 1, 127, 128, 255, 8, 10, 18, 34, 58, 74]), "value")
        elif kind == "bit":
            found[place] ^= 1 << data.draw(st.integers(0, 7), "bit")
        elif kind == "cut":
            del found[place + 1 :]
        elif kind == "double":
            found[place:place] = found[place : place + data.draw(st.integers(1, 200), "length")]
        elif kind == "insert":
            found[place:place] = data.draw(st.binary(min_size=1, max_size=12), "bytes")
        else:
            del found[place : place + data.draw(st.integers(1, 60), "length")]
        if not found:
            return b""
    return bytes(found)


def refused_or_sound(path: Path, data: bytes) -> bool:
    """Whether a file is taken; it may be refused in one sentence, and nothing else may happen."""
    layers = str(np.load(path.with_suffix(".npz"))["layers"])
    try:
        use(path.name, data, layers)
    except InputError as error:
        assert "\n" not in str(error) and len(str(error)) < 600, error
        return False
    return True


@pytest.mark.parametrize("path", FOREIGN, ids=lambda path: path.stem)
@settings(max_examples=60)
@given(data=st.data())
def test_damaged_files_are_refused_or_sound(path: Path, data: st.DataObject) -> None:
    refused_or_sound(path, mutated(data, path.read_bytes()))


@pytest.mark.parametrize("text", [b"Unknown", b"broken", b"the_Unknown"])
def test_a_text_that_is_none_is_refused(text: bytes) -> None:
    """Protobuf gives bytes in its place: of a kind of node, of what it gives, of its name."""
    data = graph([node("Flatten", "x", to="broken"), node("Unknown", "broken")])
    place = data.rindex(text)
    damaged = data[:place] + b"\x80" + data[place + 1 :]
    with pytest.raises(InputError, match="damaged"):
        take_apart("a.onnx", damaged)


@given(st.binary(max_size=200))
def test_noise_is_refused(data: bytes) -> None:
    for name in ("a.onnx", "a.safetensors"):
        with pytest.raises(InputError, match=name):
            use(name, data, "flatten; dense 10")


def test_a_tensor_in_another_file_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(bytes(4 * 7840))
    model = onnx.load_model_from_string(graph([node("MatMul", "x", "w")], {"w": C["w"]}, ("N", 784)))
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", str(tmp_path / "secret")
    with pytest.raises(InputError, match="tensor 'w' points to another file, which is not opened"):
        take_apart("a.onnx", model.SerializeToString())


def test_many_empty_parts_are_refused_before_they_take_memory() -> None:
    # A graph of empty nodes: two bytes each in the file, about a hundred in memory.
    nodes = bytes([10, 0]) * 15_000_000
    length, size = [], len(nodes)
    while size:
        length.append(size & 127 | 128)
        size >>= 7
    length[-1] &= 127
    bomb = bytes([8, 8, 58, *length]) + nodes
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError, match=f"more than {MAX_FIELDS:,} parts"):
        take_apart("a.onnx", bomb)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


def test_too_large_files_are_refused() -> None:
    for name, size in (("a.onnx", 40), ("a.safetensors", 66)):
        with pytest.raises(InputError, match=f"at most {size} MB"):
            take_apart(name, bytes(size * 1_000_000 + 1))


def test_too_many_nodes_are_refused() -> None:
    chain = [node("Relu", "x" if number == 0 else f"v{number}", to=f"v{number + 1}") for number in range(MAX_NODES + 1)]
    with pytest.raises(InputError, match=f"at most {MAX_NODES} nodes"):
        take_apart("a.onnx", graph(chain))


def test_graphs_inside_of_graphs_are_refused() -> None:
    inner = helper.make_graph([node("Relu", "x", to="z")], "inner", [], [])
    branch = helper.make_node("If", ["x"], ["y"], name="the_If", then_branch=inner, else_branch=inner)
    with pytest.raises(InputError, match=r"node the_If \(If\) has a setting 'else_branch'|'then_branch'"):
        take_apart("a.onnx", graph([branch]))
    for _ in range(20):
        inner = helper.make_graph([helper.make_node("If", ["x"], ["z"], then_branch=inner)], "inner", [], [])
    with pytest.raises(InputError, match="nested more than 24 deep"):
        take_apart("a.onnx", graph([helper.make_node("If", ["x"], ["y"], then_branch=inner)]))


def test_operations_of_others_are_refused() -> None:
    own = helper.make_node("Mine", ["x"], ["y"], name="n", domain="com.example")
    with pytest.raises(InputError, match="node n is com.example.Mine; only ONNX's own operations are supported"):
        take_apart("a.onnx", graph([own]))


def test_a_shape_that_asks_for_more_than_is_there_is_refused() -> None:
    model = onnx.load_model_from_string(graph([node("MatMul", "x", "w")], {"w": C["w"]}, ("N", 784)))
    model.graph.initializer[0].dims[0] = 10**12
    tracemalloc.start()
    with pytest.raises(InputError, match="tensor 'w' should hold 10,000,000,000,000 numbers, found 7,840"):
        take_apart("a.onnx", model.SerializeToString())
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_constants_do_not_grow() -> None:
    """Each node doubles the constant before it; forty of them would be terabytes."""
    chain = [node("Concat", f"c{number}", f"c{number}", to=f"c{number + 1}", axis=0) for number in range(40)]
    last = node("Add", "x", "c40")
    with pytest.raises(InputError, match="is not supported for constants"):
        take_apart("a.onnx", graph([*chain, last], {"c0": np.ones(1000, np.float32)}))
    wide = [node("Mul", "tall", "wide", to="all"), node("Add", "x", "all")]
    constants = {"tall": np.ones((1_000_000, 1), np.float32), "wide": np.ones((1, 1_000_000), np.float32)}
    with pytest.raises(InputError, match="is not supported for constants"):
        take_apart("a.onnx", graph(wide, constants))


def test_names_in_messages_are_short_and_plain() -> None:
    bad = helper.make_node("Evil\n" * 50, ["x"], ["y"], name="\x1b[31m" * 30)
    with pytest.raises(InputError) as refusal:
        take_apart("a.onnx", graph([bad]))
    assert str(refusal.value).isprintable() and len(str(refusal.value)) < 400


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "expected a safetensors file"),
        ((2**60).to_bytes(8, "little") + b"{}", "expected a safetensors file"),
        ((2).to_bytes(8, "little") + b"[]", "expected a safetensors file"),
    ],
)
def test_damaged_headers_are_refused(data: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words):
        take_apart("a.safetensors", data)


def test_a_card_in_a_file_is_checked_like_any_other() -> None:
    from safetensors.numpy import save

    card = '{"name": "../../x", "title": "", "description": "", "layers": ["flatten", "dense 10"]}'
    with pytest.raises(InputError, match="which no network can have"):
        take_apart("a.safetensors", save({"a.weight": C["w"]}, {"digit_lab_card": card}))
    with pytest.raises(InputError, match="expected a model card in JSON"):
        take_apart("a.safetensors", save({"a.weight": C["w"]}, {"digit_lab_card": "["}))


def test_the_files_of_the_tests_are_taken() -> None:
    assert len(FOREIGN) >= 6 and all(path.parent == FILES for path in FOREIGN)
    assert all(refused_or_sound(path, path.read_bytes()) for path in FOREIGN if "lenet" not in path.name)
