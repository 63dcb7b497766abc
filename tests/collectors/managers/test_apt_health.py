"""Tests of collectors.managers.apt_health and apt_lists on what cannot be made with a throw-away apt alone."""

from __future__ import annotations

import contextlib
import fcntl
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.managers.apt_health import parse_locks
from collectors.managers.apt_lists import Lists, Release, is_security_release, parse_lists
from collectors.managers.apt_plan import parse_plan
from collectors.managers.apt_policy import parse_policies
from collectors.managers.dpkg import parse_inventory
from collectors.sections import Section
from fleet.errors import UnreadableOutput
from fleet.failures import FindingKind

if TYPE_CHECKING:
    from fleet.machines import Machine
    from tests.collectors.managers.conftest import AptRoot


def test_holder_of_the_dpkg_lock_is_named(root: AptRoot, machine: Machine) -> None:
    """The lock of a running process is found by its inode, without taking it."""
    root.install(root.package("acme", "1.0"))
    root.add_repository("stable-security", [root.package("acme", "1.1")], label="Debian-Security")
    root.update()
    with (root.path / "dpkg/lock-frontend").open("w") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)

        assessment = root.assess(machine)

    finding = next(f for f in assessment.findings if f.kind is FindingKind.PACKAGE_MANAGER_LOCKED)
    assert "lock-frontend" in finding.text
    assert f"process {os.getpid()} (" in finding.text
    assert len(assessment.updates) == 1


def test_free_locks_are_no_finding(root: AptRoot, machine: Machine) -> None:
    """Lock files lie there all the time; only a lock that is held counts."""
    root.install(root.package("acme", "1.0"))
    (root.path / "dpkg/lock-frontend").touch()

    assessment = root.assess(machine)

    assert FindingKind.PACKAGE_MANAGER_LOCKED not in {f.kind for f in assessment.findings}


@pytest.mark.parametrize(
    ("line", "is_lock"),
    [
        ("37|fe:00:1|65024|/var/lib/dpkg/lock|anything", False),
        ("37|fe:00|65024|/var/lib/dpkg/lock|anything", True),
        ("37|00:2f|99|/var/lib/dpkg/lock|unattended-upgr", True),
        ("37|00:2f|99|/var/lib/dpkg/lock|postgres", False),
    ],
)
def test_lock_of_another_file_system_is_another_lock(line: str, is_lock: bool) -> None:
    """Inode numbers repeat among file systems; overlays give another device, so there the program decides."""
    assert bool(parse_locks(Section("apt-locks", line.encode(), b"", 0))) is is_lock


@pytest.mark.parametrize(
    ("label", "origin", "suite", "is_security"),
    [
        ("Debian-Security", "Debian", "oldstable-security", True),
        ("Debian-Security", "", "", True),
        ("Debian", "Debian", "stable-updates", False),
        ("Ubuntu", "Ubuntu", "jammy-security", True),
        ("Ubuntu", "Ubuntu", "jammy-updates", False),
        ("Ubuntu", "UbuntuESM", "jammy-infra-security", True),
        ("Ubuntu", "UbuntuESMApps", "jammy-apps-security", True),
        ("Acme", "Acme Security", "acme-security", False),
        ("Debian Security Tools", "Vendor", "stable", False),
    ],
)
def test_security_is_told_by_origin_alone(label: str, origin: str, suite: str, is_security: bool) -> None:
    """Labels and suites as the distributions write them, and look-alikes."""
    release = Release(label=label, origin=origin, suite=suite)

    assert is_security_release(release, ("debian",)) is is_security


def test_dates_of_a_release_are_read_as_utc() -> None:
    """A date that is none is unknown, not an error."""
    target = "/nonexistent/x_InRelease_Packages|Packages|s|main|amd64|http://x s/main amd64 Packages"
    head = "file x_InRelease_InRelease\n Suite: s\n Date: Sat, 21 Nov 2026 00:53:02 UTC\n Valid-Until: soon"

    lists = parse_lists(Section("apt-targets", target.encode(), b"", 0), Section("apt-lists", head.encode(), b"", 0))

    release = lists.repositories[0].release
    assert release is not None
    assert (release.made_at, release.valid_until) == (datetime(2026, 11, 21, 0, 53, 2, tzinfo=UTC), None)


_LINES = st.lists(
    st.one_of(
        st.text(max_size=60),
        st.sampled_from(
            [
                "The following packages will be upgraded:",
                "   acme (1.0 => 1.1)",
                "1 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.",
                "acme:",
                "  Installed: 1.0",
                "  Candidate: 1.1",
                "  Version table:",
                "     1.1 500 (phased 10%)",
                "        500 http://x y/main amd64 Packages",
                " *** 1.0 100",
                "ii \tacme\tamd64\t1.0",
                "uri acme_1%3a1_all.deb 12 ",
                "After this operation, 1,5.2 kB of additional disk space will be used.",
            ]
        ),
    ),
    max_size=12,
).map("\n".join)


@given(_LINES)
def test_no_text_breaks_a_reader(text: str) -> None:
    """Each reader of apt's output gives its answer or says which line it cannot read."""
    section = Section("fuzz", text.encode("utf-8", errors="replace"), b"", 0)
    for read in (
        parse_plan,
        parse_policies,
        parse_locks,
        lambda s: parse_inventory(s, "amd64"),
        lambda s: parse_lists(s, s),
    ):
        with contextlib.suppress(UnreadableOutput):
            read(section)


@given(_LINES)
def test_no_update_of_a_plan_is_dropped(text: str) -> None:
    """A line of the shape of an update is in the plan, in a list that is not known is told, or refuses the plan."""
    section = Section(
        "apt-plan", f"The following packages will be upgraded:\n{text}".encode("utf-8", "replace"), b"", 0
    )
    lines = [line for _, line in section.lines()]

    try:
        plan = parse_plan(section)
    except UnreadableOutput:
        return

    assert ("   acme (1.0 => 1.1)" in lines) <= ("acme" in plan.upgraded or bool(plan.unread))


@pytest.mark.parametrize(
    ("index", "place"),
    [
        ("http://user:pass@mirror.example.org:8080/debian ./ Packages", "mirror.example.org"),
        ("file:/srv/repository stable/main amd64 Packages", "localhost"),
        ("http://[broken x/main amd64 Packages", "[broken"),
        ("/var/lib/dpkg/status", "localhost"),
    ],
)
def test_repository_without_release_is_named_by_its_host(index: str, place: str) -> None:
    """As apt names it beside a version; never with a password, and whatever the address looks like."""
    assert Lists().describe(index) == place
