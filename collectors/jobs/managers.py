"""The package managers that jobs know: their shell, and what reads their simulations and their progress."""

from collections.abc import Callable
from dataclasses import dataclass

from collectors.linux_facts import read_families
from collectors.managers import (
    MANAGERS,
    apk_progress,
    apk_simulation,
    apt_progress,
    apt_simulation,
    dnf_progress,
    dnf_simulation,
    ostree_progress,
    ostree_simulation,
    pacman_progress,
    pacman_simulation,
    zypper_progress,
    zypper_simulation,
)
from collectors.sections import Sections
from fleet.deployments.jobs import JobOrder, JobProgress
from fleet.deployments.plan import Simulation


@dataclass(frozen=True, slots=True)
class JobManager:
    """One package manager. ``parts`` are files of ``collectors/jobs`` in the order in which they are needed.

    ``programs`` are those of which sudo may allow one alone, the first that is there. ``read_simulation`` raises
    `UnreadableOutput`; ``read_progress`` is given the last line of the manager's own status and the end of the log.
    ``asks_root``: its simulation is told to root alone, and is asked with what root there is (``asking.sh``).
    """

    name: str
    parts: tuple[str, ...]
    programs: tuple[str, ...]
    read_simulation: Callable[[Sections, JobOrder], Simulation]
    read_progress: Callable[[str, str], JobProgress | None]
    asks_root: bool = False


JOB_MANAGERS: tuple[JobManager, ...] = (
    JobManager("apt", ("apt.sh",), ("/usr/bin/apt-get",), apt_simulation.read_simulation, apt_progress.read_progress),
    JobManager(
        "dnf",
        ("rpm.sh", "asking.sh", "dnf.sh", "dnf_plan.sh"),
        ("/usr/bin/dnf5", "/usr/bin/dnf", "/usr/bin/yum"),
        dnf_simulation.read_simulation,
        dnf_progress.read_progress,
        asks_root=True,
    ),
    JobManager(
        "zypper",
        ("rpm.sh", "asking.sh", "zypper.sh"),
        ("/usr/bin/zypper",),
        zypper_simulation.read_simulation,
        zypper_progress.read_progress,
        asks_root=True,
    ),
    JobManager(
        "pacman",
        ("pacman.sh",),
        ("/usr/bin/pacman",),
        pacman_simulation.read_simulation,
        pacman_progress.read_progress,
    ),
    JobManager(
        "apk",
        ("asking.sh", "apk.sh"),
        ("/sbin/apk",),
        apk_simulation.read_simulation,
        apk_progress.read_progress,
        asks_root=True,
    ),
    JobManager("ostree", ("ostree.sh",), (), ostree_simulation.read_simulation, ostree_progress.read_progress),
)
# Programs of one family go by one name in jobs.
_FAMILIES = {"dnf5": "dnf", "yum": "dnf", "microdnf": "dnf"}


def find_job_manager(package_manager: str) -> JobManager | None:
    """The manager that an assessment names; None where no job can be run with it."""
    name = _FAMILIES.get(package_manager, package_manager)
    return next((manager for manager in JOB_MANAGERS if manager.name == name), None)


def name_manager(sections: Sections) -> str:
    """The manager that patches the machine which gave these sections of an assessment; empty where none is certain.

    Raises:
        UnreadableOutput: the sections are not an assessment's.
    """
    families = read_families(sections)
    programs = frozenset(line for _, line in sections.get("managers").lines())
    return next((manager.name for manager in MANAGERS if manager.is_present(programs, families)), "")
