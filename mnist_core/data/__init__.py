"""The digits to learn from: the bundled MNIST, other folders of IDX files, and ways to vary the pictures.

Read `dataset.py` first. This wing uses `errors` alone.
"""
