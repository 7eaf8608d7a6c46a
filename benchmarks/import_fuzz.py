"""Damaged copies of real files, thousands of each: every one is refused in a sentence, or is a sound network.

    python -m benchmarks.import_fuzz [COUNT]

COUNT: damaged copies of each file in tests/exchange/files; 2,000 if left out. Prints for each file how many were taken
all the same, and the most memory that the process has had.
"""

import resource
import sys
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.exchange.test_importing import FOREIGN
from tests.exchange.test_limits import mutated, refused_or_sound

MOST_MEGABYTES = 1000


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    for path in FOREIGN:
        taken = _damage(path, count)
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        print(
            f"{path.name}: {len(taken):,} damaged copies, {sum(taken):,} taken; {megabytes:,.0f} MB at most", flush=True
        )
        assert megabytes < MOST_MEGABYTES, path.name


def _damage(path: Path, count: int) -> list[bool]:
    """Whether each of so many damaged copies of a file was taken."""
    whole, taken = path.read_bytes(), []

    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def damage(data: st.DataObject) -> None:
        taken.append(refused_or_sound(path, mutated(data, whole)))

    damage()
    return taken


if __name__ == "__main__":
    main()
