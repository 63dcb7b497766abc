"""Where dnf, yum, zypper, pacman and apk stand, by what their logs end with."""

from pathlib import Path

import pytest

from collectors.jobs.managers import find_job_manager
from fleet.deployments.jobs import JobProgress

CAPTURES = Path(__file__).parents[1] / "captures"


def _read(manager: str, tail: str) -> JobProgress | None:
    found = find_job_manager(manager)
    assert found is not None
    return found.read_progress("", tail)


@pytest.mark.parametrize(
    ("manager", "line", "package", "doing", "percent"),
    [
        ("dnf", "  Upgrading        : acme-openssl-1:3.0.1-2.el9_4.x86_64   1/2 ", "acme-openssl", "Upgrading", 60.0),
        ("dnf", "  Verifying        : acme-good-1.0-1.el9.x86_64               4/4", "acme-good", "Verifying", 100.0),
        ("dnf", "(3/8): kernel-5.14.0-427.20.1.el9_4.x86_64.rpm 699 kB/s | 5.6 kB 00:00", "kernel", "Fetching", 7.5),
        ("dnf", "acme-bug-1.0-2.el9_4.x86_64.rpm      264 kB/s | 5.5 kB     00:00    ", "acme-bug", "Fetching", None),
        ("dnf", "[16/32] Upgrading glibc-0:2.43-9.fc44.x86_64 100% | 16 MiB/s | 1.0 MiB", "glibc", "Upgrading", 60.0),
        ("dnf", "[3/5] Installing python3-snapm-0:0.7- 100% | 2 MiB/s", "python3-snapm-0:0.7-", "Installing", 68.0),
        ("dnf", "[1/8] gssdp-0:1.6.5-1.fc44.x86_64       100% |   1.0 MiB/s |  60.3 KiB", "gssdp", "Fetching", 2.5),
        ("yum", "  Updating   : 1:openssl-1.0.2k-12.el7.x86_64                2/8 ", "openssl", "Updating", 40.0),
        ("zypper", "(2/6) Installing: acme-brandnew-1.0-150600.3.3.1.x86_64 [...", "acme-brandnew", "Installing", 46.7),
        ("zypper", "Retrieving package acme-both-1.0-1.1.x86_64 (3/6),   5.5 KiB (    0   B unpacked)", "acme-both",
         "Fetching", 10.0),
        ("apk", "(2/4) Upgrading busybox (1.33.1-r6 -> 1.33.1-r8)", "busybox", "Upgrading", 60.0),
    ],
)  # fmt: skip
def test_last_line_tells_package_and_percent(
    manager: str, line: str, package: str, doing: str, percent: float | None
) -> None:
    """The name without its version, and the share of the transaction, of which fetching is the first fifth."""
    progress = _read(manager, f"what came before\n{line}\nwarning: a script says something\n")

    assert progress is not None
    assert (progress.package, progress.doing) == (package, doing)
    assert progress.percent == (None if percent is None else pytest.approx(percent, abs=0.1))


def test_steps_of_pacman_are_counted() -> None:
    """It prints no counts, but says before how many packages there are."""
    log = (CAPTURES / "pacman" / "job-upgrade.log").read_text()
    tail = log[: log.index("upgrading acme-newdeps...") + len("upgrading acme-newdeps...\n")]

    progress = _read("pacman", tail)

    assert progress is not None
    assert (progress.package, progress.doing) == ("acme-newdeps", "Upgrading")
    assert progress.percent == pytest.approx(20 + 80 * 4 / 6)


def test_package_of_pacman_is_known_without_the_count() -> None:
    """The end of a log may begin behind the line with the count."""
    assert _read("pacman", "upgrading linux...\n") == JobProgress(None, "linux", "Upgrading")


@pytest.mark.parametrize("manager", ["dnf", "zypper", "pacman", "apk", "ostree"])
def test_log_that_tells_nothing_is_no_progress(manager: str) -> None:
    """Neither an empty log nor one of other words."""
    assert _read(manager, "") is None
    assert _read(manager, "Loading repository data...\nReading installed packages...\n") is None


@pytest.mark.parametrize("manager", ["dnf", "zypper", "pacman"])
def test_whole_log_ends_with_the_last_package(manager: str) -> None:
    """Logs of real runs end at all that was to be done, whatever follows."""
    name = "job-upgrade" if manager == "pacman" else "job-post-fails"
    progress = _read(manager, (CAPTURES / manager / f"{name}.log").read_text())

    assert progress is not None
    assert progress.percent == 100
