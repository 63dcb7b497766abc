"""What pacman and apk would do, from captured simulations, and what images answer."""

from collections.abc import Callable

import pytest

from fleet.deployments.plan import ChangeKind, Simulation
from fleet.errors import UnreadableOutput

ReadSimulation = Callable[..., Simulation]
ARCH = (
    "acme-openssl 3.0.2-1 3.0.1-1",
    "acme-epoch 1:1.0-1 2.0-1",
    "acme-data/any 1.1-1 1.0-1",
    "acme-newdeps 1.1-1 1.0-1",
    "linux 6.9.3.arch1-1 6.9.1.arch1-1",
)
ALPINE = ("musl 1.2.4-r1 1.2.4-r0", "busybox 1.36.1-r2 1.36.1-r0")


def test_whole_upgrade_of_pacman_is_read(read_simulation: ReadSimulation) -> None:
    """Upgrades with the version that they replace, and new packages."""
    simulation = read_simulation("pacman", "pacman/job-plan", *ARCH)

    assert simulation.problem == ""
    assert {change.name: (change.kind, change.from_version, change.to_version) for change in simulation.changes} == {
        "acme-data": (ChangeKind.UPGRADE, "1.0-1", "1.1-1"),
        "acme-epoch": (ChangeKind.UPGRADE, "2.0-1", "1:1.0-1"),
        "acme-brandnew": (ChangeKind.INSTALL, "", "1.0-1"),
        "acme-newdeps": (ChangeKind.UPGRADE, "1.0-1", "1.1-1"),
        "acme-openssl": (ChangeKind.UPGRADE, "3.0.1-1", "3.0.2-1"),
        "linux": (ChangeKind.UPGRADE, "6.9.1.arch1-1", "6.9.3.arch1-1"),
    }
    assert simulation.download_bytes == sum(change.size_bytes or 0 for change in simulation.changes)


def test_part_of_an_upgrade_is_refused_by_pacman(read_simulation: ReadSimulation) -> None:
    """Partial upgrades break what is installed: all or nothing, and the reason names what was not chosen."""
    simulation = read_simulation("pacman", "pacman/job-plan", *ARCH[:3])

    assert simulation.changes == ()
    assert simulation.problem.startswith("pacman upgrades all or nothing, and 2 of 6 packages are not chosen")
    assert "acme-newdeps, linux" in simulation.problem


def test_other_version_than_the_chosen_one_is_refused_by_pacman(read_simulation: ReadSimulation) -> None:
    """The repositories have moved on: what would come was never approved."""
    simulation = read_simulation("pacman", "pacman/job-plan", "acme-openssl 3.0.1-9", *ARCH[1:])

    assert simulation.changes == ()
    assert "acme-openssl" in simulation.problem


def test_failing_pacman_is_a_problem(read_simulation: ReadSimulation) -> None:
    """In pacman's own words."""
    simulation = read_simulation(
        "pacman",
        "pacman/job-plan",
        *ARCH,
        changes={
            "core|linux|6.9.3.arch1-1|393\n\n@MARKER@ end 0": (
                ":: unable to satisfy dependency 'acme-gone' required by linux\n\n@MARKER@ end 1"
            )
        },
    )

    assert "unable to satisfy dependency 'acme-gone'" in simulation.problem


def test_changes_of_apk_are_read(read_simulation: ReadSimulation) -> None:
    """Each with both versions; apk says nothing of sizes."""
    simulation = read_simulation("apk", "apk/job-plan", *ALPINE)

    assert len(simulation.changes) == 7
    assert simulation.changes[0].kind is ChangeKind.UPGRADE
    assert (simulation.changes[0].from_version, simulation.changes[0].to_version) == ("1.2.4-r0", "1.2.4-r1")
    assert (simulation.kept, simulation.problem, simulation.download_bytes) == ((), "", None)


def test_version_that_no_index_has_is_kept_by_apk(read_simulation: ReadSimulation) -> None:
    """Another version would come than the one that was ordered."""
    kept = read_simulation("apk", "apk/job-plan", "musl 1.2.4-r9", "zlib 1.3-r1").kept

    assert [(each.name, each.words) for each in kept] == [
        ("musl", "1.2.4-r1 would come instead of 1.2.4-r9"),
        ("zlib", "no index offers 1.3-r1 any more"),
    ]


def test_simulation_of_apk_without_root_says_so(read_simulation: ReadSimulation) -> None:
    """It locks its database even to simulate."""
    simulation = read_simulation(
        "apk", "apk/job-plan", *ALPINE, changes={"OK: 7 MiB in 15 packages\n\n@MARKER@ end 0": "\n\n@MARKER@ end 97"}
    )

    assert simulation.problem.startswith("apk --simulate fix --upgrade exited 97")


@pytest.mark.parametrize(
    ("manager", "capture", "order", "old", "new"),
    [
        ("pacman", "pacman/job-plan", ARCH, "core|linux|6.9.3.arch1-1|393", "core|linux|6.9.3.arch1-1"),
        ("apk", "apk/job-plan", ALPINE, "(1/7) Upgrading musl", "(1/7) Sidegrading musl"),
    ],
)
def test_line_that_fits_no_shape_is_never_dropped(
    read_simulation: ReadSimulation, manager: str, capture: str, order: tuple[str, ...], old: str, new: str
) -> None:
    """A plan that was not understood is none."""
    with pytest.raises(UnreadableOutput):
        read_simulation(manager, capture, *order, changes={old: new})


@pytest.mark.parametrize(("tools", "tool"), [(" rpm-ostree bootc", "rpm-ostree"), (" bootc", "bootc"), ("", "bootc")])
def test_image_is_refused_with_what_to_do(read_simulation: ReadSimulation, tools: str, tool: str) -> None:
    """Single updates cannot be brought into an image."""
    simulation = read_simulation(
        "ostree",
        "zypper/job-plan-user",
        *ALPINE,
        changes={"begin zypper-plan\n": f"begin ostree-tools\ntools={tools}\n"},
    )

    assert simulation.problem == (
        f"the system is an image and takes no single updates: run {tool} upgrade on it, then reboot it"
    )
