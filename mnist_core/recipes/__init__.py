"""Networks by name, published ones and our own, and how each is made from data to model card.

Read `recipe.py` first, then `catalog.py`. This wing uses `training`, `reading` and all that these use.
"""
