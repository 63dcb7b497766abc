"""One machine in full as text: facts that are more than a value."""

from datetime import UTC, date, datetime, timedelta

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.facts import MachineFacts, OtherUpdater, Repository, UpdateModel
from fleet.machines import Machine, TransportKind
from fleet.status import MachineStatus, summarise
from ops.cli.machine_page import machine_lines
from ops.lifecycle import Names

_NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def _page(facts: MachineFacts) -> dict[str, str]:
    machine = Machine("m", "web-01", TransportKind.LOCAL, _NOW)
    answer = summarise(Assessment("m", "web-01", _NOW, _NOW, Coverage.COMPLETE, facts))
    lines = machine_lines(MachineStatus(machine, answer, answer), _NOW, Names())
    return {line[:22].strip(): line[23:] for line in lines}


def test_facts_beside_updates_are_shown() -> None:
    """Each as a person reads it: names, ages, dates and what is failing."""
    page = _page(
        MachineFacts(
            uptime_seconds=90_000.0,
            system_uuid="4c4c4544-0042-3510-8052-b4c04f4e3132",
            end_of_life=date(2026, 6, 30),
            end_of_life_source="the vendor",
            services_to_restart=("nginx.service",),
            other_updaters=(OtherUpdater("snapd"), OtherUpdater("dnf-automatic", _NOW - timedelta(hours=6))),
            repositories=(Repository("baseos"), Repository("epel", is_failing=True)),
            update_model=UpdateModel.BOOTC,
        )
    )

    assert page["uptime seconds"] == "1 d"
    assert page["system uuid"] == "4c4c4544-0042-3510-8052-b4c04f4e3132"
    assert (page["end of life"], page["end of life source"]) == ("2026-06-30", "the vendor")
    assert page["services to restart"] == "nginx.service"
    assert page["other updaters"] == "snapd, dnf-automatic (last ran 2026-11-20 06:00:00Z)"
    assert page["repositories"] == "2, 1 failing: epel"
    assert page["update model"] == "bootc"


def test_none_is_said_and_unknown_is_left_out() -> None:
    """No services to restart is an answer; not being able to see them is none."""
    assert _page(MachineFacts(services_to_restart=(), other_updaters=()))["services to restart"] == "none"
    assert "services to restart" not in _page(MachineFacts())
