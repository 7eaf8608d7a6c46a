"""Trainings as folders on disk: started, followed, controlled and resumed by processes that share nothing else.

Read `folder.py` first. This wing uses `training`, `recipes`, `insight` and what these use.

folder.py is one run, run_records.py what its small files say, lesson_files.py what it begins with if it teaches a
network, first_state.py if it goes on from one, run_network.py its network, curves_file.py its curves, diagnosis.py what
goes wrong in it; store.py all runs of a computer, and who may touch which.
classes.py opens, finds and closes classes; class_members.py is who is in one, class_orders.py what its teacher orders,
class_runs.py which runs it shows, class_lesson.py where it is in a lesson and what its members predict, class_files.py
their files, class_records.py what these say; tries.py counts wrong
codes; board.py is what a class looks at together.
How runs are computed: director.py takes them in; scheduler.py gives slices of them (slices.py) to workers (workers.py,
worker.py), which hold trainings in memory (live_training.py), make what is shown of them (shown_files.py) and touch no
file of a run; turns.py says whose turn it is.
going.py is one run between director and workers: control_reader.py reads what is asked of it, run_progress.py decides
what follows from that and from what comes back, pause.py is its pause, and run_writer.py and status_writer.py write it
down; kept_states.py keeps what an explosion goes back to. cluster.py and cluster_worker.py are for a Dask cluster;
direct.py is the director's process; alone.py does without all of it, for a terminal. limits.py has all limits;
own_address.py is where in its network this computer is; lesson_progress.py is how far a visitor is in the lessons.
"""

from mnist_core.runs.board import SOMEBODY_WHO_LEFT, Board, BoardReader, BoardRun, CurvesReader, ranked
from mnist_core.runs.class_lesson import Pace
from mnist_core.runs.class_records import ClassInfo, Member, Order
from mnist_core.runs.classes import Classes
from mnist_core.runs.curves_file import FIELDS, Curves
from mnist_core.runs.diagnosis import Finding, diagnose
from mnist_core.runs.first_state import FirstState, first_state_of
from mnist_core.runs.folder import Run
from mnist_core.runs.lesson_files import lesson_images
from mnist_core.runs.lesson_progress import LessonProgress, Progress
from mnist_core.runs.own_address import is_local, own_address
from mnist_core.runs.run_network import network_of, network_time, recognizer_of
from mnist_core.runs.run_records import ACTIVE, ENDED, RunInfo, Status, clean_name
from mnist_core.runs.store import RunStore, new_secret

__all__ = [
    "ACTIVE",
    "ENDED",
    "FIELDS",
    "SOMEBODY_WHO_LEFT",
    "Board",
    "BoardReader",
    "BoardRun",
    "ClassInfo",
    "Classes",
    "Curves",
    "CurvesReader",
    "Finding",
    "FirstState",
    "LessonProgress",
    "Member",
    "Order",
    "Pace",
    "Progress",
    "Run",
    "RunInfo",
    "RunStore",
    "Status",
    "clean_name",
    "diagnose",
    "first_state_of",
    "is_local",
    "lesson_images",
    "network_of",
    "network_time",
    "new_secret",
    "own_address",
    "ranked",
    "recognizer_of",
]
