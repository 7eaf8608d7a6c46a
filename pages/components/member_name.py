"""What a member of a class is called on the pages."""

from mnist_core.runs import Member
from pages.components.language import _
from pages.components.words import whole


def member_name(member: Member) -> str:
    """The nickname, or "Member 7" in the visitor's language; not escaped."""
    if member.nickname:
        return member.nickname
    return _("Teacher") if member.teacher else _("Member {number}").format(number=whole(member.number))
