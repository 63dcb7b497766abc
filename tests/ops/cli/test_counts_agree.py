"""Whoever is asked how much is missing says the same, of a fleet of Windows and Linux with every kind of answer."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any  # Any: values of JSON and of tables

import pytest

from collectors.assess import AssessOptions, assess_machine
from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment
from fleet.facts import MachineFacts
from fleet.machines import Machine, OSType, TransportKind
from fleet.updates import Blocker, Classification, Update
from ops.assess_commit import store_batch
from ops.home import Home, open_home
from ops.state.database import connect
from ops.state.machines import MachineBook
from tests.collectors.windows.peer_transport import PeerTransport
from tests.ops.cli.conftest import Patchdeck
from tests.winrm_peer import systems
from tests.winrm_peer.machine import PeerMachine

_NOW = datetime.now(UTC).replace(microsecond=0)
# Columns of queries, by keys of the list of machines.
_COUNTS = {
    "Critical": "critical_missing",
    "Security": "security_missing",
    "Others": "other_missing",
    "Unclassified": "unclassified_missing",
}


def _offline() -> PeerMachine:
    peer = systems.server_2022()
    peer.search_fails_with = "0x8024402C"
    return peer


def _warned() -> PeerMachine:
    peer = systems.server_core()
    peer.search_result_code = 3
    return peer


def _disabled() -> PeerMachine:
    peer = systems.server_2022()
    peer.search_fails_with = "0x80070422"
    return peer


# Non-compliant by several, by its store alone, with nothing but definitions, in doubt, and without an answer.
_WINDOWS: Mapping[str, Callable[[], PeerMachine]] = {
    "w-traps": systems.server_2022,
    "w-wsus": systems.server_2019,
    "w-offline": _offline,
    "w-clean": systems.server_core,
    "w-warned": _warned,
    "w-failed": _disabled,
}
_LINUX = {"l-clean": (), "l-held": ((Classification.SECURITY, Blocker.HELD), (Classification.OTHERS, None))}


def _windows(machine: Machine, peer: PeerMachine) -> Assessment:
    return asyncio.run(assess_machine(machine, PeerTransport(peer), AssessOptions(), lambda: _NOW))


def _linux(machine: Machine, lacks: tuple[tuple[Classification, Blocker | None], ...]) -> Assessment:
    facts = MachineFacts(os_type=OSType.LINUX, os_id="debian", os_version="12", reboot_required=Answer.NO)
    updates = tuple(Update(f"p{at}", "amd64", "1", "2", each, "", "r", why) for at, (each, why) in enumerate(lacks))
    return Assessment(machine.id, machine.name, _NOW, _NOW, Coverage.COMPLETE, facts=facts, updates=updates)


@pytest.fixture
def fleet(home: Path) -> Home:
    """The fleet, assessed once."""
    opened = open_home(home)
    assessments = []
    with closing(connect(opened.state_file)) as connection:
        for number, name in enumerate((*_WINDOWS, *_LINUX)):
            transport = TransportKind.WINRM if name in _WINDOWS else TransportKind.SSH
            machine = Machine(
                id=f"id-{number}",
                name=name,
                transport=transport,
                address="192.0.2.1",
                created_at=_NOW - timedelta(days=9),
            )
            MachineBook(connection).add(machine)
            known = name in _WINDOWS
            assessments.append(_windows(machine, _WINDOWS[name]()) if known else _linux(machine, _LINUX[name]))
    store_batch(opened, "batch-1", assessments)
    return opened


def _rows(patchdeck: Patchdeck, *arguments: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(patchdeck(*arguments, "--json").out)
    return rows


def _metric(patchdeck: Patchdeck, name: str, label: str) -> Counter[str]:
    found = re.findall(rf'^{name}{{.*\b{label}="([^"]+)".*}} (\d+)$', patchdeck("metrics").out, re.MULTILINE)
    counted: Counter[str] = Counter()
    for value, number in found:
        counted[value] += int(number)
    return counted


def _class_of(name: str) -> str:
    known = {"Critical Updates": "critical", "Security Updates": "security", "Unclassified": "unclassified"}
    return known.get(name, "others")


def test_all_that_count_missing_updates_count_the_same(patchdeck: Patchdeck, fleet: Home) -> None:
    """Metrics, the list of updates, queries in SQL and KQL: what is set aside and definitions are apart everywhere."""
    del fleet
    expected = _metric(patchdeck, "patchdeck_missing_updates", "classification")
    assert expected["security"] > 5

    listed: Counter[str] = Counter()
    for row in _rows(patchdeck, "updates"):
        if row["blocker"] not in ("hidden", "optional") and row["classification"] != "Definition Updates":
            listed[_class_of(row["classification"])] += 1
    by_class: Counter[str] = Counter()
    for row in _rows(patchdeck, "query", "--name", "missing-by-class"):
        if row["Classification"] != "Definition Updates":
            by_class[_class_of(row["Classification"])] += row["Missing"]
    kql = (
        "Update | where UpdateState == 'Needed' and Classification != 'Definition Updates' "
        "and NotInstallableReason !in ('hidden', 'optional') | summarize N = count() by Classification"
    )
    asked: Counter[str] = Counter()
    for row in _rows(patchdeck, "query", "--kql", kql):
        asked[_class_of(row["Classification"])] += row["N"]

    assert dict(listed) == dict(by_class) == dict(asked) == {name: expected[name] for name in listed}
    assert f"{sum(expected.values())} count as missing" in patchdeck("updates").err


def test_all_that_judge_machines_judge_the_same(patchdeck: Patchdeck, fleet: Home) -> None:
    """The list of machines, metrics, queries and the report; nothing that is not known is compliant."""
    del fleet
    judged = {row["name"]: row["compliance"] for row in _rows(patchdeck, "machines", "list")}
    assert judged == {
        "l-clean": "compliant",
        "l-held": "non-compliant",
        "w-clean": "compliant",
        "w-failed": "failed",
        "w-offline": "non-compliant",
        "w-traps": "non-compliant",
        "w-warned": "unknown",
        "w-wsus": "non-compliant",
    }

    words = Counter(judged.values())
    metrics = _metric(patchdeck, "patchdeck_machines", "compliance")
    assert {word: number for word, number in metrics.items() if number} == words
    rows = _rows(patchdeck, "query", "--name", "machines-and-updates")
    assert {row["Computer"]: row["Compliance"] for row in rows} == judged
    totals = _rows(patchdeck, "query", "--name", "fleet-compliance")
    assert {row["Compliance"]: row["Machines"] for row in totals if row["Machines"]} == words
    report = patchdeck("reports", "make", "compliance", "--format", "csv", "--section", "compliance").out
    assert {line.split(",")[0]: int(line.split(",")[1]) for line in report.splitlines()[1:] if line} == words


def test_each_machine_has_one_set_of_counts(patchdeck: Patchdeck, fleet: Home) -> None:
    """In the state and in the tables; empty where the scan could not tell, never 0."""
    del fleet
    shown = {row["name"]: row for row in _rows(patchdeck, "machines", "list")}
    for row in _rows(patchdeck, "query", "--name", "missing-summary-of-machine"):
        told = shown[row["Computer"]]
        for column, key in _COUNTS.items():
            # Of critical ones the table has the number that is known at least, which may be 0.
            assert row[column] == told[key] or (column, row["Coverage"]) == ("Critical", "security-unknown")
    latest = "UpdateSummary | project Computer, SecurityUpdatesMissing, TotalUpdatesMissing, Coverage"
    for row in _rows(patchdeck, "query", "--kql", latest):
        is_whole = row["Coverage"] == "complete"
        assert (row["TotalUpdatesMissing"] is not None, row["SecurityUpdatesMissing"] is not None) == (is_whole,) * 2
        if is_whole:
            assert row["TotalUpdatesMissing"] == sum(shown[row["Computer"]][key] for key in _COUNTS.values())


def test_what_a_scan_could_not_see_is_not_shown_as_nothing(patchdeck: Patchdeck, fleet: Home) -> None:
    """The page of a machine says so beside its numbers."""
    del fleet

    assert "at least 0 critical" in patchdeck("machines", "show", "w-warned").out
    assert "at least" not in patchdeck("machines", "show", "w-clean").out


def test_an_article_that_is_no_number_is_found(patchdeck: Patchdeck, fleet: Home) -> None:
    """Those of Office have letters and dashes."""
    del fleet

    assert {row["machine"] for row in _rows(patchdeck, "updates", "--kb", "kboff16-a")} == {"w-traps", "w-offline"}
