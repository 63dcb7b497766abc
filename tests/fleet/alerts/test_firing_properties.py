"""What holds of alerts over every history: of values, failures, silence, acknowledgements and clocks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.alerts.firing import Fired
from fleet.alerts.measured import Instance, Measured
from fleet.alerts.quiet import QuietHours, parse_span
from fleet.alerts.records import Acknowledgement, AlertState
from fleet.alerts.rule import AlertRule
from tests.fleet.alerts.made_rules import Watched, made_rule

_MACHINES = ("a", "b")


@dataclass(frozen=True)
class Step:
    """One evaluation: how long after the last, what is found, and whose alert is acknowledged before it."""

    minutes: int
    values: tuple[float | None, float | None]
    missing: tuple[bool, bool]
    silent: tuple[bool, bool]
    fails: bool
    taken: str


_values = st.one_of(st.none(), st.integers(-1, 3).map(float))
_steps = st.lists(
    st.builds(
        Step,
        minutes=st.sampled_from((-1_500, -30, -1, 0, 1, 1, 1, 1, 7, 60, 600)),
        values=st.tuples(_values, _values),
        missing=st.tuples(st.booleans(), st.booleans()),
        silent=st.tuples(st.booleans(), st.booleans()),
        fails=st.sampled_from((True, False, False, False)),
        taken=st.sampled_from(("", "", *_MACHINES)),
    ),
    max_size=25,
)
_rules = st.builds(
    made_rule,
    evaluations=st.sampled_from((1, 1, 3)),
    resolve_minutes=st.sampled_from((0, 10)),
    repeat_minutes=st.sampled_from((0, 30)),
    group_minutes=st.sampled_from((0, 5)),
    quiet=st.sampled_from((QuietHours(), QuietHours((parse_span("22:00-06:00"),), "Europe/Berlin"))),
)


def play(rule: AlertRule, steps: Sequence[Step]) -> tuple[Watched, list[tuple[Step, Watched, Fired]]]:
    """Each step with what was kept before it and what it led to."""
    watched, seen = Watched(rule), []
    for step in steps:
        record = watched.records.get(step.taken)
        if record is not None and record.is_open:
            taken = Acknowledgement("ann", watched.now, "", record.value)
            watched.records[step.taken] = replace(record, acknowledgement=taken)
        before = replace(watched, records=dict(watched.records), events=list(watched.events))
        seen.append((step, before, watched.see(_measured(step), timedelta(minutes=step.minutes))))
    return watched, seen


def _measured(step: Step) -> Measured:
    if step.fails:
        return Measured(problem="it failed")
    rows = zip(_MACHINES, step.values, step.missing, strict=True)
    silent = frozenset(name for name, is_silent in zip(_MACHINES, step.silent, strict=True) if is_silent)
    return Measured(tuple(Instance(name, value, "", name) for name, value, gone in rows if not gone), silent)


@given(rule=_rules, steps=_steps)
@settings(max_examples=150)
def test_each_alert_opens_once_and_is_resolved_at_most_once(rule: AlertRule, steps: list[Step]) -> None:
    """In that order, with nothing after its end; and at most one of a key is open."""
    watched, _ = play(rule, steps)
    by_id: dict[str, list[AlertState]] = {}
    for event in watched.events:
        by_id.setdefault(event.alert_id, []).append(event.state)
    for states in by_id.values():
        assert states[0] is AlertState.OPENED
        assert states.count(AlertState.OPENED) == 1
        assert AlertState.RESOLVED not in states[:-1]
    unresolved = {identity for identity, states in by_id.items() if AlertState.RESOLVED not in states}
    assert unresolved == {record.alert_id for record in watched.records.values() if record.is_open}


@given(rule=_rules, steps=_steps)
@settings(max_examples=150)
def test_people_hear_of_an_end_only_if_they_heard_of_the_beginning(rule: AlertRule, steps: list[Step]) -> None:
    """Once each; nothing is told in quiet hours; and nothing again of what somebody has taken and is not worse."""
    told_open: set[str] = set()
    for step, before, fired in play(rule, steps)[1]:
        assert not (fired.told and rule.quiet.holds(before.now + timedelta(minutes=step.minutes)))
        for record in fired.told.resolved:
            assert record.alert_id in told_open
            told_open.remove(record.alert_id)
        for record in fired.told.opened:
            assert record.alert_id not in told_open
            assert record.acknowledgement is None
            told_open.add(record.alert_id)
        assert all(record.alert_id in told_open for record in fired.told.repeated)
        assert all(record.acknowledgement is None for record in fired.told.repeated)


@given(rule=_rules, steps=_steps)
@settings(max_examples=150)
def test_what_is_not_known_opens_and_resolves_nothing(rule: AlertRule, steps: list[Step]) -> None:
    """Neither a failed evaluation, nor a value that is not known, nor the silence of a machine."""
    for step, _, fired in play(rule, steps)[1]:
        changed = {event.key for event in fired.events if event.state in (AlertState.OPENED, AlertState.RESOLVED)}
        for name, value, gone, silent in zip(_MACHINES, step.values, step.missing, step.silent, strict=True):
            if step.fails or (not gone and value is None) or (gone and silent):
                assert name not in changed


@given(rule=_rules, steps=_steps)
@settings(max_examples=100)
def test_what_nothing_happens_to_is_not_written_again(rule: AlertRule, steps: list[Step]) -> None:
    """An evaluation that finds the same a moment later changes nothing, unless it was time for something."""
    watched, _ = play(rule, steps)
    if not steps:
        return
    watched.see(_measured(steps[-1]), timedelta(0))
    again = watched.see(_measured(steps[-1]), timedelta(0))
    assert not again.has_changed
