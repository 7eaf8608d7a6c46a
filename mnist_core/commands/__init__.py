"""What the command line can do, one file a command.

Read `predict.py` first: it is the shortest. This wing uses all others.
"""
