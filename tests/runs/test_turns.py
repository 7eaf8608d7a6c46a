"""Whose turn it is: fair for each visitor, then for each run; quick ones first, unwatched ones rarer."""

from collections import Counter

from mnist_core.runs.turns import Candidate, Turns


def shares(candidates: list[Candidate], rounds: int, turns: Turns | None = None) -> Counter[str]:
    """How often each run has its turn."""
    turns = turns or Turns()
    counted: Counter[str] = Counter()
    for candidate in candidates:
        turns.enter(candidate)
    for _ in range(rounds):
        chosen = turns.next(candidates)
        assert chosen is not None
        turns.charge(chosen, 0.25)
        counted[chosen.run] += 1
    return counted


def test_nobody_waits_when_nobody_is_there() -> None:
    assert Turns().next([]) is None


def test_a_visitor_with_a_hundred_runs_gets_no_more_than_one_with_a_single_run() -> None:
    many = [Candidate(f"run {number}", "many") for number in range(100)]
    counted = shares([*many, Candidate("alone", "one")], 400)
    assert counted["alone"] == 200
    assert {counted[candidate.run] for candidate in many} == {2}


def test_all_runs_of_a_visitor_come_in_turn() -> None:
    runs = [Candidate(str(number), "somebody") for number in range(7)]
    assert set(shares(runs, 70).values()) == {10}


def test_who_waits_for_a_first_step_goes_first_and_pays_for_it() -> None:
    turns = Turns()
    old, new = Candidate("old", "a"), Candidate("new", "b", quick=True)
    shares([old], 40, turns)
    turns.enter(new)
    assert turns.next([old, new]) == new
    turns.charge(new, 0.25)
    assert turns.next([old, Candidate("new", "b")]) == old


def test_a_newcomer_has_no_claim_to_the_time_before() -> None:
    turns = Turns()
    old, new = Candidate("old", "a"), Candidate("new", "b")
    shares([old], 400, turns)
    counted = shares([old, new], 20, turns)
    assert counted["new"] == counted["old"] == 10


def test_a_second_run_of_a_visitor_does_not_starve_the_first() -> None:
    turns = Turns()
    many = [Candidate(f"run {number}", "many") for number in range(100)]
    first, second = Candidate("first", "one"), Candidate("second", "one")
    shares([*many, first], 400, turns)
    counted = shares([*many, first, second], 40, turns)
    assert counted["first"] == counted["second"] == 10


def test_unwatched_runs_are_rarer_but_never_forgotten() -> None:
    counted = shares([Candidate("seen", "a"), Candidate("left", "b", watched=False)], 100)
    assert counted["seen"] == 80 and counted["left"] == 20


def test_who_has_gone_is_forgotten() -> None:
    turns = Turns()
    shares([Candidate("old", "a"), Candidate("kept", "b")], 10, turns)
    turns.keep_only([Candidate("kept", "b")])
    assert turns._owners.keys() == {"b"} and turns._runs.keys() == {("b", "kept")}
