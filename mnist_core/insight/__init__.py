"""Why a network answers what it answers, and what happens inside it while it learns.

Read `explain.py` first; `probe.py` looks into a network in training. This wing uses `nn`, `data` and `errors`.
"""
