"""The box that renames a run, trains it again, or deletes it."""

import dataclasses

import streamlit as st

from mnist_core.runs import RunStore
from mnist_core.training import TrainingConfig
from pages.components.classes.seat import Seat
from pages.components.language import _
from pages.components.train import live_run
from pages.components.train.page_state import Key, run_name, sure_to_delete
from pages.components.train.run_list import Entry, start_run
from pages.components.train.training_link import Preset


def manage_run(store: RunStore, secret: str, seat: Seat, entry: Entry) -> None:
    """Rename, train again, delete."""
    run, info = entry.run, entry.info
    new_name = run_name(run.id)
    preset = Preset(info.recipe, info.corrected)
    with st.popover(_("Manage this run"), icon=":material/settings:", key=Key.MANAGE):
        st.text_input(
            _("Name"),
            value=info.name,
            key=new_name.key,
            max_chars=60,
            help=_("Press Enter to rename the run."),
            on_change=lambda: live_run.attempt(run.rename, new_name.value),
        )
        st.button(
            _("Train again, same seed"),
            key=Key.AGAIN,
            icon=":material/replay:",
            on_click=start_run,
            args=(store, secret, preset, info.config, seat, info.name),
            kwargs={"dataset": info.dataset, "like": run},
        )
        st.button(
            _("Train again, another seed"),
            key=Key.AGAIN_SEED,
            icon=":material/casino:",
            on_click=start_run,
            args=(store, secret, preset, _other_seed(info.config), seat, info.name),
            kwargs={"dataset": info.dataset, "like": run},
        )
        st.divider()
        sure = st.checkbox(_("I want to lose this run and its network."), key=sure_to_delete(run.id).key)
        st.button(
            _("Delete this run"),
            key=Key.DELETE,
            icon=":material/delete:",
            disabled=not sure,
            on_click=live_run.attempt,
            args=(store.delete, run),
        )


def _other_seed(config: TrainingConfig) -> TrainingConfig:
    return dataclasses.replace(config, seed=(config.seed + 1) % 2**32)
