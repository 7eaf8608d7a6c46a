"""Whose pages of a class are open."""

from mnist_core.runs import Board, Member
from pages.components.classes.member_names import member_name
from pages.components.classes.seat import Seat
from pages.components.language import _
from pages.components.words import escaped, whole


def who_is_there(board: Board, seat: Seat) -> str:
    """The members whose pages are open, as Markdown."""
    if not board.present:
        nobody = _("Nobody is in class {name} at the moment.").format(name=escaped(board.info.name))
        return f":material/groups: {nobody}"
    names = " ".join(f":{_color(member, seat)}-badge[{escaped(member_name(member.name))}]" for member in board.present)
    here = _("**{count}** here: {names}").format(count=whole(len(board.present)), names=names)
    return f":material/groups: {here}"


def _color(member: Member, seat: Seat) -> str:
    return "orange" if member.id == seat.member else "violet" if member.teacher else "gray"
