"""What the changes between two pictures of a fleet mean."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given

from fleet.answers import Answer
from fleet.compliance import Compliance
from fleet.differences.pictures import FleetPicture, MachinePicture, UpdatePicture
from fleet.differences.telling import OUTSIDE, Happened, Installation, Line, Subject, Told, tell_difference
from tests.fleet.differences.test_difference import PICTURES

SINCE = datetime(2026, 11, 12, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=1)
WEB = MachinePicture("web-01", Compliance.NON_COMPLIANT, Answer.YES)
KEY = ("m-1", "curl", "amd64")
CURL = UpdatePicture("curl", "8.2", "8.1", "Security Updates")
NOTHING = Happened({})


def told(
    before: UpdatePicture | None, after: UpdatePicture | None, happened: Happened = NOTHING
) -> list[tuple[Told, str]]:
    """What is told of one update of one machine, and who did it."""
    first, second = (FleetPicture({"m-1": WEB}, {KEY: update} if update else {}) for update in (before, after))
    found = tell_difference(SINCE, UNTIL, first, second, happened)
    return [(line.told, line.by) for line in found.lines]


def installed(run_id: str = "") -> Happened:
    """That curl was installed in between, by a run or not."""
    return Happened({KEY: Installation(SINCE + timedelta(hours=1), "web-01", "curl", "8.2", run_id)})


@given(PICTURES)
def test_nothing_is_told_of_two_pictures_that_are_the_same(picture: FleetPicture) -> None:
    """Without anything that happened in between there is no line."""
    assert tell_difference(SINCE, UNTIL, picture, picture, NOTHING).lines == ()


@pytest.mark.parametrize(
    ("before", "after", "happened", "expected"),
    [
        (None, CURL, NOTHING, [(Told.APPEARED, "")]),
        (CURL, None, installed("run-1"), [(Told.INSTALLED, "run-1")]),
        (CURL, None, installed(), [(Told.INSTALLED, OUTSIDE)]),
        (CURL, None, NOTHING, [(Told.NOT_NEEDED, "")]),
        (CURL, CURL._replace(version="8.3"), NOTHING, [(Told.SUPERSEDED, "")]),
        (CURL, CURL._replace(blocker="hidden"), NOTHING, [(Told.HIDDEN, "")]),
        (CURL, CURL._replace(blocker="held"), NOTHING, [(Told.CHANGED, "")]),
        # It came and was installed between the two: at neither of them it was missing.
        (None, None, installed("run-1"), [(Told.INSTALLED, "run-1")]),
        # It was installed, and a newer one is offered by now.
        (
            CURL,
            CURL._replace(version="8.3", installed_version="8.2"),
            installed("run-1"),
            [(Told.APPEARED, ""), (Told.INSTALLED, "run-1")],
        ),
    ],
)
def test_what_became_of_an_update(
    before: UpdatePicture | None, after: UpdatePicture | None, happened: Happened, expected: list[tuple[Told, str]]
) -> None:
    """It came, was installed by a run or outside, took the place of another, was hidden, or fell away."""
    assert told(before, after, happened) == expected


def test_machines_come_go_and_change() -> None:
    """What went takes its updates along; compliance changes of a machine that was stale are no verdict on it."""
    before = FleetPicture({"m-1": WEB, "m-2": MachinePicture("db-01", Compliance.STALE)}, {KEY: CURL})
    after = FleetPicture(
        {"m-2": MachinePicture("db-01", Compliance.COMPLIANT), "m-3": MachinePicture("new", Compliance.COMPLIANT)}, {}
    )
    found = tell_difference(SINCE, UNTIL, before, after, NOTHING)
    assert [(line.machine_name, line.told) for line in found.lines] == [
        ("new", Told.CAME),
        ("web-01", Told.WENT),
        ("db-01", Told.COMPLIANCE),
        ("web-01", Told.WENT_WITH_MACHINE),
    ]
    assert (found.before.assessed, found.after.assessed, found.after.compliant) == (1, 2, 2)


def test_machine_under_another_name_is_the_same() -> None:
    """It neither came nor went; what else became of it is told under its new name."""
    renamed = WEB._replace(name="www-01", compliance=Compliance.COMPLIANT)
    found = tell_difference(SINCE, UNTIL, FleetPicture({"m-1": WEB}, {}), FleetPicture({"m-1": renamed}, {}), NOTHING)
    assert [(line.told, line.machine_name, line.before, line.after) for line in found.lines] == [
        (Told.RENAMED, "www-01", "web-01", "www-01"),
        (Told.BECAME_COMPLIANT, "www-01", "non-compliant", "compliant"),
    ]


def test_reboot_by_a_run_is_told_once() -> None:
    """That it is not pending any more is told only of machines of whose reboot nothing is known."""
    pending = FleetPicture({"m-1": WEB}, {})
    done = FleetPicture({"m-1": WEB._replace(compliance=Compliance.COMPLIANT, reboot=Answer.NO)}, {})
    reboot = Line(Subject.REBOOTS, Told.REBOOTED, "m-1", "web-01", by="run-1", at=SINCE)
    known = tell_difference(SINCE, UNTIL, pending, done, Happened({}, (reboot,)))
    unknown = tell_difference(SINCE, UNTIL, pending, done, NOTHING)
    assert [line.told for line in known.lines] == [Told.BECAME_COMPLIANT, Told.REBOOTED]
    assert [line.told for line in unknown.lines] == [Told.BECAME_COMPLIANT, Told.REBOOT_DONE]
