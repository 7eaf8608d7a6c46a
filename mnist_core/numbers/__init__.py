"""From a drawing or a photo of a number to pieces of ink, and from what each group of pieces may be to the number.

Read `lattice.py` first: it chooses among all ways to cut. This wing uses `ink` and `errors`; what a group of pieces
looks like to a network it is told.
"""

from mnist_core.numbers.lattice import Answer, Edges, Path, best_texts, likeliest_way, measure
from mnist_core.numbers.line import line_image
from mnist_core.numbers.page import Place, find_places
from mnist_core.numbers.paper import Ink, find_ink_anywhere, find_inks
from mnist_core.numbers.pieces import Group, Piece, Strip, cut, groups

__all__ = [
    "Answer",
    "Edges",
    "Group",
    "Ink",
    "Path",
    "Piece",
    "Place",
    "Strip",
    "best_texts",
    "cut",
    "find_ink_anywhere",
    "find_inks",
    "find_places",
    "groups",
    "likeliest_way",
    "line_image",
    "measure",
]
