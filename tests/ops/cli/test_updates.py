"""`patchdeck updates`: which updates machines miss, and who misses one of them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.facts import MachineFacts, WindowsFacts
from fleet.machines import Machine, OSType, TransportKind
from fleet.updates import Classification, RebootBehavior, Update, WindowsUpdate
from ops.assess_commit import store_batch
from ops.home import open_home
from ops.missing import list_missing
from ops.state import MachineBook
from ops.state.database import opened

Patchdeck = Callable[..., Any]  # Any: what the fixture of this room gives
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TITLE = "2026-11 Cumulative Update for Windows Server 2022 (KB5044284)"
KNOWN = WindowsUpdate(
    update_id="11111111-2222-4333-8444-555555555555",
    revision="200",
    kb=("5044284", "5044285"),
    product="Windows Server 2022",
    approval_source="WSUS",
    severity="Critical",
    reboot_behavior=RebootBehavior.ALWAYS,
    is_exclusive=True,
    is_approved=True,
)


@pytest.fixture
def known_home(tmp_path: Path) -> Path:
    """A home of a Windows machine that misses a cumulative update, a driver and nothing else."""
    machine = Machine("m1", "dc-01", TransportKind.WINRM, NOW, address="192.0.2.9", os_type=OSType.WINDOWS)
    update = Update(
        TITLE,
        "",
        "",
        "KB5044284",
        Classification.SECURITY,
        "the category of the update",
        "WSUS",
        severity="Critical",
        advisories=("KB5044284", "KB5044285"),
        windows=KNOWN,
    )
    driver = Update(
        "Intel - Net [99999999]",
        "",
        "",
        "rev 3",
        Classification.DRIVERS,
        "its type",
        "WSUS",
        windows=WindowsUpdate("99999999-2222-4333-8444-555555555555", "3", product="Drivers"),
    )
    facts = MachineFacts(os_type=OSType.WINDOWS, package_manager="windows-update", windows=WindowsFacts())
    home = open_home(tmp_path / "home")
    with opened(home.state_file) as connection:
        MachineBook(connection).add(machine)
    store_batch(home, "b", [Assessment("m1", "dc-01", NOW, NOW, Coverage.COMPLETE, facts, (update, driver))])
    return home.path


def test_updates_come_back_as_they_were_stored(known_home: Path) -> None:
    """What Windows alone says of an update is all there again, made of the rows of its table."""
    found = {each.update.name: each.update for each in list_missing(open_home(known_home))}

    assert found[TITLE].windows == KNOWN
    assert (found[TITLE].offered_version, found[TITLE].severity) == ("KB5044284", "Critical")
    assert found["Intel - Net [99999999]"].offered_version == "rev 3"
    assert found["Intel - Net [99999999]"].severity == ""


@pytest.mark.parametrize("kb", ["KB5044284", "5044285", "kb5044284"])
def test_kb_finds_who_misses_it(known_home: Path, patchdeck: Patchdeck, kb: str) -> None:
    """With or without KB, by any of its articles."""
    (row,) = json.loads(patchdeck("--home", str(known_home), "updates", "--kb", kb, "--json").out)

    assert (row["machine"], row["name"], row["kb"]) == ("dc-01", TITLE, ["5044284", "5044285"])
    assert (row["severity"], row["reboot_behavior"]) == ("Critical", "AlwaysRequiresReboot")
    assert (row["approval_source"], row["product"]) == ("WSUS", "Windows Server 2022")


def test_classes_of_windows_are_known_by_their_words(known_home: Path, patchdeck: Patchdeck) -> None:
    """The words are those of deployments; one that is none is refused with the nearest."""
    drivers = json.loads(patchdeck("--home", str(known_home), "updates", "--class", "drivers", "--json").out)
    refused = patchdeck("--home", str(known_home), "updates", "--class", "driver", code=2)

    assert [row["name"] for row in drivers] == ["Intel - Net [99999999]"]
    assert "Did you mean 'drivers'" in refused.err


def test_what_is_no_article_is_refused(known_home: Path, patchdeck: Patchdeck) -> None:
    """One line that says how an article is written."""
    ended = patchdeck("--home", str(known_home), "updates", "--kb", "KB 12;--", code=2)

    assert "write KB5044284 or 5044284" in ended.err
    assert patchdeck("--home", str(known_home), "updates", "--kb", "1", "--json").out.strip() == "[]"


def test_update_that_many_machines_miss_is_made_once(known_home: Path) -> None:
    """A fleet's list of 300,000 fits into memory; each machine keeps its own times."""
    home = open_home(known_home)
    with opened(home.state_file) as connection:
        machine = Machine("m2", "dc-02", TransportKind.WINRM, NOW, address="192.0.2.10", os_type=OSType.WINDOWS)
        MachineBook(connection).add(machine)
    (of_first,) = [each for each in list_missing(home) if each.update.name == TITLE]
    later = NOW.replace(hour=13)
    facts = MachineFacts(os_type=OSType.WINDOWS, package_manager="windows-update", windows=WindowsFacts())
    store_batch(home, "c", [Assessment("m2", "dc-02", later, later, Coverage.COMPLETE, facts, (of_first.update,))])

    first, second = [each for each in list_missing(home) if each.update.name == TITLE]

    assert first.update is second.update
    assert (first.machine_name, second.machine_name) == ("dc-01", "dc-02")
    assert (first.seen_at, second.seen_at) == (NOW, later)


def test_by_update_counts_the_machines(known_home: Path, patchdeck: Patchdeck) -> None:
    """Each update once, with how many machines miss it and how many of them would install it."""
    done = patchdeck("--home", str(known_home), "updates", "--by-update", "--json")
    counted = {row["name"]: (row["machines"], row["installable"], row["kb"]) for row in json.loads(done.out)}
    assert counted == {TITLE: (1, 1, ["5044284", "5044285"]), "Intel - Net [99999999]": (1, 1, [])}
    assert "2 missing updates on 1 machine" in done.err
