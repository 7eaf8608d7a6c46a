"""Networks in NumPy: layers, losses, optimizers, and a network as a list of layers.

Read `layers/base.py` first, then `layers/dense.py`, `network.py` and `losses.py`. This wing uses `errors` alone.
"""
