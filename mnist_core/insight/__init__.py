"""Why a network answers what it answers, and what happens inside it while it learns.

Read `explain.py` first; `probe.py` looks into a network in training. This wing uses `nn`, `data` and `errors`.
"""

from mnist_core.insight import explain, probe
from mnist_core.insight.damage import DAMAGES
from mnist_core.insight.explain import NO_DIGIT
from mnist_core.insight.probe import LayerPlace, dead_shares_in
from mnist_core.insight.switching import scores_without

__all__ = ["DAMAGES", "NO_DIGIT", "LayerPlace", "dead_shares_in", "explain", "probe", "scores_without"]
