"""Training: the settings, the loop and its parts, the gradient of a batch, and a training as a file.

Read `config.py` first, then `Trainer.run` in `trainer.py`. This wing uses `nn`, `data`, `files` and `errors`.
"""
