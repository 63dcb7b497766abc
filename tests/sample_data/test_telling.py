"""Who gets told in the sample: its alerts, channels, audit, approvals and reports tell the story of its fleet."""

import shutil
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fleet.alerts.firing import fire
from fleet.alerts.records import AlertState
from fleet.channels import Channel
from fleet.deliveries import DeliveryStatus
from ops.alerts.book import list_open, list_rules
from ops.alerts.evaluating import measure_rules, new_id
from ops.approvals.overview import list_waiting
from ops.audit.verifying import verify_audit
from ops.config import Settings
from ops.home import Home, open_home
from ops.questions import find_query, open_engine
from ops.state import connect
from ops.state.alerts import AlertBook
from ops.state.audit import Audit
from ops.state.channels import ChannelBook
from ops.state.deliveries import DeliveryBook
from ops.state.report_schedules import ReportScheduleBook
from query.limits import Limits

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Home:
    """A copy of the sample's home."""
    folder = tmp_path_factory.mktemp("told")
    for name in ("version", "state.db"):
        shutil.copyfile(sample / name, folder / name)
    for name in ("tables", "feeds"):
        shutil.copytree(sample / name, folder / name)
    return open_home(folder)


def test_rules_find_what_is_open(told: Home) -> None:
    """Asked by the service's own code, the rules open and resolve nothing that the sample does not have."""
    rules = [rule for rule in list_rules(told) if rule.is_enabled]
    findings = measure_rules(told, Settings(), rules, NOW)
    with closing(connect(told.state_file)) as connection:
        book = AlertBook(connection)
        for found in findings:
            assert not found.measured.problem
            records, memory = book.records(found.rule.id), book.memory(found.rule.id)
            assert fire(found.rule, records, memory, found.measured, NOW, new_id).events == (), found.rule.name


def test_alerts_have_a_history(told: Home) -> None:
    """A dozen rules, alerts that were opened once and resolved once over months, and one that somebody took on."""
    with closing(connect(told.state_file)) as connection:
        events = [stored.event for stored in AlertBook(connection).events()]
    assert len(list_rules(told)) >= 12
    assert events == sorted(events, key=lambda event: event.at)
    assert (events[-1].at - events[0].at).days > 80
    for state in (AlertState.OPENED, AlertState.RESOLVED):
        ids = [event.alert_id for event in events if event.state is state]
        assert len(ids) == len({*ids}) > 40
    noted = [alert for alert in list_open(told) if alert.record.acknowledgement and alert.record.acknowledgement.note]
    assert {alert.record.key for alert in noted} == {"app-04", "edge-vie-01"}


def test_audit_is_whole(told: Home) -> None:
    """Chain, triggers and table agree; three people did something over months, in the order of time."""
    verdict = verify_audit(told)
    assert verdict.breaches == ()
    assert verdict.published == verdict.entries
    with closing(connect(told.state_file)) as connection:
        entries = Audit(connection).list_entries()
    times = [entry.at for entry in reversed(entries) if entry.at]
    assert times == sorted(times)
    assert (times[-1] - times[0]).days > 80
    assert {entry.actor.user for entry in entries} == {"jonas", "petra", "amira", "schedule"}
    assert len({entry.action for entry in entries}) > 12


def test_nothing_can_be_sent(told: Home) -> None:
    """Channels end in loopback's port "discard" or in a program that does nothing, hold no secret, and none is due."""
    with closing(connect(told.state_file)) as connection:
        channels, book = ChannelBook(connection).list(), DeliveryBook(connection)
        assert len(channels) == 3
        for channel in channels:
            assert leads_nowhere(channel), channel.name
            assert channel.secret is None
            assert channel.signing_key is None
        assert {delivery.status for delivery in book.list()} == {DeliveryStatus.DELIVERED}
        assert book.due_channels(datetime(2030, 1, 1, tzinfo=UTC)) == {}


def leads_nowhere(channel: Channel) -> bool:
    if channel.mail is not None:
        return (channel.mail.host, channel.mail.port) == ("127.0.0.1", 9)
    return channel.command[:1] == ("/bin/true",) or (channel.url or "").startswith("ntfy://127.0.0.1:9/")


def test_run_waits_for_approval(told: Home) -> None:
    """Of the two approvals that one run needs, one was given."""
    (waiting,) = list_waiting(told, clock=lambda: NOW)
    assert waiting.standing.describe() == "1 of 2 approvals, by petra"
    assert waiting.run.opens_at < NOW < waiting.run.closes_at
    assert waiting.run.waits_for_approval
    assert waiting.plan in waiting.run.plan_hash


def test_reports_are_scheduled(told: Home) -> None:
    """Two reports are made from time to time, the last of each without trouble."""
    with closing(connect(told.state_file)) as connection:
        schedules = ReportScheduleBook(connection).list()
    assert [stored.name for stored in schedules] == ["changes-monthly", "compliance-weekly"]
    assert all(stored.made_at and not stored.error for stored in schedules)


def test_questions_about_deeds_and_alerts_have_answers(told: Home) -> None:
    """Predefined queries over the table Audit give rows, as does the table Alert."""
    names = ("deeds", "deeds-by-person", "deeds-by-week", "addresses-of-deeds", "runs-and-who-asked")
    with open_engine(told, Settings(), now=NOW) as engine:
        for saved in (find_query(told, name) for name in names):
            assert engine.run(saved.text, saved.values({}), Limits(), saved.language).rows, saved.name
        states = engine.run("SELECT DISTINCT AlertState FROM Alert", {}, Limits()).rows
    assert {state for (state,) in states} == {state.value for state in AlertState}
