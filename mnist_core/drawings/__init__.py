"""What people have drawn and said the right label of: kept for each visitor, given to a class, taken away and back.

Read `collection.py` first. This wing uses `runs`, `ink`, `data`, `files` and `errors`.

collection.py is a visitor's drawings in memory, collection_file.py the file that they are kept in, store.py all
visitors' on disk. bring_back.py reads files that somebody brings, take_away.py makes files to take away,
as_dataset.py a dataset to learn from.
class_drawings.py is what members have given to their class; made_up.py draws digits in unusual hands, to measure with.
"""

from mnist_core.drawings.as_dataset import FEWEST, as_dataset
from mnist_core.drawings.bring_back import bring_back
from mnist_core.drawings.class_drawings import ClassDrawings, Given, together
from mnist_core.drawings.collection import NO_DIGIT, Collection, NewDrawing, held_out
from mnist_core.drawings.made_up import made_up_drawings
from mnist_core.drawings.store import DrawingStore
from mnist_core.drawings.take_away import as_idx, as_pen, as_pictures

__all__ = [
    "FEWEST",
    "NO_DIGIT",
    "ClassDrawings",
    "Collection",
    "DrawingStore",
    "Given",
    "NewDrawing",
    "as_dataset",
    "as_idx",
    "as_pen",
    "as_pictures",
    "bring_back",
    "held_out",
    "made_up_drawings",
    "together",
]
