"""The right side of the Train page: which runs are looked at, the chosen one in full, and a table of all."""

import dataclasses
import math
import re
import time
from dataclasses import dataclass

import pyarrow as pa
import streamlit as st

from mnist_core import Recognizer, weights
from mnist_core.config import TrainingConfig
from mnist_core.errors import InputError
from mnist_core.runs.diagnosis import Finding
from mnist_core.runs.folder import ACTIVE, ENDED, Run, RunInfo, Status
from mnist_core.runs.metrics import Curves
from mnist_core.runs.store import RunStore
from pages.components import live
from pages.components.class_board import Board
from pages.components.curves import Line
from pages.components.networks import accuracy_on_test
from pages.components.own_networks import keep_network, key_of, take_upload
from pages.components.run_figure import FORMATS, csv_of, figure_of
from pages.components.settings import AUGMENTATION_NAMES, OPTIMIZER_NAMES
from pages.components.training_link import CORRECTED, presets
from pages.components.watchers import interval

MAX_SHOWN = 8
DOUBLE_CLICK_SECONDS = 1.0
MAX_LISTED = 60


@dataclass(frozen=True)
class Entry:
    """A run that this visitor may look at, with what is known of it. name: unique on the page."""

    run: Run
    info: RunInfo
    status: Status
    name: str
    mine: bool


def start_button(store: RunStore, secret: str, preset: str, config: TrainingConfig | None, board: Board) -> None:
    """Start a new run with these settings."""
    st.button(
        "Start",
        type="primary",
        icon=":material/play_arrow:",
        key="start",
        width="stretch",
        disabled=config is None,
        on_click=_start,
        args=(store, secret, preset, config, board),
    )


def _start(store: RunStore, secret: str, preset: str, config: TrainingConfig, board: Board, name: str = "") -> None:
    recipe, corrected = preset.removesuffix(CORRECTED), preset.endswith(CORRECTED)
    try:
        own = [entry.info for entry in entries(store, secret, Board())]
        if own and own[0].config == config and time.time() - own[0].created < DOUBLE_CLICK_SECONDS:
            return
        taken = {info.name for info in own}
        run = store.create(
            secret,
            config,
            _new_name(re.sub(r" \d+$", "", name) or presets()[preset], taken),
            recipe=recipe,
            corrected=corrected,
            board=board.name,
            nickname=board.nickname,
        )
        store.start(run)
    except InputError as error:
        st.session_state["trouble"] = str(error)
        return
    st.session_state["run"] = run.id
    # New select boxes: an answer of the old ones, which may be on its way, must not choose another run.
    st.session_state["desk"] = st.session_state.get("desk", 0) + 1
    st.toast("Training has started. On a small screen, look further down.", icon=":material/play_arrow:")
    shown = [identity for identity in st.session_state.get("shown", []) if identity != run.id]
    # A new run is laid over what is compared; without a comparison, it stands alone.
    st.session_state["shown"] = [*shown[-(MAX_SHOWN - 1) :], run.id] if len(shown) > 1 else [run.id]


def _new_name(name: str, taken: set[str]) -> str:
    base, number, found = name, 2, name
    while found in taken:
        found, number = f"{base} {number}", number + 1
    return found


def entries(store: RunStore, secret: str, board: Board) -> list[Entry]:
    """The visitor's runs and those of the class, the newest first; damaged ones are left out and told of."""
    own = store.runs(secret)
    mine = {run.id for run in own}
    others = [run for run in store.of_class(board.name) if run.id not in mine] if board.name else []
    found: list[Entry] = []
    names: set[str] = set()
    damaged = []
    # From the oldest on, so that a new run does not give older ones another number.
    for run in sorted([*own, *others], key=lambda run: run.id)[-MAX_LISTED:]:
        try:
            info, status = run.info, run.status
        except InputError as error:
            if run.id in mine:
                damaged.append((run, str(error)))
            continue
        label = info.name if run.id in mine else f"{info.nickname}: {info.name}"
        name = _new_name(label, names)
        names.add(name)
        found.append(Entry(run, info, status, name, run.id in mine))
    st.session_state["damaged"] = damaged
    return found[::-1]


def run_desk(store: RunStore, secret: str, board: Board) -> None:
    """Everything about runs. It polls only while something trains or waits."""
    found = entries(store, secret, board)
    if trouble := st.session_state.pop("trouble", None):
        st.error(trouble, icon=":material/error:")
    for run, problem in st.session_state["damaged"]:
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.markdown(f":material/broken_image: {problem}")
            st.button("Delete it", key=f"delete_damaged_{run.id}", on_click=live.attempt, args=(store.delete, run))
    if not found:
        _empty()
        _upload()
        return
    seconds = _polling(found, board)
    st.session_state["polling"] = seconds
    for entry in found:
        if entry.mine and entry.status.state in ACTIVE:
            entry.run.watch()
    st.fragment(_desk, run_every=seconds)(store, secret, board)


