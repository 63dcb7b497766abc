"""Alerts open, are told again and resolved: each once, whatever is known, quiet or slow."""

from dataclasses import replace
from datetime import timedelta

from fleet.alerts.firing import end_all
from fleet.alerts.measured import Measured
from fleet.alerts.quiet import QuietHours, parse_span
from fleet.alerts.records import EVALUATION, Acknowledgement
from fleet.alerts.severity import Severity
from tests.fleet.alerts.made_rules import MINUTE, NOON, Watched, found, keys, made_rule

HOUR = timedelta(hours=1)


def test_alert_opens_once_and_is_resolved_once() -> None:
    """However often it is found in between."""
    watched = Watched(made_rule())
    first = watched.see(found(web=1.0))
    second = watched.see(found(web=2.0))
    last = watched.see(found())

    assert (keys(first.told.opened), bool(second.told), keys(last.told.resolved)) == (["web"], False, ["web"])
    assert watched.states == ["Opened web", "Resolved web"]
    assert {event.alert_id for event in watched.events} == {"alert-0"}
    assert watched.records == {}


def test_alert_that_comes_back_is_another_one() -> None:
    """With an id of its own."""
    watched = Watched(made_rule())
    for measured in (found(web=1.0), found(), found(web=1.0)):
        watched.see(measured)
    assert [event.alert_id for event in watched.events] == ["alert-0", "alert-0", "alert-1"]


def test_unknown_value_neither_opens_nor_resolves() -> None:
    """A machine of which nothing is known is neither good nor bad."""
    watched = Watched(made_rule())
    watched.see(found(web=None))
    assert watched.states == []
    watched.see(found(web=1.0))
    watched.see(found(web=None), HOUR)
    assert watched.states == ["Opened web"]


def test_machine_that_does_not_answer_resolves_nothing() -> None:
    """That nothing is found on it any more is no news of it."""
    watched = Watched(made_rule())
    watched.see(found(web=1.0, db=1.0))
    watched.see(Measured(silent=frozenset({"web"})), HOUR)
    assert watched.states == ["Opened web", "Opened db", "Resolved db"]
    watched.see(Measured())
    assert watched.states[-1] == "Resolved web"


def test_rule_that_cannot_be_evaluated_is_an_alert_itself_once() -> None:
    """It names the error; what was open stays open, and goes on when it can be evaluated again."""
    watched = Watched(made_rule(evaluations=5, resolve_minutes=60))
    watched.rule = replace(watched.rule, evaluations=1)
    watched.see(found(web=1.0))
    broken = watched.see(Measured(problem="There is no query 'x'."))
    again = watched.see(Measured(problem="There is no query 'x'."), HOUR)

    assert [record.description for record in broken.told.opened] == [
        "It could not be evaluated: There is no query 'x'."
    ]
    assert not again.told
    assert set(watched.records) == {"web", EVALUATION}
    mended = watched.see(found(web=1.0))
    assert (keys(mended.told.resolved), set(watched.records)) == ([EVALUATION], {"web"})


def test_flapping_needs_evaluations_in_a_row_to_open() -> None:
    """A gap begins the count anew, and several looks within a minute count once."""
    watched = Watched(made_rule(evaluations=3))
    for measured in (found(web=1.0), found(web=1.0), found(), found(web=1.0), found(web=1.0)):
        watched.see(measured)
    watched.see(found(web=1.0), timedelta(seconds=5))
    assert watched.states == []
    watched.see(found(web=1.0))
    assert watched.states == ["Opened web"]


def test_alert_is_resolved_after_it_was_gone_for_long_enough() -> None:
    """Found again in between, the time begins anew."""
    watched = Watched(made_rule(resolve_minutes=30))
    watched.see(found(web=1.0))
    cleared = watched.see(found())
    assert cleared.next_at == watched.now + timedelta(minutes=30)
    watched.see(found(), timedelta(minutes=29))
    watched.see(found(web=1.0))
    watched.see(found())
    watched.see(found(), timedelta(minutes=29))
    assert watched.states == ["Opened web"]
    watched.see(found())
    assert watched.states == ["Opened web", "Resolved web"]


def test_open_alert_is_told_again_in_its_time() -> None:
    """All that are due about then in one message."""
    watched = Watched(made_rule(repeat_minutes=60))
    watched.see(found(web=1.0))
    early = watched.see(found(web=1.0), timedelta(minutes=59))
    assert (bool(early.told), early.next_at) == (False, NOON + MINUTE + HOUR)
    late = watched.see(found(web=1.0))
    assert keys(late.told.repeated) == ["web"]
    assert watched.states == ["Opened web", "Repeated web"]


