"""Networks in NumPy: layers, losses, optimizers, and a network as a list of layers.

Read `plain.py` first, then `layers/base.py`, `layers/dense.py`, `network.py` and `losses.py`. Uses `errors` alone.
"""
