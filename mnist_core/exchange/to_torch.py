"""A network for PyTorch: its state dict as safetensors, and a short program that rebuilds it."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mnist_core.data.dataset import SIDE
from mnist_core.exchange.reading_steps import LayerStep, ReadingSteps
from mnist_core.reading.looks import ANGLE

HEAD = '''"""{title}: a network of Digit Lab, in PyTorch.

It takes float32 [N, 28, 28], 0 background to 1 ink, and gives probabilities [N, {classes}]{others}.
Its weights are in {weights}, beside this file. Try it:

    pip install torch safetensors
    python {program}
"""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn
'''
READER = '''

class Reader(nn.Module):
    """From pictures to probabilities."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
{layers}
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
{forward}


def load() -> Reader:
    """The trained network."""
    reader = Reader(){double}
    reader.load_state_dict(load_file(Path(__file__).with_name("{weights}")))
    return reader.eval()


if __name__ == "__main__":
    network = load()
    print(network)
    print("An empty picture:", network(torch.zeros(1, {side}, {side})).detach().numpy().round(3))
'''
OWN_LAYERS = {
    "scale": '''

class Scale(nn.Module):
    """Multiplies every value."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.factor
''',
    "standardize": '''

class Standardize(nn.Module):
    """Takes off a mean and divides by a deviation."""

    def __init__(self, mean: float, deviation: float) -> None:
        super().__init__()
        self.mean, self.deviation = mean, deviation

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (x - self.mean) / self.deviation
''',
    "resize": '''

class Resize(nn.Module):
    """Brings a picture to side x side pixels."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self.side = side

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.interpolate(x, (self.side, self.side), mode="bilinear", antialias=True)
''',
    "ones": '''

class Ones(nn.Module):
    """Puts a column of ones before the others, so that its weight does what a bias does."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.pad(x, (1, 0), value=1.0)
''',
    "batch_softmax": '''

class BatchSoftmax(nn.Module):
    """A softmax that had been taken, by mistake, over a batch; `level` stands for the batch that is not there."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.register_buffer("level", torch.zeros(classes))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.softmax(x - self.level, dim=1)
''',
}
LOOKS = '''

def looks_at(images: torch.Tensor) -> torch.Tensor:
    """[N, 28, 28] to [5 N, 1, 28, 28]: as it is, turned a little to either side, slanted a little to either side."""
    angle = torch.deg2rad(torch.tensor({angle}))
    turn = torch.stack([torch.stack([angle.cos(), angle.sin()]), torch.stack([-angle.sin(), angle.cos()])])
    slant = torch.eye(2)
    slant[1, 0] = angle.tan()
    matrices = torch.stack([turn, turn.T, slant, 2 * torch.eye(2) - slant])
    places = torch.linspace(-1, 1, {side})
    rows_and_columns = torch.stack(torch.meshgrid(places, places, indexing="ij"), dim=-1)
    grid = (rows_and_columns @ matrices.transpose(1, 2)[:, None]).flip(-1).to(images.dtype)
    # As N channels of one picture, so that all share one grid.
    others = F.grid_sample(images[None].expand(4, -1, -1, -1), grid, align_corners=True)
    return torch.cat([images[:, None], others.transpose(0, 1)], dim=1).reshape(-1, 1, {side}, {side})
'''


def program(steps: ReadingSteps, weights: str, name: str) -> str:
    """The text of the program, which stands in a file of that name beside a file of that name of weights."""
    lines = [LAYERS[step.layer.name](step) for step in steps.layers]
    own = [text for kind, text in OWN_LAYERS.items() if any(step.layer.name == kind for step in steps.layers)]
    others = "" if steps.classes == 10 else ";\nall from number 10 on are what is no digit"
    title = " ".join(steps.card.title.replace("\\", " ").replace('"', "'").split())
    head = HEAD.format(title=title, classes=steps.classes, others=others, weights=weights, program=name)
    looks = LOOKS.format(angle=ANGLE, side=SIDE) if steps.looks is not None else ""
    layers = "\n".join(f"            {line}," for line in lines)
    forward = "\n".join(f"        {line}" for line in _forward(steps))
    body = (
        looks
        + "".join(own)
        + READER.format(
            layers=layers, forward=forward, weights=weights, side=SIDE, double=".double()" if _is_double(steps) else ""
        )
    )
    functional = "from torch.nn import functional as F\n" if "F." in body else ""
    return head + functional + body


def _forward(steps: ReadingSteps) -> list[str]:
    images = "images.double()" if _is_double(steps) else "images"
    last = ".float()" if _is_double(steps) else ""
    ordered = "" if steps.order is None else f"[:, {steps.order}]"
    if steps.looks is None:
        lines = [f"scores = self.layers({images}[:, None]){ordered}"]
    else:
        shape = f"-1, {1 + len(steps.looks)}, {steps.classes}"
        lines = [f"scores = self.layers(looks_at({images})){ordered}.reshape({shape}).mean(dim=1)"]
    if steps.output == "softmax":
        divided = f"scores / {steps.temperature}" if steps.temperature != 1 else "scores"
        return [*lines, f"return torch.softmax({divided}, dim=1){last}"]
    return [
        *lines,
        f"positive = {'torch.sigmoid' if steps.output == 'sigmoid' else 'F.relu'}(scores)",
        "total = positive.sum(dim=1, keepdim=True)",
        f"return torch.where(total > 0, positive / total, torch.full_like(positive, 1 / {steps.classes})){last}",
    ]


def _is_double(steps: ReadingSteps) -> bool:
    return steps.dtype == np.float64


def _dense(step: LayerStep) -> str:
    units, inputs = step.arrays["weight"].shape
    return f"nn.Linear({inputs}, {units}{'' if 'bias' in step.arrays else ', bias=False'})"


def _conv(step: LayerStep) -> str:
    filters, channels, size, _ = step.arrays["weight"].shape
    layer: Any = step.layer
    margin = f", padding={size // 2}" if layer.padding == "same" and size > 1 else ""
    return f"nn.Conv2d({channels}, {filters}, {size}{margin}{'' if 'bias' in step.arrays else ', bias=False'})"


def _batchnorm(step: LayerStep) -> str:
    layer: Any = step.layer
    kind = "BatchNorm2d" if len(step.shape) == 3 else "BatchNorm1d"
    momentum = round(1 - layer.momentum, 9)
    return f"nn.{kind}({step.shape[-1]}, eps={layer.epsilon}, momentum={momentum})"


def _field(text: str, *names: str) -> Callable[[LayerStep], str]:
    """A layer whose line holds some of its fields."""
    return lambda step: text.format(*(getattr(step.layer, name) for name in names))


LAYERS: dict[str, Callable[[LayerStep], str]] = {
    "dense": _dense,
    "dense_one_bias_gradient": _dense,
    "conv": _conv,
    "maxpool": _field("nn.MaxPool2d({})", "size"),
    "batchnorm": _batchnorm,
    "dropout": _field("nn.Dropout({})", "rate"),
    "flatten": _field("nn.Flatten()"),
    "relu": _field("nn.ReLU()"),
    "sigmoid": _field("nn.Sigmoid()"),
    "tanh": _field("nn.Tanh()"),
    "softmax": _field("nn.Softmax(dim=1)"),
    "batch_softmax": lambda step: f"BatchSoftmax({step.shape[-1]})",
    "scale": _field("Scale({})", "factor"),
    "standardize": _field("Standardize({}, {})", "mean", "deviation"),
    "ones": _field("Ones()"),
    "pad": _field("nn.ZeroPad2d({})", "margin"),
    "resize": _field("Resize({})", "side"),
}
