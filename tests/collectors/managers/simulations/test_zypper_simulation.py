"""What zypper would do, from captured simulations."""

from collections.abc import Callable

import pytest

from fleet.deployments.plan import ChangeKind, Simulation
from fleet.errors import UnreadableOutput

ReadSimulation = Callable[..., Simulation]
OLD, NEW = "150600.1.1", "150600.3.3.1"
ORDER = (
    f"acme-openssl 1:3.0.1-{NEW} 1:3.0.1-{OLD}",
    f"acme-newdeps 1.1-{NEW} 1.0-{OLD}",
    "kernel-default 6.4.0-150600.23.7.1 6.4.0-150600.21.1",
    f"acme-both 1.0-{NEW} 1.0-{OLD}",
    f"acme-bulky 1.1-{NEW} 1.0-{OLD}",
)
REFUSED = (*ORDER, f"acme-locked 1.0-{NEW} 1.0-{OLD}", f"acme-needsdep 1.1-{NEW} 1.0-{OLD}", "acme-gone 1.0-1 0.9-1")


@pytest.mark.parametrize(("capture", "order"), [("zypper/job-plan", ORDER), ("zypper/job-plan-refused", REFUSED)])
def test_summary_is_read(read_simulation: ReadSimulation, capture: str, order: tuple[str, ...]) -> None:
    """The ordered versions and what they need, also where some of the order is refused."""
    simulation = read_simulation("zypper", capture, *order)

    assert simulation.problem == ""
    assert {(change.kind, change.name, change.from_version, change.to_version) for change in simulation.changes} == {
        (ChangeKind.UPGRADE, "acme-openssl", f"1:3.0.1-{OLD}", f"1:3.0.1-{NEW}"),
        (ChangeKind.UPGRADE, "acme-newdeps", f"1.0-{OLD}", f"1.1-{NEW}"),
        (ChangeKind.UPGRADE, "acme-both", f"1.0-{OLD}", f"1.0-{NEW}"),
        (ChangeKind.UPGRADE, "acme-bulky", f"1.0-{OLD}", f"1.1-{NEW}"),
        (ChangeKind.INSTALL, "acme-brandnew", "", f"1.0-{NEW}"),
        (ChangeKind.INSTALL, "kernel-default", "", "6.4.0-150600.23.7.1"),
    }
    assert (simulation.download_bytes, simulation.disk_bytes) == (48_485, 3_000_000)


def test_package_that_is_refused_says_why(read_simulation: ReadSimulation) -> None:
    """Each was asked for alone, so that the words are about it."""
    kept = {each.name: each.words for each in read_simulation("zypper", "zypper/job-plan-refused", *REFUSED).kept}

    assert kept == {
        "acme-locked": "a lock of zypper keeps it as it is",
        "acme-needsdep": f"nothing provides acme-not-published needed by acme-needsdep-1.1-{NEW}.x86_64",
        "acme-gone": "No provider of 'acme-gone.x86_64=1.0-1' found.",
    }


def test_simulation_without_root_says_so(read_simulation: ReadSimulation) -> None:
    """A dry run of zypper is for root only."""
    simulation = read_simulation("zypper", "zypper/job-plan-user", *ORDER)

    assert simulation.problem.endswith("this is for root only, and there is no way to become root")


def test_snapshot_system_is_refused_with_what_to_do(read_simulation: ReadSimulation) -> None:
    """transactional-update installs into a snapshot, for the next boot: no single update can be brought over."""
    simulation = read_simulation(
        "zypper",
        "zypper/job-plan-user",
        *ORDER,
        changes={"begin zypper-plan\n": "begin zypper-snapshot\nsnapshot=yes\n"},
    )

    assert "transactional-update" in simulation.problem


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("</stream>", ""),
        ("<stream>", "<!DOCTYPE stream><stream>"),
        ('name="acme-both" edition="1.0-150600.3.3.1"', 'name="acme-both"'),
        ("<?xml version='1.0'?>", ""),
        ("</stream>", "</stream>junk"),
    ],
)
def test_answer_that_is_not_zyppers_xml_is_refused(read_simulation: ReadSimulation, old: str, new: str) -> None:
    """No plan is made of it."""
    with pytest.raises(UnreadableOutput):
        read_simulation("zypper", "zypper/job-plan", *ORDER, changes={old: new})
