"""Notice of starts is given once, in time, and taken back where the start falls away."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from fleet.deployments.deployment import Deployment
from fleet.deployments.runs import Requester, RunStatus
from fleet.deployments.schedule import Schedule
from fleet.deployments.update_rules import UpdateRules
from fleet.messages import Message
from fleet.updates import Classification
from ops.deployments.new_runs import new_run
from ops.messages.book import list_deliveries
from ops.service.notices import NoticesDuty
from ops.state.database import opened
from ops.state.deployments import DeploymentBook
from ops.state.runs import RunAction, RunBook
from tests.ops.service.conftest import BEGINNING, Console

_HOUR = timedelta(hours=1)
_NIGHTLY = Deployment(
    "nightly",
    ("all",),
    UpdateRules(classes=(Classification.SECURITY,)),
    Schedule((BEGINNING + 30 * _HOUR).replace(tzinfo=None), "Europe/Berlin", rule="FREQ=DAILY"),
    channels=("mail",),
    notice_hours=24.0,
)
# Berlin is an hour ahead.
_START = BEGINNING + 29 * _HOUR


def define(console: Console, deployment: Deployment = _NIGHTLY) -> None:
    with opened(console.home.state_file) as connection:
        book = DeploymentBook(connection)
        if book.list():
            book.replace(deployment)
        else:
            book.add(deployment)


def attend(duty: NoticesDuty, console: Console, at: timedelta | None = None) -> datetime | None:
    if at is not None:
        console.time.true = at
    return asyncio.run(duty.attend(console.look()))


def told(console: Console) -> list[Message]:
    return [delivery.message for delivery in reversed(list_deliveries(console.home, "mail"))]


def test_notice_is_given_once_before_each_start(console: Console) -> None:
    """Also by the next service, and after the clock was set back over it."""
    define(console)
    duty = NoticesDuty(console.post())
    assert attend(duty, console) == BEGINNING + 10 * timedelta(minutes=1)
    assert attend(duty, console, 4.9 * _HOUR) == _START - 24 * _HOUR
    assert told(console) == []
    attend(duty, console, 5 * _HOUR)
    (message,) = told(console)
    assert (message.title, message.facts["in UTC"]) == ("nightly starts Sat 2026-11-21 18:00 CET", "2026-11-21 17:00Z")
    attend(NoticesDuty(console.post()), console, 6 * _HOUR)
    console.time.offset = -5 * _HOUR
    attend(duty, console)
    assert len(told(console)) == 1
    console.time.offset = timedelta(0)
    attend(duty, console, 29.5 * _HOUR)
    assert [each.facts["in UTC"] for each in told(console)] == ["2026-11-21 17:00Z", "2026-11-22 17:00Z"]


def test_a_start_that_is_moved_is_taken_back_and_told_anew(console: Console) -> None:
    """With where it went."""
    define(console)
    duty = NoticesDuty(console.post())
    attend(duty, console, 6 * _HOUR)
    schedule = replace(
        _NIGHTLY.schedule or Schedule(BEGINNING, "UTC"), first=(BEGINNING + 32 * _HOUR).replace(tzinfo=None)
    )
    define(console, replace(_NIGHTLY, schedule=schedule))
    attend(duty, console, 9 * _HOUR)
    first, again, taken_back = told(console)
    assert taken_back.title == "nightly does not start Sat 2026-11-21 18:00 CET"
    assert "its schedule was changed; the next start is Sat 2026-11-21 20:00 CET." in taken_back.text
    assert (first.title, again.title) == (
        "nightly starts Sat 2026-11-21 18:00 CET",
        "nightly starts Sat 2026-11-21 20:00 CET",
    )


def test_a_start_that_was_disabled_is_taken_back_and_given_again(console: Console) -> None:
    """Each time that it changes, and to those who were told."""
    define(console)
    duty = NoticesDuty(console.post())
    attend(duty, console, 6 * _HOUR)
    with opened(console.home.state_file) as connection:
        DeploymentBook(connection).set_enabled("nightly", enabled=False)
    attend(duty, console)
    assert "the deployment was disabled." in told(console)[-1].text
    with opened(console.home.state_file) as connection:
        DeploymentBook(connection).set_enabled("nightly", enabled=True)
    attend(duty, console)
    assert [each.title.split()[1] for each in told(console)] == ["starts", "does", "starts"]
    with opened(console.home.state_file) as connection:
        DeploymentBook(connection).remove("nightly")
    attend(duty, console)
    assert "the deployment was removed." in told(console)[-1].text


def test_a_calendar_that_cannot_be_read_takes_nothing_back(console: Console) -> None:
    """It is a trouble, and not known what it says."""
    calendar = console.home.path / "holidays.ics"
    empty = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n"
    calendar.write_text(empty)
    schedule = replace(_NIGHTLY.schedule or Schedule(BEGINNING, "UTC"), blackouts=str(calendar))
    define(console, replace(_NIGHTLY, schedule=schedule))
    duty = NoticesDuty(console.post())
    attend(duty, console, 6 * _HOUR)
    calendar.write_text("nothing")
    attend(duty, console, 7 * _HOUR)
    assert len(told(console)) == 1
    (trouble,) = duty.troubles()
    assert trouble.text.startswith("nightly: ")
    event = (
        "BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20261121T000000Z\r\nDTEND:20261122T000000Z\r\n"
    )
    calendar.write_text(empty.replace("END:VCAL", f"{event}SUMMARY:Freeze\r\nEND:VEVENT\r\nEND:VCAL"))
    attend(duty, console, 8 * _HOUR)
    assert "it is in the blackout 'Freeze'" in told(console)[-1].text


def test_a_run_that_waits_for_its_window_is_told_of_once_and_with_its_start(console: Console) -> None:
    """Whether a schedule or somebody asked for it; one that is cancelled is taken back."""
    define(console)
    run = new_run(_NIGHTLY, _START, Requester("ann"))
    with opened(console.home.state_file) as connection:
        RunBook(connection).make(run)
        RunBook(connection).note_start("nightly", _START, "run made", run.id)
    duty = NoticesDuty(console.post())
    attend(duty, console, 6 * _HOUR)
    assert len(told(console)) == 1
    with opened(console.home.state_file) as connection:
        RunBook(connection).ask(run.id, RunAction.CANCEL, Requester("ann"))
    attend(duty, console, 7 * _HOUR)
    assert told(console)[-1].text.endswith("its run was cancelled.")
    with opened(console.home.state_file) as connection:
        RunBook(connection).save(replace(run, status=RunStatus.CANCELLED))
    attend(duty, console, 8 * _HOUR)
    assert len(told(console)) == 2


def test_without_the_lease_nobody_is_told(console: Console) -> None:
    """Of two services one tells."""
    define(console)
    post = replace(console.post(), token="another")
    asyncio.run(NoticesDuty(post).attend(replace(console.look(), now=BEGINNING + 6 * _HOUR)))
    assert told(console) == []
