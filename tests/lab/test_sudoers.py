"""The sudoers lines that `patchdeck check --sudoers` prints: what a refresh needs works with them, and nothing else."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from fleet.assessments import Assessment
from fleet.failures import FindingKind
from fleet.machines import Become
from tests.lab.builder.lab import Lab
from tests.lab.builder.recipe import USER
from tests.lab.fleet_of import assess_all

# Machines that have never fetched any metadata, and one of each family that has the same packages and metadata.
MACHINES = {"apt": ("sudoers-apt", "pending"), "dnf": ("sudoers-dnf", "rocky"), "zypper": ("sudoers-zypper", "sles")}
# What an upgrade, a shell or a small change of the permitted words would be.
_REFUSED = {
    "apt": ("apt-get update", "apt-get -y dist-upgrade", "sh -c id", "timeout -k 5 90 sh", "cat /etc/shadow"),
    "dnf": (
        "dnf -y upgrade",
        "dnf -q -y makecache --refresh",
        "rpm -e glibc",
        "timeout -k 5 90 sh",
    ),
    "zypper": ("zypper --non-interactive update", "zypper shell", "zypper --root /tmp refresh", "timeout -k 5 90 sh"),
}


@pytest.fixture(scope="module")
def refreshed(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Assessment]:
    """The machines, with the lines in place, assessed with a refresh."""
    home = tmp_path_factory.mktemp("home")
    for family, (name, _) in MACHINES.items():
        lines = _print_lines(family, home)
        script = 'umask 227 && printf "%s" "$1" >/etc/sudoers.d/patchdeck && visudo -cf /etc/sudoers.d/patchdeck'
        checked = lab.exec(name, ["sh", "-c", script, "sh", lines])
        assert checked.returncode == 0, checked.stdout + checked.stderr
    return assess_all(lab, [name for name, _ in MACHINES.values()], become=Become.SUDO, refresh=True)


@pytest.mark.parametrize("family", MACHINES)
def test_refresh_works_with_the_printed_lines(
    refreshed: Mapping[str, Assessment], assessed: Mapping[str, Assessment], family: str
) -> None:
    """A machine without any metadata has them afterwards, and answers like the one that always had them."""
    name, like = MACHINES[family]

    assert assessed[name].updates == ()
    assert refreshed[name].coverage is assessed[like].coverage
    assert refreshed[name].updates == assessed[like].updates
    unwanted = {FindingKind.CANNOT_BECOME_ROOT, FindingKind.REFRESH_FAILED, FindingKind.LISTS_MISSING}
    assert not unwanted & {finding.kind for finding in refreshed[name].findings}


@pytest.mark.parametrize("family", MACHINES)
def test_printed_lines_allow_nothing_else(lab: Lab, refreshed: Mapping[str, Assessment], family: str) -> None:
    """Whatever else is tried through sudo is refused."""
    name, _ = MACHINES[family]

    for command in _REFUSED[family]:
        tried = lab.exec(name, ["sudo", "-n", *command.split()], user=USER)
        assert tried.returncode == 1, command
        assert "password is required" in tried.stderr or "not allowed" in tried.stderr, (command, tried.stderr)


def _print_lines(family: str, home: Path) -> str:
    words = [str(Path(sys.executable).with_name("patchdeck")), "check", family, "--sudoers", "--user", USER]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "PATCHDECK_HOME": str(home)}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