def _polling(found: list[Entry], board: Board) -> float | None:
    """How many seconds from one look at the runs to the next; None if nothing can change."""
    active = [entry for entry in found if entry.status.state in ACTIVE]
    if any(map(_is_new, active)):
        return live.EAGER_SECONDS
    return interval() if active or board.name else None


def _is_new(entry: Entry) -> bool:
    """Whether it was started a moment ago, and there is nothing to see yet."""
    young = entry.mine and time.time() - entry.info.created < live.EAGER_FOR_SECONDS
    return young and not entry.status.ticket and len(live.curves_of(entry.run)) == 0


def _empty() -> None:
    with st.container(border=True, key="no_runs"):
        st.markdown(
            "### Nothing has been trained yet\n"
            "Press **Start**: the curves appear here within a second. Then try what happens when you\n"
            "- change the **learning rate** while it runs,\n"
            "- give it only 500 images, and watch it learn them by heart,\n"
            "- start from a **published** network, and then from its corrected twin."
        )


def _desk(store: RunStore, secret: str, board: Board) -> None:
    found = entries(store, secret, board)
    if not found:
        st.rerun()
    if _polling(found, board) != st.session_state.get("polling"):
        # Begin, or cease, to look again and again.
        st.rerun()
    by_id = {entry.run.id: entry for entry in found}
    for entry in found:
        if entry.mine and entry.status.state in ACTIVE:
            entry.run.watch()
    left, right = st.columns([1, 1.7])
    with left:
        chosen = _choose(by_id)
    with right:
        shown = _choose_shown(by_id, chosen)
    curves = {entry.run.id: live.curves_of(entry.run) for entry in {e.run.id: e for e in [chosen, *shown]}.values()}
    mine = chosen.mine
    live.header(store, chosen.run, chosen.info, chosen.status, curves[chosen.run.id], mine=mine)

    def remedy(info: RunInfo, finding: Finding) -> None:
        preset = info.recipe + (CORRECTED if info.corrected else "")
        _start(store, secret, preset, finding.config, board, info.name)

    live.findings(chosen.run, chosen.info, chosen.status, curves[chosen.run.id], remedy if mine else None)
    lines = [Line(entry.name, curves[entry.run.id]) for entry in shown]
    live.charts(lines, live.goal_of(chosen.info))
    if (chosen.run.folder / "network.json").exists():
        _results(chosen)
    st.divider()
    live.look_inside(chosen.run)
    st.divider()
    _table(found, curves)
    with st.container(horizontal=True):
        _keep_curves(lines, live.goal_of(chosen.info))
        if mine:
            _manage(store, secret, board, chosen)
    _upload()


def _choose(by_id: dict[str, Entry]) -> Entry:
    state = st.session_state
    wanted = state.get("run")
    newest_own = next((entry.run.id for entry in by_id.values() if entry.mine), next(iter(by_id)))
    if wanted not in by_id:
        wanted = newest_own
    key = f"run_choice_{state.get('desk', 0)}"
    state[key] = wanted
    if len(by_id) > 1:
        state["run"] = st.selectbox(
            "Run",
            list(by_id),
            format_func=lambda identity: by_id[identity].name if identity in by_id else "",
            key=key,
            help="The run that you look at and control.",
            on_change=_chosen,
            args=(key,),
        )
    else:
        state["run"] = wanted
    return by_id[state["run"]]


def _chosen(key: str) -> None:
    st.session_state["run"] = st.session_state[key]


def _choose_shown(by_id: dict[str, Entry], chosen: Entry) -> list[Entry]:
    """The runs that are laid over each other."""
    state = st.session_state
    if len(by_id) == 1:
        return [chosen]
    kept = [identity for identity in state.get("shown", [chosen.run.id]) if identity in by_id]
    key = f"shown_choice_{state.get('desk', 0)}"
    state[key] = kept or [chosen.run.id]
    st.multiselect(
        "On the curves",
        list(by_id),
        format_func=lambda identity: by_id[identity].name if identity in by_id else "",
        key=key,
        max_selections=MAX_SHOWN,
        on_change=_shown,
        args=(key,),
        help=f"Up to {MAX_SHOWN} runs, laid over each other on the same axes.",
    )
    state["shown"] = list(state[key])
    return [by_id[identity] for identity in state["shown"]] or [chosen]


def _shown(key: str) -> None:
    st.session_state["shown"] = list(st.session_state[key])


