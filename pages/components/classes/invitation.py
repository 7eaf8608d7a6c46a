"""How others come into a class: its code, its address, and both as a picture for a phone to scan."""

import streamlit as st

from mnist_core.runs import ClassInfo, RunStore, is_local
from pages.components.classes.class_address import card, class_address, teacher_address
from pages.components.classes.page_state import Key, class_state
from pages.components.classes.seat import Seat
from pages.components.language import _


def just_opened(store: RunStore, seat: Seat, *, for_lessons: bool = False) -> None:
    """Everything that the teacher needs at the moment of opening a class; the own link is shown only now.

    for_lessons: the others are to open the Lessons page.
    """
    opened, info = class_state().opened, store.classes.find(seat.id)
    if opened is None or info is None or opened[0] != seat.id:
        return
    with st.container(border=True):
        st.markdown("## " + _("Your class is open"))
        invitation(info, for_lessons=for_lessons)
        st.markdown(
            _(
                ":material/key: **Your own link**, with which you give orders to the class. It is shown only now: it "
                "is the address of this page, so a bookmark keeps it. Do not hand it on."
            )
        )
        st.code(teacher_address(info.id, opened[1]), language=None, wrap_lines=True)
        st.button(_("I have noted it"), key=Key.CLASS_IS_NOTED, icon=":material/check:", on_click=_noted)


def _noted() -> None:
    class_state().opened = None


def invitation(info: ClassInfo, *, for_lessons: bool = False) -> None:
    """How others come in: the code, the address with a button that copies it, and a code to scan."""
    address = class_address(info.id)
    code = info.spoken_code()
    if for_lessons:
        words = _("The others open **Lessons**, press **Join a class** and write **{code}**. Or they scan this:")
    else:
        words = _("The others open **Train**, press **Join a class** and write **{code}**. Or they scan this:")
    st.markdown(words.format(code=code))
    card_with_code(info, address)
    st.markdown(_("Or they open this address:"))
    st.code(address, language=None, wrap_lines=True)
    if is_local(address.partition("//")[2].partition("/")[0].partition(":")[0]):
        st.caption(_("Only this computer can open this address: open the page by the computer's name in your network."))


def card_with_code(info: ClassInfo, address: str) -> None:
    """The code in large type, beside the address for a phone to scan."""
    st.image(
        card(address, info.spoken_code()),
        width=600,
        alt=_("The code {code}, and a QR code of the address {address}").format(
            code=info.spoken_code(), address=address
        ),
    )
