"""The demo works on a copy of the sample home, whatever the folder it is started in, and touches no network."""

import asyncio
from contextlib import closing
from pathlib import Path

import pytest

from fleet.compliance import Compliance
from fleet.machines import TransportKind
from ops.assess import FleetOptions, assess_fleet
from ops.demo import open_demo
from ops.enrolment import list_machines
from ops.missing import list_missing
from ops.state import StatusBook, connect
from query.engine import QueryEngine
from query.limits import Limits


def test_every_machine_is_a_transcript() -> None:
    """No machine of the demo is reached over a network."""
    with open_demo() as demo:
        assert {machine.transport for machine in list_machines(demo.home)} == {TransportKind.SCRIPTED}


def test_machines_can_be_assessed_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Assessed again from another folder, web machines answer or fail as shown, and what is missing stays the same."""
    monkeypatch.chdir(tmp_path)
    with open_demo() as demo:
        machines = [machine for machine in list_machines(demo.home) if machine.name.startswith("web-0")]
        before = {(m.machine_name, m.update) for m in list_missing(demo.home)}
        result = asyncio.run(assess_fleet(demo.home, machines, FleetOptions(), lambda _: None, clock=lambda: demo.now))
        assert result.failed == ()
        assert {a.machine_name for a in result.assessments if a.failure is None} == {m.name for m in machines}
        after = {(m.machine_name, m.update) for m in list_missing(demo.home)}
        assert {pair for pair in after ^ before if pair[0] != "web-09"} == set()


def test_every_compliance_is_there() -> None:
    """Each answer that a machine list can give is given for at least one machine, at the moment that stands for now."""
    with open_demo() as demo, closing(connect(demo.home.state_file)) as connection:
        statuses = StatusBook(connection).list_statuses()
        assert {status.compliance(demo.now) for status in statuses} == set(Compliance)


def test_queries_see_the_moment_that_stands_for_now(tmp_path: Path) -> None:
    """A query that looks back five hours finds today's scan of the Linux machines."""
    with open_demo() as demo:
        engine = QueryEngine(demo.home.tables_dir, tmp_path, Limits(), now=demo.now)
        try:
            sql = "SELECT count(*) FROM Heartbeat WHERE TimeGenerated > now() - INTERVAL 5 HOUR AND OSType = 'Linux'"
            ((count,),) = engine.run(sql).rows
        finally:
            engine.close()
    assert isinstance(count, int)
    assert 30 <= count <= 43


def test_windows_updates_are_told_by_title_and_article() -> None:
    """A missing update of a Windows machine has its title as name and its article as version."""
    with open_demo() as demo:
        missing = [m.update for m in list_missing(demo.home) if m.machine_name == "file-02"]
    cumulative = next(update for update in missing if "Cumulative Update for Windows" in update.name)
    assert cumulative.offered_version.removeprefix("KB") in cumulative.name
    assert cumulative.repository == "Microsoft Update"
