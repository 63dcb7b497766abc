"""The facts of a machine as rows: what is known, what is none, and what is unknown."""

from datetime import UTC, date, datetime, timedelta

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.facts import MachineFacts, OtherUpdater, Repository
from fleet.machines import Machine, TransportKind
from fleet.status import MachineStatus, summarise
from tui.rows.fact_rows import fact_rows

_NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def _rows(facts: MachineFacts) -> dict[str, str]:
    machine = Machine("m", "web-01", TransportKind.LOCAL, _NOW)
    answer = summarise(Assessment("m", "web-01", _NOW, _NOW, Coverage.COMPLETE, facts))
    return {row.cells[0]: row.cells[1] for row in fact_rows(MachineStatus(machine, answer, answer), _NOW)}


def test_facts_beside_updates_are_shown() -> None:
    """The system's end, its services, its repositories with their ages, and who else patches it and when."""
    rows = _rows(
        MachineFacts(
            end_of_life=date(2026, 6, 30),
            end_of_life_source="the vendor",
            services_to_restart=("nginx.service", "ssh.service"),
            other_updaters=(OtherUpdater("snapd"), OtherUpdater("dnf-automatic", _NOW - timedelta(hours=6))),
            repositories=(Repository("baseos", _NOW - timedelta(days=3)), Repository("epel", is_failing=True)),
        )
    )

    assert rows["End of life"] == "2026-06-30, by the vendor"
    assert rows["Services to restart"] == "nginx.service, ssh.service"
    assert rows["Other updaters"] == "snapd, dnf-automatic (last ran 6 h ago)"
    assert rows["Repositories"] == "baseos (3 d), epel (failing)"


def test_none_unknown_and_not_applicable_differ() -> None:
    """Three answers, three texts."""
    none = _rows(MachineFacts(services_to_restart=(), other_updaters=()))
    unknown = _rows(MachineFacts())
    rolling = _rows(MachineFacts(end_of_life_source="rolling release: no version that ends"))

    assert (none["Services to restart"], none["Other updaters"]) == ("none", "none")
    assert (unknown["Services to restart"], unknown["Other updaters"], unknown["End of life"]) == ("unknown",) * 3
    assert rolling["End of life"] == "rolling release: no version that ends"
