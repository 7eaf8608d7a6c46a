"""Networks in NumPy: layers, losses, optimizers, and a network as a list of layers.

Read `plain.py` first, then `layers/base.py`, `layers/dense.py`, `network.py` and `losses.py`.
This wing uses `errors` alone.
"""

from mnist_core.nn.architecture import ACTIVATIONS, Architecture, parse_layers, parse_numbers, recognize, with_outputs
from mnist_core.nn.losses import LOSSES
from mnist_core.nn.metrics import accuracy, confusion_matrix
from mnist_core.nn.network import DIGITS, Network, Plan, plan_network, probabilities
from mnist_core.nn.optimizers import OPTIMIZERS
from mnist_core.nn.schedules import SCHEDULES
from mnist_core.nn.spec import describe, parse

__all__ = [
    "ACTIVATIONS",
    "DIGITS",
    "LOSSES",
    "OPTIMIZERS",
    "SCHEDULES",
    "Architecture",
    "Network",
    "Plan",
    "accuracy",
    "confusion_matrix",
    "describe",
    "parse",
    "parse_layers",
    "parse_numbers",
    "plan_network",
    "probabilities",
    "recognize",
    "with_outputs",
]
