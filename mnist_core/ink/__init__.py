"""From a drawing, a pen stroke or a photo to 28x28 pixels, the way MNIST was made.

Read `canvas.py` first: all ink goes through it. This wing uses `errors` and `files`.
"""
