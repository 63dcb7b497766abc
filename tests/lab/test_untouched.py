"""Reading a machine leaves nothing on it, whatever its package manager."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.machines import Become
from tests.lab.builder.lab import Lab, running
from tests.lab.fleet_of import assess_all

_MACHINES = ("sudo-free", "rocky-sudo", "sles-sudo", "arch-sudo")
# What any login writes: sshd, PAM and sudo keep books of their own.
_LOGINS = ("var/log/lastlog", "var/log/wtmp", "var/log/btmp", "var/log/faillog", "var/lib/sudo")


@pytest.fixture(scope="module")
def small_lab(can_build: None) -> Iterator[Lab]:
    """One machine of each family that nobody has read yet."""
    with running(_MACHINES) as lab:
        yield lab


@pytest.mark.parametrize("become", [Become.NONE, Become.SUDO])
@pytest.mark.parametrize("name", _MACHINES)
def test_assessment_leaves_nothing_behind(small_lab: Lab, name: str, become: Become) -> None:
    """Not a file is made, changed or removed by an assessment without a refresh, by an ordinary user or by root."""
    small_lab.ssh(name, "sudo -n true")
    before = _written(small_lab, name)

    assessment = assess_all(small_lab, [name], become=become)[name]

    assert assessment.failure is None
    assert _written(small_lab, name) == before


def _written(lab: Lab, name: str) -> dict[str, tuple[int, int]]:
    """Every file that the machine has of its own, above its layers: when it was changed, and its size."""
    upper = lab.plan.folder / name / "upper"
    found = {str(path.relative_to(upper)): path.lstat() for path in upper.rglob("*") if _is_file(path)}
    return {
        path: (status.st_mtime_ns, status.st_size) for path, status in found.items() if not path.startswith(_LOGINS)
    }


def _is_file(path: Path) -> bool:
    return path.is_symlink() or not path.is_dir()
