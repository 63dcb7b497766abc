"""`patchdeck about`: all that is known of an update, with its CVEs as the feeds have them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.deployments.deployment import Deployment
from fleet.deployments.schedule import Schedule
from fleet.deployments.update_rules import UpdateRules
from fleet.facts import MachineFacts
from fleet.machines import Machine, TransportKind
from fleet.updates import Classification, Update
from ops.assess_commit import store_batch
from ops.cli.about_page import cve_text
from ops.deployments.definitions import define
from ops.home import open_home
from ops.state import MachineBook
from ops.state.audit import utc_now
from ops.state.database import opened
from ops.update_about import CveAbout

Patchdeck = Callable[..., Any]  # Any: what the fixture of this room gives
DAY = datetime(2026, 12, 11, tzinfo=UTC)


def test_update_is_told_with_its_advisory_machines_and_next_run(tmp_path: Path, patchdeck: Patchdeck) -> None:
    """Machines that have it instead of different versions are told together."""
    home = open_home(tmp_path / "home")
    now = utc_now()
    assessments = []
    with opened(home.state_file) as connection:
        for number in (1, 2):
            name = f"web-0{number}"
            MachineBook(connection).add(Machine(f"m{number}", name, TransportKind.SSH, now, address="192.0.2.1"))
            update = Update(
                "openssl",
                "amd64",
                f"3.0.{number}",
                "3.0.9",
                Classification.SECURITY,
                "advisory DSA-1",
                "Debian-Security:12",
                severity="high",
                advisories=("DSA-1",),
                urls=("https://example.com/DSA-1",),
                cves=("CVE-2026-1",),
            )
            facts = MachineFacts(package_manager="apt")
            assessments.append(Assessment(f"m{number}", name, now, now, Coverage.COMPLETE, facts, (update,)))
    store_batch(home, "b", assessments)
    schedule = Schedule((now + timedelta(days=1)).replace(tzinfo=None, microsecond=0), "UTC")
    define(home, Deployment("nightly", ("web-01",), UpdateRules(classes=(Classification.SECURITY,)), schedule))

    (row,) = json.loads(patchdeck("--home", str(home.path), "about", "openssl", "--json").out)
    page = patchdeck("--home", str(home.path), "about", "openssl").out

    assert (row["machines"], row["installed"]) == (["web-01", "web-02"], ["3.0.1", "3.0.2"])
    assert (row["advisories"], row["urls"], row["severities"]) == (["DSA-1"], ["https://example.com/DSA-1"], ["high"])
    assert [(each["cve"], each["feed"]) for each in row["cves"]] == [("CVE-2026-1", "")]
    assert [(each["deployment"], each["machines"]) for each in row["runs"]] == [("nightly", ["web-01"])]
    assert "CVE          CVE-2026-1 no feed speaks of it\n" in page
    assert "next         1 machine: nightly takes it at its next start, " in page


def test_cve_is_told_with_score_and_whether_it_is_exploited() -> None:
    """In a line, with the feed that says so."""
    told = CveAbout("CVE-2026-2", "kev", "high", 8.14, is_exploited=True, due_at=DAY, title="a\x1b[31m race")
    line = cve_text(told)
    assert line.startswith("CVE-2026-2 high, CVSS 8.1, known to be exploited, due 2026-12-11 (kev): a")
    assert "\x1b" not in line
