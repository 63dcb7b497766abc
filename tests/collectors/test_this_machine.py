"""The assessment of the machine that runs the tests, beside what its own package manager answers."""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.assess import AssessOptions, assess_machine
from collectors.transports.local import LocalTransport
from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.machines import Machine

_INST = re.compile(r"Inst (?P<name>\S+) \[(?P<old>\S+)\] \((?P<new>\S+) (?P<origin>.*) \[(?P<arch>\S+)\]\).*")
_STATUS = Path("/var/lib/dpkg/status")
Told = Callable[..., str]

pytestmark = pytest.mark.skipif(
    not (shutil.which("apt-get") and shutil.which("dpkg-query")), reason="this machine has no apt to compare with"
)


@pytest.fixture(scope="module")
def before() -> int:
    """When packages were last installed, before anything was asked."""
    return _STATUS.stat().st_mtime_ns


@pytest.fixture(scope="module")
def assessment(before: int, machine: Machine) -> Assessment:
    """This machine's, made once."""
    del before
    return asyncio.run(assess_machine(machine, LocalTransport(), AssessOptions(), lambda: datetime.now(UTC)))


@pytest.fixture
def told(before: int, assessment: Assessment) -> Told:
    """What this machine's own package manager says; skips where packages were installed since the assessment."""
    del assessment

    def ask(*command: str) -> str:
        environment = {**os.environ, "LC_ALL": "C"}
        answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
        if _STATUS.stat().st_mtime_ns != before:
            pytest.skip("packages were installed while the test ran")
        return answer

    return ask


def test_updates_are_those_of_apt_get_simulating(assessment: Assessment, told: Told) -> None:
    """Name, versions and origin of every update agree with the Inst lines of apt-get -s dist-upgrade."""
    expected = {
        match["name"]: (match["old"], match["new"], match["origin"])
        for line in told("apt-get", "-s", "dist-upgrade").splitlines()
        if (match := _INST.fullmatch(line))
    }
    assert assessment.failure is None
    found = {
        u.name: (u.installed_version, u.offered_version, u.repository) for u in assessment.updates if u.is_installable
    }
    assert found == expected


def test_updates_are_those_of_apt_list(assessment: Assessment, told: Told) -> None:
    """apt list --upgradable, which counts held and phased ones as well, names the same packages and versions."""
    lines = told("apt", "list", "--upgradable")
    listed = re.findall(r"^(\S+?)/\S+ (\S+) \S+ \[upgradable from: (\S+)\]$", lines, re.MULTILINE)
    found = {(u.name, u.offered_version, u.installed_version) for u in assessment.updates}
    assert found == set(listed)


def test_installed_packages_are_those_of_dpkg(assessment: Assessment, told: Told) -> None:
    """Every package that dpkg has installed is in the inventory with its version."""
    lines = told("dpkg-query", "-W", "-f", "${db:Status-Abbrev}|${Package}|${Architecture}|${Version}\\n").splitlines()
    expected = {(n, a): v for s, n, a, v in (line.split("|") for line in lines) if s[1] not in "nc"}
    assert dict(assessment.installed) == expected


def test_no_lists_never_reads_as_nothing_missing(assessment: Assessment) -> None:
    """Whether or not this machine has lists, an answer without them is not a complete one."""
    has_lists = any(Path("/var/lib/apt/lists").glob("*Packages*"))
    assert has_lists or assessment.coverage is Coverage.UNKNOWN
    assert assessment.ended_at >= assessment.started_at
