"""What apt would do, from captured simulations, and where it stands, from a captured installation."""

from collections.abc import Callable
from pathlib import Path

import pytest

from collectors.managers.apt_progress import read_progress
from fleet.deployments.jobs import JobProgress
from fleet.deployments.plan import ChangeKind, Kept, PackageChange, Simulation
from fleet.errors import UnreadableOutput

ReadSimulation = Callable[..., Simulation]
LOG = Path(__file__).parents[2] / "captures" / "apt" / "job-install.log"


def test_changes_have_versions_and_sizes(read_simulation: ReadSimulation) -> None:
    """Upgrades, epochs, and the new package that one of them needs; sizes add up to what is fetched."""
    simulation = read_simulation("apt", "apt/job-whole", "acme-newdep 1.1-1 1.0-1", "acme-lib 1.0-1+deb12u1 1.0-1")

    assert simulation.changes == (
        PackageChange(ChangeKind.UPGRADE, "acme-epoch", "all", "1:2.0-1", "2:1.0-1", 630),
        PackageChange(ChangeKind.UPGRADE, "acme-lib", "all", "1.0-1", "1.0-1+deb12u1", 634),
        PackageChange(ChangeKind.UPGRADE, "acme-newdep", "all", "1.0-1", "1.1-1", 642),
        PackageChange(ChangeKind.INSTALL, "acme-newlib", "all", "", "1.0-1", 632),
    )
    assert (simulation.download_bytes, simulation.disk_bytes, simulation.problem) == (2538, 0, "")


def test_what_is_in_the_cache_is_not_fetched(read_simulation: ReadSimulation) -> None:
    """A package that was downloaded before keeps its size and leaves the sum."""
    changes = {"begin apt-downloaded\n": "begin apt-downloaded\nacme-epoch_2%3a1.0-1_all.deb\n"}
    simulation = read_simulation("apt", "apt/job-whole", "acme-lib 1 0", changes=changes)

    assert simulation.download_bytes == 2538 - 630
    assert simulation.changes[0].size_bytes == 630


def test_refused_packages_are_kept_with_the_words_of_apt(read_simulation: ReadSimulation) -> None:
    """A version that is gone, a removal that is not allowed, a hold: each alone is left, and the rest is planned."""
    simulation = read_simulation("apt", "apt/job-refused", "acme-tool 1.1-1 1.0-1")

    assert [change.name for change in simulation.changes] == ["acme-tool"]
    assert simulation.kept == (
        Kept("acme-fixed", "Version '9.9-9' for 'acme-fixed' was not found"),
        Kept("acme-remover", "Packages need to be removed but remove is disabled."),
        Kept("acme-held", "Held packages were changed and -y was used without --allow-change-held-packages."),
    )
    assert simulation.problem == ""


def test_removal_has_the_version_that_goes(read_simulation: ReadSimulation) -> None:
    """apt does not say it; dpkg does."""
    simulation = read_simulation("apt", "apt/job-removes", "acme-remover 1.0-1+deb12u1 1.0-1")

    assert PackageChange(ChangeKind.REMOVE, "acme-old", "", "1.0-1", "", None) in simulation.changes


def test_nothing_possible_is_a_problem(read_simulation: ReadSimulation) -> None:
    """Where no package can be had, apt's own words are the problem of the machine."""
    simulation = read_simulation("apt", "apt/job-none", "acme-fixed 9.9-9 1.0-1")

    assert simulation.problem == "Version '9.9-9' for 'acme-fixed' was not found"
    assert (simulation.changes, len(simulation.kept)) == ((), 1)


def test_interrupted_dpkg_is_a_problem(read_simulation: ReadSimulation) -> None:
    """apt's plan does not notice it, the installation would."""
    changes = {"begin apt-interrupted\n\n@MARKER@ end 1": "begin apt-interrupted\n\n@MARKER@ end 0"}

    assert "dpkg was interrupted" in read_simulation("apt", "apt/job-whole", "a 1 0", changes=changes).problem


def test_plan_without_its_summary_is_not_read(read_simulation: ReadSimulation) -> None:
    """A plan that breaks off is no plan of nothing."""
    with pytest.raises(UnreadableOutput):
        read_simulation("apt", "apt/job-none", "a 1 0", changes={"end 100": "end 0"})


@pytest.mark.parametrize(
    ("line", "progress"),
    [
        ("dlstatus:2:50.0000:Retrieving file 2 of 6", JobProgress(10.0, "", "Retrieving file 2 of 6")),
        ("pmstatus:acme-lib:50.0:Unpacking acme-lib (all)", JobProgress(60.0, "acme-lib", "Unpacking acme-lib (all)")),
        ("pmstatus:libc6:i386:0.0000:Preparing libc6:i386", JobProgress(20.0, "libc6:i386", "Preparing libc6:i386")),
        ("pmstatus:dpkg-exec:100.0000:Running dpkg", JobProgress(100.0, "", "Running dpkg")),
        ("pmstatus:x:999.0:y", JobProgress(100.0, "x", "y")),
    ],
)  # fmt: skip
def test_status_of_apt_is_progress(line: str, progress: JobProgress) -> None:
    """Fetching is the first fifth of a transaction, unpacking and configuring the rest."""
    assert read_progress(line, "") == progress


def test_log_tells_where_no_status_does() -> None:
    """By sudo for apt-get alone there is no status; the last line of the log that says something does instead."""
    lines = LOG.read_text().splitlines()
    unpacking = next(i for i, line in enumerate(lines) if line.startswith("Unpacking acme-lib"))

    assert read_progress("", "\n".join(lines[: unpacking + 1])) == JobProgress(None, "acme-lib", "Unpacking")
    assert read_progress("", "\n".join(lines[:13])) == JobProgress(None, "acme-fails", "Fetching")
    assert read_progress("gibberish", "Reading package lists...\n") is None
