"""From a drawing, a pen stroke or a photo to 28x28 pixels, the way MNIST was made.

Read `canvas.py` first: all ink goes through it. This wing uses `errors` and `files`.
"""

from mnist_core.ink import canvas
from mnist_core.ink.canvas import Steps
from mnist_core.ink.images import decode_image, encode_png

__all__ = ["Steps", "canvas", "decode_image", "encode_png"]