def test_acknowledged_alert_is_not_told_again_until_it_gets_worse() -> None:
    """Worse is further beyond the threshold than when it was taken."""
    watched = Watched(made_rule(repeat_minutes=60))
    watched.see(found(web=3.0))
    taken = Acknowledgement("ann", watched.now, "mine", 3.0)
    watched.records["web"] = replace(watched.records["web"], acknowledgement=taken)
    assert not watched.see(found(web=3.0), 5 * HOUR).told
    assert not watched.see(found(web=2.0), 5 * HOUR).told
    worse = watched.see(found(web=4.0))
    assert keys(worse.told.repeated) == ["web"]
    assert worse.told.repeated[0].acknowledgement is None
    assert not watched.see(found(web=4.0)).told


def test_alert_that_got_worse_in_quiet_hours_and_was_taken_then_is_not_told() -> None:
    """Found by hypothesis: whoever took it knows how bad it is."""
    watched = Watched(made_rule(quiet=QuietHours((parse_span("12:30-14:00"),))))
    watched.see(found(web=1.0))
    for value in (1.0, 2.0):
        taken = Acknowledgement("ann", watched.now, "", value)
        watched.records["web"] = replace(watched.records["web"], acknowledgement=taken)
        watched.see(found(web=2.0), timedelta(minutes=35))
    assert not watched.see(found(web=2.0), 3 * HOUR).told


def test_in_quiet_hours_people_are_told_afterwards_of_what_is_still_open() -> None:
    """What came and went in them is in the history alone."""
    quiet = QuietHours((parse_span("12:00-14:00"),))
    watched = Watched(made_rule(quiet=quiet))
    assert not watched.see(found(web=1.0, db=1.0)).told
    held = watched.see(found(web=1.0))
    assert (bool(held.told), held.next_at) == (False, NOON + 2 * HOUR)
    assert watched.states == ["Opened web", "Opened db", "Resolved db"]
    after = watched.see(found(web=1.0), 2 * HOUR)
    assert (keys(after.told.opened), keys(after.told.resolved)) == (["web"], [])


def test_end_of_an_alert_in_quiet_hours_is_told_afterwards_to_those_who_heard_of_it() -> None:
    """They would wait for it otherwise."""
    watched = Watched(made_rule(quiet=QuietHours((parse_span("12:30-14:00"),))))
    watched.see(found(web=1.0))
    assert not watched.see(found(), timedelta(minutes=40)).told
    assert watched.states == ["Opened web", "Resolved web"]
    assert keys(watched.see(found(), 2 * HOUR).told.resolved) == ["web"]
    assert watched.records == {}


def test_rule_that_is_always_quiet_is_looked_at_once_a_day() -> None:
    """Not at each moment for what will never be told."""
    watched = Watched(made_rule(quiet=QuietHours((parse_span("00:00-24:00"),))))
    assert watched.see(found(web=1.0)).next_at == watched.now + timedelta(days=1)
    assert watched.states == ["Opened web"]


def test_critical_rule_may_break_through_quiet_hours() -> None:
    """Where it says so."""
    quiet = QuietHours((parse_span("00:00-24:00"),))
    loud = made_rule(quiet=quiet, severity=Severity.CRITICAL, breaks_quiet=True)
    assert Watched(loud).see(found(web=1.0)).told
    assert not Watched(replace(loud, breaks_quiet=False)).see(found(web=1.0)).told


def test_what_happens_soon_after_a_message_is_told_together() -> None:
    """10,000 machines that fail one after the other are a message every few minutes."""
    watched = Watched(made_rule(group_minutes=5))
    assert keys(watched.see(found(a=1.0)).told.opened) == ["a"]
    assert not watched.see(found(a=1.0, b=1.0)).told
    waiting = watched.see(found(b=1.0, c=1.0))
    assert (bool(waiting.told), waiting.next_at) == (False, NOON + 6 * MINUTE)
    together = watched.see(found(b=1.0, c=1.0), 3 * MINUTE).told
    assert (keys(together.opened), keys(together.resolved)) == (["b", "c"], ["a"])


def test_clock_set_back_delays_repeats_by_their_period_at_most() -> None:
    """What was told "tomorrow" does not keep silent until then."""
    watched = Watched(made_rule(repeat_minutes=60, group_minutes=5))
    watched.see(found(web=1.0))
    watched.see(found(web=1.0), -24 * HOUR)
    assert keys(watched.see(found(web=1.0), HOUR).told.repeated) == ["web"]
    assert watched.states == ["Opened web", "Repeated web"]


def test_end_of_a_rule_ends_its_alerts() -> None:
    """Who was told of them is told of that; what was only about to open is forgotten."""
    watched = Watched(made_rule(evaluations=2))
    watched.see(found(web=1.0))
    watched.see(found(web=1.0, db=1.0))
    ended = end_all(watched.rule, watched.records, NOON, "the rule was removed")
    assert sorted(ended.dropped) == ["db", "web"]
    assert [(event.key, event.note) for event in ended.events] == [("web", "the rule was removed")]
    assert keys(ended.told.resolved) == ["web"]
