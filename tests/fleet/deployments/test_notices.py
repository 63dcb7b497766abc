"""Which notices are given, and which are taken back."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fleet.deployments.notices import ComingRun, Notice, compare_notices, notice_message, withdrawal_message

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def coming(hours: float, name: str = "web", notice_hours: float = 4) -> ComingRun:
    return ComingRun(name, NOW + hours * HOUR, "Fri 13:00", 120, ("all",), ("mail",), notice_hours)


def given_for(hours: float, name: str = "web") -> Notice:
    return Notice(name, NOW + hours * HOUR, "Fri 13:00", NOW - HOUR, ("mail",))


def test_notice_is_given_once_when_its_time_has_come() -> None:
    """Of what lies further ahead it is said when to look again."""
    changes = compare_notices([coming(3), coming(10)], [], NOW)
    assert [each.at for each in changes.give] == [NOW + 3 * HOUR]
    assert changes.next_at == NOW + 6 * HOUR
    assert compare_notices([coming(3)], [given_for(3)], NOW).give == ()


def test_what_does_not_start_any_more_is_taken_back() -> None:
    """Only while its time has not come; the name counts whatever its case."""
    changes = compare_notices([coming(3, "WEB")], [given_for(3), given_for(2), given_for(-1)], NOW)
    assert [each.at for each in changes.withdraw] == [NOW + 2 * HOUR]
    assert changes.give == ()


def test_what_has_started_is_forgotten_much_later() -> None:
    """A clock that is set back over a start tells nobody twice."""
    assert compare_notices([], [given_for(-24)], NOW).forget == ()
    assert len(compare_notices([], [given_for(-24 * 8)], NOW).forget) == 1


@given(st.lists(st.floats(-100, 100)), st.lists(st.floats(-100, 100)))
def test_after_the_changes_nothing_is_left_to_do(ahead: list[float], told: list[float]) -> None:
    """Whatever was told and whatever is to come: told again or taken back twice is nothing."""
    due = [coming(hours) for hours in ahead]
    first = compare_notices(due, [given_for(hours) for hours in told], NOW)
    gone = {(each.deployment, each.at) for each in (*first.withdraw, *first.forget)}
    left = [each for each in (given_for(hours) for hours in told) if (each.deployment, each.at) not in gone]
    left += [Notice(each.deployment, each.at, each.local, NOW, each.channels) for each in first.give]
    again = compare_notices(due, left, NOW)
    assert (again.give, again.withdraw) == ((), ())


def test_messages_say_what_and_when() -> None:
    """And on how many machines, as far as it is known."""
    notice = notice_message(coming(3), ["web-02", "web-01"], "m-1", NOW)
    assert notice.title == "web starts Fri 13:00"
    assert (notice.items, notice.facts["machines"]) == (("web-01", "web-02"), "2 enabled")
    assert notice_message(coming(3), None, "m-1", NOW).facts["machines"] == "not known"
    taken_back = withdrawal_message(given_for(3), "the deployment was disabled", "m-2", NOW)
    assert "the deployment was disabled." in taken_back.text
