"""The deployment book: what is kept, what is refused, and that two admins do not overwrite each other unseen."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType

import pytest

from fleet.deployments.deployment import Deployment
from fleet.deployments.reboot_rules import RebootPolicy, RebootRules
from fleet.deployments.rollout import FailureBudget, HealthGate, Rollout, WaveKind, WaveRule
from fleet.deployments.schedule import MissedStart, Schedule
from fleet.deployments.scripts import Script, ScriptFailure, ScriptPlace, ScriptStage
from fleet.deployments.update_rules import Exclusion, UpdateMask, UpdateRules
from fleet.deployments.window import Window
from fleet.errors import BadInput, UnknownName
from fleet.updates import Classification
from ops.state import Actor, Audit, connect, transaction
from ops.state.deployments import DeploymentBook, Source

_NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_ACTOR = Actor("anna", "192.0.2.9 50000 22", "patchdeck deployments add web")
_WEB = Deployment(
    "web",
    ("tag:role=web", "os:linux"),
    updates=UpdateRules(
        (Classification.SECURITY,),
        (UpdateMask("openssl*", "3.0.*"),),
        (UpdateMask("kernel*"),),
        (Exclusion(UpdateMask("nginx"), "breaks TLS", date(2027, 1, 31), "anna"),),
        minimum_age_days=3,
    ),
    schedule=Schedule(
        datetime(2026, 12, 8, 2, 30),  # noqa: DTZ001  (wall-clock time: the zone is a field of its own)
        "Europe/Berlin",
        "FREQ=MONTHLY;BYDAY=2TU",
        offset_days=3,
        last_day=date(2028, 1, 1),
        missed=MissedStart.RUN_WITHIN,
        missed_within_hours=2.5,
    ),
    window=Window(90, hard_stop=True),
    reboot=RebootRules(RebootPolicy.ALWAYS, "04:00", 5, "Back soon."),
    scripts=(
        Script(
            ScriptStage.PRE,
            ScriptPlace.MACHINE,
            "/srv/drain.sh",
            MappingProxyType({"pool": "a"}),
            60,
            ScriptFailure.CONTINUE,
        ),
    ),
    rollout=Rollout(
        (WaveRule(WaveKind.TARGET, "tag:ring=canary"), WaveRule(WaveKind.PERCENT, amount=25)),
        HealthGate(95.0, check_units=True, command="true", tcp_ports=(22, 443), soak_minutes=10.0),
        FailureBudget(machines=2),
        "cluster",
        "order",
        8,
    ),
    predownload_minutes=60,
    description="Web servers",
)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A new state.db."""
    with closing(connect(tmp_path / "state.db")) as opened:
        yield opened


@pytest.fixture
def audit(connection: sqlite3.Connection) -> Audit:
    """The audit, with a clock that stands still."""
    return Audit(connection, _ACTOR, lambda: _NOW)


@pytest.fixture
def book(connection: sqlite3.Connection, audit: Audit) -> DeploymentBook:
    """An empty deployment book."""
    return DeploymentBook(connection, audit)


def test_deployment_comes_back_as_it_was_added(book: DeploymentBook) -> None:
    """Every field survives, with its type, and so does the source, to the byte; deployments are listed by name."""
    source = Source("# Grüße\r\nname = 'web'\t\n\n", "toml", "/srv/deployments")
    book.add(_WEB, source)
    book.add(replace(_WEB, name="db"))

    stored = book.find("WEB")
    assert (stored.deployment, stored.source) == (_WEB, source)
    assert (stored.revision, stored.changed_at, stored.changed_by) == (1, _NOW, "anna")
    assert [each.deployment.name for each in book.list()] == ["db", "web"]


def test_name_is_unique_whatever_the_case(book: DeploymentBook) -> None:
    """web and WEB are the same deployment."""
    book.add(_WEB)

    with pytest.raises(BadInput, match="already a deployment 'WEB'"):
        book.add(replace(_WEB, name="WEB"))
    assert book.replace(replace(_WEB, name="WEB")).deployment.name == "WEB"
    assert [each.deployment.name for each in book.list()] == ["WEB"]


@pytest.mark.parametrize("name", ["", "all", "a b", "../x", "-x", "x" * 129, "20261120T020000Z-5f3a9c", "a\nb", "ä"])
def test_name_that_could_be_mistaken_is_refused(book: DeploymentBook, name: str) -> None:
    """Names go into command lines, paths and tables."""
    with pytest.raises(BadInput, match="not usable"):
        book.add(replace(_WEB, name=name))
    assert book.list() == []


def test_unknown_deployment_offers_the_nearest(book: DeploymentBook) -> None:
    """A typing error in a name is answered with the name that was meant."""
    book.add(replace(_WEB, name="web-monthly"))

    with pytest.raises(UnknownName, match="Did you mean 'web-monthly'"):
        book.find("web-montly")
    with pytest.raises(UnknownName):
        book.remove("web")
    with pytest.raises(UnknownName):
        book.replace(_WEB)
    with pytest.raises(UnknownName):
        book.set_enabled("web", enabled=False)


def test_second_of_two_admins_is_told_of_the_first(book: DeploymentBook) -> None:
    """Whoever replaces what has changed since it was read is refused, and hears who changed it when."""
    read_by_both = book.add(_WEB)
    book.replace(replace(_WEB, description="first"), seen=read_by_both)

    with pytest.raises(BadInput, match="anna changed deployment web at 2026-11-20 12:00:00Z"):
        book.replace(replace(_WEB, description="second"), seen=read_by_both)
    assert book.find("web").deployment.description == "first"


def test_same_definition_again_changes_nothing(book: DeploymentBook, audit: Audit) -> None:
    """No new revision and no audit; another comment in the source is a change."""
    book.add(_WEB, Source("a", "toml"))

    assert book.replace(_WEB, Source("a", "toml")).revision == 1
    assert len(audit.list_entries()) == 1
    assert book.replace(_WEB, Source("a # b", "toml")).revision == 2


def test_disabling_keeps_the_source(book: DeploymentBook) -> None:
    """It is a switch of this home; the file belongs to whoever keeps it."""
    book.add(_WEB, Source("a", "toml"))

    stored = book.set_enabled("web", enabled=False)

    assert (stored.deployment, stored.source) == (replace(_WEB, enabled=False), Source("a", "toml"))
    assert book.set_enabled("web", enabled=False).revision == stored.revision == 2


def test_every_change_is_audited_with_before_and_after(book: DeploymentBook, audit: Audit) -> None:
    """Who, from where, with which command, what, when."""
    book.add(_WEB)
    book.replace(replace(_WEB, predownload_minutes=30))
    book.set_enabled("web", enabled=False)
    book.set_enabled("web", enabled=True)
    book.remove("web")

    entries = audit.list_entries()
    actions = ["remove", "enable", "disable", "edit", "add"]
    assert [entry.action for entry in entries] == [f"deployment.{action}" for action in actions]
    assert {(entry.at, entry.actor, entry.target) for entry in entries} == {(_NOW, _ACTOR, "web")}
    assert (entries[0].after, entries[-1].before) == (None, None)
    edit = entries[3]
    before, after = json.loads(edit.before or ""), json.loads(edit.after or "")
    assert (before["predownload_minutes"], after["predownload_minutes"]) == (60, 30)


def test_change_that_fails_leaves_no_audit(book: DeploymentBook, audit: Audit, connection: sqlite3.Connection) -> None:
    """A change and its audit are one transaction."""

    def fail_after_adding() -> None:
        with transaction(connection):
            book.add(_WEB)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_adding()

    assert (book.list(), audit.list_entries()) == ([], [])
