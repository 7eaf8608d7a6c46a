"""Files in and out. What comes in is never trusted; what goes out is never seen half-written.

Read `atomic.py` first, then `npz.py`. This wing uses `errors` alone.
"""