def _results(entry: Entry) -> None:
    """What can be done with a network that is trained."""
    folder = entry.run.folder
    try:
        card = weights.load_card("network", folder)
        npz, text = (folder / "network.npz").read_bytes(), (folder / "network.json").read_bytes()
    except (InputError, OSError):
        st.caption("The trained network cannot be read; train it again.")
        return
    with st.container(border=True, key="results"):
        shares = [f"**{share * 100:.2f} %** of the {name} images right" for name, share in card.accuracies.items()]
        st.markdown(f":material/check_circle: Trained: {', '.join(shares)}.")
        with st.container(horizontal=True):
            if entry.mine and st.button("Use it on the Draw page", key="use", type="primary", icon=":material/draw:"):
                keep_network(key_of(entry.run), Recognizer.load("network", folder))
                st.session_state.pop("network", None)
                st.session_state["chosen_network"] = key_of(entry.run)
                st.switch_page("app.py", query_params={"network": key_of(entry.run)})
            st.download_button(
                "Weights", npz, "network.npz", key="weights", icon=":material/download:", on_click="ignore"
            )
            st.download_button(
                "Model card", text, "network.json", key="card", icon=":material/download:", on_click="ignore"
            )


def _table(found: list[Entry], curves: dict[str, Curves]) -> None:
    """Settings and results of all runs, side by side."""
    rows = []
    for entry in found:
        known = curves.get(entry.run.id) or live.curves_of(entry.run)
        config = entry.info.config
        rows.append(
            {
                "run": entry.name,
                "state": live.STATES[entry.status.state][0],
                "best validation": _share(known.best_validation()),
                "training": _share(known.last("accuracy")),
                "test": _test_share(entry),
                "seconds": "" if math.isnan(known.last("seconds")) else f"{known.last('seconds'):,.1f}",
                "optimizer": OPTIMIZER_NAMES.get(config.optimizer, config.optimizer),
                "rate": f"{config.learning_rate:g}",
                "batch": "all" if config.batch_size == 0 else str(config.batch_size),
                "epochs": "" if config.steps else str(config.epochs),
                "augmentation": AUGMENTATION_NAMES.get(config.augmentation, config.augmentation),
                "seed": config.seed,
                "layers": ", ".join(config.layers),
            }
        )
    st.markdown("**All runs**")
    st.dataframe(
        pa.Table.from_pylist(rows), hide_index=True, key="table", alt=f"Settings and results of {len(rows)} runs."
    )


def _test_share(entry: Entry) -> str:
    """The accuracy on the test images, "" as long as the network is not finished."""
    if entry.status.state not in ENDED:
        return ""
    try:
        return accuracy_on_test(weights.load_card("network", entry.run.folder))
    except InputError:
        return ""


def _share(value: float) -> str:
    return "" if math.isnan(value) else f"{math.floor(value * 10_000 + 1e-6) / 100:.2f} %"


def _keep_curves(lines: list[Line], goal: float | None) -> None:
    with st.popover("Keep the curves", icon=":material/save:"):
        st.download_button("Table (CSV)", lambda: csv_of(lines), "curves.csv", "text/csv", key="csv", on_click="ignore")
        for name, mime in FORMATS.items():
            st.download_button(
                f"Figure ({name.upper()})",
                lambda name=name: figure_of(lines, name, goal),  # type: ignore[misc]
                f"curves.{name}",
                mime,
                key=f"figure_{name}",
                on_click="ignore",
            )


def _manage(store: RunStore, secret: str, board: Board, entry: Entry) -> None:
    """Rename, train again, delete."""
    run, info = entry.run, entry.info
    name_key = f"name_{run.id}"
    preset = info.recipe + (CORRECTED if info.corrected else "")
    with st.popover("Manage this run", icon=":material/settings:", key="manage"):
        st.text_input(
            "Name",
            value=info.name,
            key=name_key,
            max_chars=60,
            help="Press Enter to rename the run.",
            on_change=lambda: live.attempt(run.rename, st.session_state[name_key]),
        )
        st.button(
            "Train again, same seed",
            key="again",
            icon=":material/replay:",
            on_click=_start,
            args=(store, secret, preset, info.config, board, info.name),
        )
        st.button(
            "Train again, another seed",
            key="again_seed",
            icon=":material/casino:",
            on_click=lambda: _start(store, secret, preset, _other_seed(info.config), board, info.name),
        )
        st.divider()
        sure = st.checkbox("I want to lose this run and its network.", key=f"sure_{run.id}")
        st.button(
            "Delete this run",
            key="delete",
            icon=":material/delete:",
            disabled=not sure,
            on_click=live.attempt,
            args=(store.delete, run),
        )


def _other_seed(config: TrainingConfig) -> TrainingConfig:
    return dataclasses.replace(config, seed=(config.seed + 1) % 2**32)


def _upload() -> None:
    """A network that was downloaded here before, taken up again."""
    with st.expander("Use a network that you downloaded", icon=":material/upload:"):
        files = st.file_uploader(
            "Weights (.npz) and model card (.json), both together",
            type=["npz", "json"],
            accept_multiple_files=True,
            key="upload",
            max_upload_size=32,
            help="The two files that this page offers for download under a trained network.",
        )
        if files and len(files) == 1:
            st.caption("Now add the other file.")
        elif files:
            try:
                key = take_upload([(file.name, file.getvalue()) for file in files])
            except InputError as error:
                st.error(str(error), icon=":material/error:")
                return
            st.page_link("app.py", label="Draw with it", icon=":material/draw:", query_params={"network": key})
