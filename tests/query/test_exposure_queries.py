"""The predefined queries of exposure over real tables: the values they give."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from query.engine import QueryEngine
from query.library import find_queries

WriteRows = Callable[..., None]
Ask = Callable[..., list[dict[str, object]]]


@pytest.fixture
def ask(engine: QueryEngine) -> Ask:
    """Answers of a predefined query by its name, each row as a dict."""

    def answer(name: str, **values: object) -> list[dict[str, object]]:
        saved = next(query for query in find_queries() if query.name == name)
        result = engine.run(saved.sql, saved.values(values))
        names = [column.name for column in result.columns]
        assert {column.name for column in saved.columns} <= set(names)
        return [dict(zip(names, row, strict=True)) for row in result.rows]

    return answer


def lacking(computer: str, cve: str, **more: object) -> dict[str, object]:
    return {
        "Computer": computer,
        "SourceComputerId": f"id-{computer}",
        "CVE": cve,
        "Product": "openssl",
        "ProductArch": "amd64",
        "InstalledVersion": "1",
        "FixedVersion": "2",
        "OfferedVersion": "2" if more.get("IsOffered", True) else "",
        "IsOffered": True,
        "NotInstallableReason": "",
        "BulletinID": "",
        "Source": "debian",
        **more,
    }


@pytest.fixture
def exposed(write_rows: WriteRows, now: datetime) -> None:
    """Three machines, three CVEs, of which one is known to be exploited and one is rated by nobody."""
    rows = [
        lacking("web-01", "CVE-2026-0001", FirstSeen=now - timedelta(days=40)),
        lacking("web-02", "CVE-2026-0001", FirstSeen=now - timedelta(days=50), IsOffered=False),
        lacking("web-02", "CVE-2026-0002", FirstSeen=now - timedelta(days=60)),
        lacking("db-01", "CVE-2026-0003", FirstSeen=now - timedelta(days=90), IsOffered=None),
    ]
    write_rows("MissingFix", *({"TimeGenerated": now, **row} for row in rows))
    said: list[dict[str, object]] = [
        {"CVE": "CVE-2026-0001", "Feed": "debian", "Severity": "low"},
        {"CVE": "CVE-2026-0001", "Feed": "ubuntu", "Severity": "high"},
        {"CVE": "CVE-2026-0001", "Feed": "kev", "Severity": "", "KnownExploited": True, "DueAt": now, "Title": "Leak"},
        {"CVE": "CVE-2026-0002", "Feed": "debian", "Severity": "low"},
    ]
    write_rows("Cve", *({"TimeGenerated": now, "Title": "", **row} for row in said))


@pytest.mark.usefixtures("exposed")
def test_machines_that_lack_a_fix_are_found_by_its_cve(ask: Ask) -> None:
    """Each machine once, whatever number of feeds speaks of the CVE; those that are offered the fix first."""
    rows = ask("machines-lacking-fix", cve=" cve-2026-0001")
    assert [(row["Computer"], row["IsOffered"], row["Severity"], row["KnownExploited"]) for row in rows] == [
        ("web-01", True, "high", True),
        ("web-02", False, "high", True),
    ]
    (unrated,) = ask("machines-lacking-fix", cve="CVE-2026-0003")
    assert (unrated["Severity"], unrated["KnownExploited"], unrated["IsOffered"]) == (None, None, None)


@pytest.mark.usefixtures("exposed")
def test_who_is_not_known_to_lack_a_fix_is_counted_with_the_reason(
    ask: Ask, write_rows: WriteRows, now: datetime
) -> None:
    """No feed, not asked, asked too early and never answered are unknown; nobody reads them as safe."""
    answered = {
        "web-01": (now, "debian;ubuntu"),
        "safe": (now, "debian"),
        "early": (now - timedelta(hours=1), "debian"),
        "other": (now, "alpine"),
        "never": (None, ""),
    }
    for name, (at, feeds) in answered.items():
        same = {"TimeGenerated": now, "Computer": name, "SourceComputerId": f"id-{name}"}
        write_rows("Machine", {**same, "LastAnswered": at, "Enabled": True})
        write_rows("UpdateSummary", {**same, "FixSources": feeds, "Day": now.date()})
    rows = ask("machines-lacking-fix", cve="CVE-2026-0001")
    assert [(row["Answer"], row["Machines"], row["Computer"] or row["MachineNames"]) for row in rows] == [
        ("lacks the fix", 2, "web-01"),
        ("lacks the fix", 2, "web-02"),
        ("lacks no known fix", 1, "safe"),
        ("unknown: answered before the feed", 1, "early"),
        ("unknown: never answered", 1, "never"),
        ("unknown: no such feed asked", 1, "other"),
    ]
    rows = ask("machines-lacking-fix", cve="CVE-2020-0001")
    assert [(row["Answer"], row["Machines"]) for row in rows] == [
        ("unknown: never answered", 1),
        ("unknown: no feed speaks of it", 4),
    ]


@pytest.mark.usefixtures("exposed")
def test_known_exploited_and_missing_is_counted_by_machine(ask: Ask, now: datetime) -> None:
    """With the day by which it is to be mended."""
    (row,) = ask("known-exploited-missing")
    assert (row["CVE"], row["Machines"], row["Offered"], row["MachineNames"]) == (
        "CVE-2026-0001",
        2,
        1,
        "web-01, web-02",
    )
    assert row["DueAt"] == now
    assert row["Title"] == "Leak"


@pytest.mark.usefixtures("exposed")
def test_missing_fixes_are_counted_by_the_worst_severity(ask: Ask) -> None:
    """What nobody rates is unknown, not harmless."""
    rows = ask("missing-fixes-by-severity")
    columns = ("Severity", "Cves", "Machines", "Fixes", "Offered", "KnownExploited")
    assert [tuple(row[column] for column in columns) for row in rows] == [
        ("high", 1, 2, 2, 1, 1),
        ("low", 1, 1, 1, 1, 0),
        ("unknown", 1, 1, 1, 0, 0),
    ]


@pytest.mark.usefixtures("exposed")
def test_longest_exposed_counts_grave_fixes_that_are_offered(ask: Ask) -> None:
    """What nobody offers cannot be installed; what is low does not count."""
    (row,) = ask("longest-exposed", days="30")
    assert (row["Computer"], row["OldestCve"], row["Days"], row["Fixes"]) == ("web-01", "CVE-2026-0001", 40, 1)
    assert ask("longest-exposed", days="41") == []
