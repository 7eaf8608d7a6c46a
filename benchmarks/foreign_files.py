"""Make small real files with PyTorch and with Keras, for the tests: what their own exporters write.

    python -m benchmarks.foreign_files torch tests/exchange/files
    python -m benchmarks.foreign_files keras tests/exchange/files

Each file comes with NAME.npz: what the program that made it says of 20 test images (their numbers, and the
probabilities), in which words it scaled the pixels, and its version. Needs `benchmarks/requirements.txt`; Keras also
needs `tensorflow-cpu` and `tf2onnx`, in an environment of their own.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mnist_core.data import load_mnist, to_unit

CHECKED = np.arange(0, 10_000, 500)
EXAMPLE = "conv 4 3; relu; conv 8 3; relu; maxpool 2; dropout 0.25; flatten; dense 12; relu; dense 10"
TRAINED, TEST = 6000, 2000


def main() -> None:
    program, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    {"torch": torch_files, "keras": keras_files}[program](folder)


def _note(path: Path, probabilities: np.ndarray, scale: str, version: str, layers: str = "") -> None:
    np.savez_compressed(
        path.with_suffix(".npz"),
        images=CHECKED,
        probabilities=probabilities.astype(np.float32),
        scale=np.array(scale),
        version=np.array(version),
        layers=np.array(layers),
    )
    print(path, f"{path.stat().st_size / 1000:.0f} kB", version, scale)


def torch_files(folder: Path) -> None:
    import torch
    from safetensors.torch import save_file
    from torch import nn

    data = load_mnist()
    version = f"PyTorch {torch.__version__}"
    torch.manual_seed(0)
    torch.set_num_threads(2)

    class Net(nn.Module):  # type: ignore[misc]
        """The network of PyTorch's own MNIST example, made small."""

        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(1, 4, 3, 1)
            self.conv2 = nn.Conv2d(4, 8, 3, 1)
            self.dropout1 = nn.Dropout(0.25)
            self.fc1 = nn.Linear(8 * 12 * 12, 12)
            self.fc2 = nn.Linear(12, 10)

        def forward(self, x: Any) -> Any:
            x = torch.relu(self.conv1(x))
            x = torch.max_pool2d(torch.relu(self.conv2(x)), 2)
            x = torch.flatten(self.dropout1(x), 1)
            return torch.log_softmax(self.fc2(torch.relu(self.fc1(x))), dim=1)

    class Dense(nn.Module):  # type: ignore[misc]
        """A dense network as tutorials write it, with its pixels in a row."""

        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(784, 16)
            self.bn1 = nn.BatchNorm1d(16)
            self.fc2 = nn.Linear(16, 10)

        def forward(self, x: Any) -> Any:
            return self.fc2(torch.tanh(self.bn1(self.fc1(x.view(x.size(0), -1)))))

    lenet = nn.Sequential(
        nn.Conv2d(1, 4, 5),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 8, 5, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.BatchNorm1d(8 * 6 * 6),
        nn.Linear(8 * 6 * 6, 10),
        nn.Softmax(dim=1),
    )
    cases: list[tuple[str, Any, str, Callable[[np.ndarray], np.ndarray], dict[str, Any]]] = [
        ("torch_example", Net(), "0.1307,0.3081", lambda x: (x - 0.1307) / 0.3081, {}),
        ("torch_example_older", None, "0.1307,0.3081", lambda x: (x - 0.1307) / 0.3081, {"dynamo": False}),
        ("torch_dense", Dense(), "-1..1", lambda x: (x - 0.5) / 0.5, {"dynamo": False}),
        ("torch_lenet", lenet, "0..1", _padded, {}),
    ]
    trained: Any = None
    for name, network, scale, prepare, options in cases:
        network = network or trained
        if network is not trained:
            _train(torch, network, prepare, data)
            if name == "torch_example":
                save_file(network.state_dict(), folder / "torch_state.safetensors")
        trained = network
        network.eval()
        images = torch.tensor(prepare(to_unit(data.test_images[CHECKED]))[:, None])
        with torch.no_grad():
            scores = network(images)
            final = network[-1] if isinstance(network, nn.Sequential) else None
            probabilities = scores if isinstance(final, nn.Softmax) else torch.softmax(scores, dim=1)
        path = folder / f"{name}.onnx"
        keywords: dict[str, Any] = {"input_names": ["input"], "output_names": ["output"], "dynamo": True} | options
        if keywords["dynamo"]:
            keywords |= {"dynamic_shapes": ({0: torch.export.Dim("batch")},), "external_data": False}
        else:
            keywords |= {"dynamic_axes": {"input": {0: "batch"}, "output": {0: "batch"}}}
        torch.onnx.export(network, (images[:2],), str(path), **keywords)
        _note(path, probabilities.numpy(), scale, version)
        if name == "torch_example":
            _note(folder / "torch_state.safetensors", probabilities.numpy(), scale, version, EXAMPLE)


def _padded(images: np.ndarray) -> np.ndarray:
    """28x28 pixels as LeNet wants them, 32x32."""
    return np.pad(images, ((0, 0), (2, 2), (2, 2)))


def _train(torch: Any, network: Any, prepare: Callable[[np.ndarray], np.ndarray], data: Any) -> None:
    images = torch.tensor(prepare(to_unit(data.train_images[:TRAINED]))[:, None].astype(np.float32))
    labels = torch.tensor(data.train_labels[:TRAINED].astype(np.int64))
    optimizer = torch.optim.Adam(network.parameters(), 0.003)
    network.train()
    for _ in range(3):
        for part in torch.randperm(TRAINED).split(64):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(network(images[part]), labels[part]).backward()
            optimizer.step()
    network.eval()
    test = torch.tensor(prepare(to_unit(data.test_images[:TEST]))[:, None].astype(np.float32))
    with torch.no_grad():
        right = (network(test).argmax(1).numpy() == data.test_labels[:TEST]).mean()
    print(f"{type(network).__name__}: {right:.1%}")


def keras_files(folder: Path) -> None:
    import keras
    import tensorflow as tf
    import tf2onnx

    data = load_mnist()
    keras.utils.set_random_seed(0)
    layers = keras.layers
    cnn = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(8, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )
    dense = keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Rescaling(1 / 255),
            layers.Flatten(),
            layers.Dense(16, use_bias=False),
            layers.BatchNormalization(),
            layers.Activation("sigmoid"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    version = f"Keras {keras.__version__}, tf2onnx {tf2onnx.__version__}"
    for name, network, factor, scale, shape in (
        ("keras_cnn", cnn, 1, "0..1", (28, 28, 1)),
        ("keras_dense", dense, 255, "0..255", (28, 28)),
    ):
        network.compile(optimizer=keras.optimizers.Adam(0.003), loss="sparse_categorical_crossentropy")
        images = (to_unit(data.train_images[:TRAINED]) * factor).reshape(-1, *shape)
        network.fit(images, data.train_labels[:TRAINED], epochs=3, batch_size=64, verbose=0)
        checked = (to_unit(data.test_images[CHECKED]) * factor).reshape(-1, *shape)
        path = folder / f"{name}.onnx"
        spec = (tf.TensorSpec((None, *shape), tf.float32, name="input"),)
        run = tf.function(lambda x, network=network: network(x, training=False), input_signature=spec)
        tf2onnx.convert.from_function(run, input_signature=spec, opset=17, output_path=str(path))
        _note(path, np.asarray(network.predict(checked, verbose=0)), scale, version)


if __name__ == "__main__":
    main()
