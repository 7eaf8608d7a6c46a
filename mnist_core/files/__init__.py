"""Files in and out. What comes in is never trusted; what goes out is never seen half-written.

Read `atomic.py` first, then `bounded.py` and `npz.py`. This wing uses `errors` alone.
"""

from mnist_core.files.atomic import read_json, write_file, write_json
from mnist_core.files.bounded import read_bounded
from mnist_core.files.npz import read_npz

__all__ = ["read_bounded", "read_json", "read_npz", "write_file", "write_json"]
