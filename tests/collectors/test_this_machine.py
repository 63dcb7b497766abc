"""The assessment of the machine that runs the tests, beside what its own package manager answers."""

import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.assess import AssessOptions, assess_machine
from collectors.transports.local import LocalTransport
from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.machines import Machine

_INST = re.compile(r"Inst (?P<name>\S+) \[(?P<old>\S+)\] \((?P<new>\S+) (?P<origin>.*) \[(?P<arch>\S+)\]\).*")

pytestmark = pytest.mark.skipif(
    not (shutil.which("apt-get") and shutil.which("dpkg-query")), reason="this machine has no apt to compare with"
)


async def _assess(machine: Machine) -> Assessment:
    return await assess_machine(machine, LocalTransport(), AssessOptions(), lambda: datetime.now(UTC))


def _ask(*command: str) -> str:
    environment = {**os.environ, "LC_ALL": "C"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


async def test_updates_are_those_of_apt_get_simulating(machine: Machine) -> None:
    """Name, versions and origin of every update agree with the Inst lines of apt-get -s dist-upgrade."""
    before = Path("/var/lib/dpkg/status").stat().st_mtime_ns
    simulated = _ask("apt-get", "-s", "dist-upgrade")
    expected = {
        match["name"]: (match["old"], match["new"], match["origin"])
        for line in simulated.splitlines()
        if (match := _INST.fullmatch(line))
    }

    assessment = await _assess(machine)

    if Path("/var/lib/dpkg/status").stat().st_mtime_ns != before:
        pytest.skip("packages were installed while the test ran")
    assert assessment.failure is None
    found = {
        u.name: (u.installed_version, u.offered_version, u.repository) for u in assessment.updates if u.is_installable
    }
    assert found == expected


async def test_updates_are_those_of_apt_list(machine: Machine) -> None:
    """apt list --upgradable, which counts held and phased ones as well, names the same packages and versions."""
    before = Path("/var/lib/dpkg/status").stat().st_mtime_ns
    listed = re.findall(
        r"^(\S+?)/\S+ (\S+) \S+ \[upgradable from: (\S+)\]$", _ask("apt", "list", "--upgradable"), re.MULTILINE
    )

    assessment = await _assess(machine)

    if Path("/var/lib/dpkg/status").stat().st_mtime_ns != before:
        pytest.skip("packages were installed while the test ran")
    found = {(u.name, u.offered_version, u.installed_version) for u in assessment.updates}
    assert found == set(listed)


async def test_installed_packages_are_those_of_dpkg(machine: Machine) -> None:
    """Every package that dpkg has installed is in the inventory with its version."""
    before = Path("/var/lib/dpkg/status").stat().st_mtime_ns
    lines = _ask("dpkg-query", "-W", "-f", "${db:Status-Abbrev}|${Package}|${Architecture}|${Version}\\n").splitlines()
    expected = {(n, a): v for s, n, a, v in (line.split("|") for line in lines) if s[1] not in "nc"}

    assessment = await _assess(machine)

    if Path("/var/lib/dpkg/status").stat().st_mtime_ns != before:
        pytest.skip("packages were installed while the test ran")
    assert dict(assessment.installed) == expected


async def test_no_lists_never_reads_as_nothing_missing(machine: Machine) -> None:
    """Whether or not this machine has lists, an answer without them is not a complete one."""
    has_lists = any(Path("/var/lib/apt/lists").glob("*Packages*"))

    assessment = await _assess(machine)

    assert has_lists or assessment.coverage is Coverage.UNKNOWN
    assert assessment.ended_at >= assessment.started_at
