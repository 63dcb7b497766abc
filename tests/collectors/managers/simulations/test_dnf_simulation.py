"""What dnf 4, dnf5 and yum 3 would do, from captured simulations."""

from collections.abc import Callable

import pytest

from fleet.deployments.plan import ChangeKind, PackageChange, Simulation
from fleet.errors import UnreadableOutput

ReadSimulation = Callable[..., Simulation]
NEW, OLD = "1.1-1.el9_4", "1.0-1.el9"
KERNEL, OLD_KERNEL = "5.14.0-427.20.1.el9_4", "5.14.0-427.18.1.el9_4"
ORDER = (
    f"acme-good {NEW} {OLD}",
    "acme-openssl 1:3.0.1-2.el9_4 1:3.0.1-1.el9",
    f"acme-newdeps {NEW} {OLD}",
    f"kernel {KERNEL} {OLD_KERNEL}",
    f"acme-locked 1.0-2.el9_4 {OLD}",
    f"acme-excluded 1.0-2.el9_4 {OLD}",
    f"acme-needsdep {NEW} {OLD}",
    f"acme-depexcluded {NEW} {OLD}",
    f"acme-bulky {NEW} {OLD}",
    f"acme-both 1.0-2.el9_4 {OLD}",
)


def _changes(simulation: Simulation) -> dict[str, tuple[ChangeKind, str, str]]:
    return {change.name: (change.kind, change.from_version, change.to_version) for change in simulation.changes}


@pytest.mark.parametrize("capture", ["dnf/job-plan", "dnf/job-table"])
def test_both_ways_of_dnf_4_tell_the_same_changes(read_simulation: ReadSimulation, capture: str) -> None:
    """Rows of its Python and the table that it prints: the ordered versions, what they need, and beside it nothing."""
    simulation = read_simulation("dnf", capture, *ORDER)

    assert simulation.problem == ""
    assert _changes(simulation) == {
        "acme-good": (ChangeKind.UPGRADE, OLD, NEW),
        "acme-openssl": (ChangeKind.UPGRADE, "1:3.0.1-1.el9", "1:3.0.1-2.el9_4"),
        "acme-newdeps": (ChangeKind.UPGRADE, OLD, NEW),
        "acme-brandnew": (ChangeKind.INSTALL, "", "1.0-1.el9_4"),
        "kernel": (ChangeKind.INSTALL, "", KERNEL),
        "kernel-core": (ChangeKind.INSTALL, "", KERNEL),
        "acme-bulky": (ChangeKind.UPGRADE, OLD, NEW),
        "acme-both": (ChangeKind.UPGRADE, OLD, "1.0-2.el9_4"),
    }


@pytest.mark.parametrize("capture", ["dnf/job-plan", "dnf/job-table"])
def test_package_that_is_left_says_why(read_simulation: ReadSimulation, capture: str) -> None:
    """What is locked or excluded matches nothing; what cannot be solved has the solver's words."""
    kept = {each.name: each.words for each in read_simulation("dnf", capture, *ORDER).kept}

    assert set(kept) == {"acme-locked", "acme-excluded", "acme-needsdep", "acme-depexcluded"}
    assert kept["acme-locked"].startswith("No match for argument: acme-locked-0:1.0-2.el9_4.x86_64")
    assert "nothing provides acme-not-published" in kept["acme-needsdep"]
    assert "acme-excluded-lib" in kept["acme-depexcluded"]


def test_sizes_are_exact_where_dnf_4_is_asked_in_python(read_simulation: ReadSimulation) -> None:
    """The download leaves out what lies in the cache; the disk is what comes less what goes."""
    simulation = read_simulation("dnf", "dnf/job-plan", *ORDER)

    assert (simulation.download_bytes, simulation.disk_bytes) == (59_621, 3_000_000)
    good = next(change for change in simulation.changes if change.name == "acme-good")
    row = "plan\tUpgrade\tacme-good\t1.1-1.el9_4\tx86_64\t5614\t0\t"
    cached = read_simulation("dnf", "dnf/job-plan", *ORDER, changes={f"{row}no": f"{row}yes"})
    assert good.size_bytes == 5_614
    assert cached.download_bytes == 59_621 - 5_614


def test_oldest_kernel_that_goes_for_a_new_one_is_no_removal(read_simulation: ReadSimulation) -> None:
    """Of kernels only so many are kept: the oldest goes with the new one, and no rule against removals forbids it."""
    row = f"plan\tInstall\tkernel\t{KERNEL}\tx86_64\t5702\t0\tno"
    simulation = read_simulation(
        "dnf",
        "dnf/job-plan",
        *ORDER,
        changes={row: f"{row}\nplan\tRemoved\tkernel\t5.14.0-427.13.1.el9_4\tx86_64\t0\t0\tno"},
    )

    assert _changes(simulation)["kernel"] == (ChangeKind.UPGRADE, "5.14.0-427.13.1.el9_4", KERNEL)
    assert not any(change.kind is ChangeKind.REMOVE for change in simulation.changes)


def test_package_that_another_one_replaces_is_a_removal(read_simulation: ReadSimulation) -> None:
    """What is obsoleted by another name goes."""
    row = "plan\tInstall\tacme-brandnew\t1.0-1.el9_4"
    simulation = read_simulation(
        "dnf",
        "dnf/job-plan",
        *ORDER,
        changes={row: f"plan\tObsoleted\tacme-oldname\t1.0-1.el9\tx86_64\t0\t100\tno\n{row}"},
    )

    assert PackageChange(ChangeKind.REMOVE, "acme-oldname", "x86_64", "1.0-1.el9") in simulation.changes
    assert simulation.disk_bytes == 3_000_000 - 100


def test_order_of_which_nothing_comes_is_a_problem(read_simulation: ReadSimulation) -> None:
    """In dnf's own words."""
    simulation = read_simulation("dnf", "dnf/job-table-nothing", f"acme-locked 1.0-2.el9_4 {OLD}")

    assert simulation.changes == ()
    assert simulation.problem == "Error: No packages marked for upgrade."


def test_simulation_without_root_says_so(read_simulation: ReadSimulation) -> None:
    """dnf5 and yum 3 solve for root only."""
    simulation = read_simulation(
        "dnf5", "dnf/dnf5-job-table", "which 2.25-1.fc44", changes={"@MARKER@ end 1\n": "@MARKER@ end 97\n"}
    )

    assert simulation.problem == "upgrade --assumeno exited 97: no message"


def test_table_of_dnf5_is_read(read_simulation: ReadSimulation) -> None:
    """Each row of it is followed by what it replaces; sizes are what it prints."""
    simulation = read_simulation("dnf5", "dnf/dnf5-job-table", "which 2.25-1.fc44 2.23-4.fc44", "gssdp 1.6.5-1.fc44")

    assert _changes(simulation)["which"] == (ChangeKind.UPGRADE, "2.23-4.fc44", "2.25-1.fc44")
    assert len(simulation.changes) == 4
    assert simulation.changes[0].size_bytes == round(1.2 * 1024**2)
    assert (simulation.download_bytes, simulation.disk_bytes) == (6 * 1024**2, 0)
    assert [each.name for each in simulation.kept] == ["gssdp"]


def test_table_of_yum_3_is_read(read_simulation: ReadSimulation) -> None:
    """What comes for dependencies stands below headings of its own."""
    simulation = read_simulation("yum", "yum/job-table", "bind-utils 32:9.9.4-51.el7_4.1 32:9.9.4-18.el7_1.3")

    changes = _changes(simulation)
    assert changes["bind-utils"] == (ChangeKind.UPGRADE, "32:9.9.4-18.el7_1.3", "32:9.9.4-51.el7_4.1")
    assert changes["GeoIP"] == (ChangeKind.INSTALL, "", "1.5.0-11.el7")
    assert changes["bind"][0] is ChangeKind.UPGRADE
    assert len(changes) == 6
    assert simulation.download_bytes == round(4.8 * 1024**2)


def test_what_yum_3_replaces_is_removed(read_simulation: ReadSimulation) -> None:
    """Below a package stands each one whose place it takes."""
    simulation = read_simulation("yum", "yum/job-table-replacing", "postfix 2:2.6.6-8.el6")

    removed = [change for change in simulation.changes if change.kind is ChangeKind.REMOVE]
    assert {change.name for change in removed} == {"mysql-libs"}
    assert len(simulation.changes) == 7 + len(removed)


def test_long_name_that_yum_breaks_is_one_row(read_simulation: ReadSimulation) -> None:
    """Without a terminal there are 80 columns, and what does not fit goes on in the next line."""
    row = " bind-libs-lite          x86_64          32:9.9.4-51.el7_4.1          updates          733 k"
    broken = " bind-libs-lite\n                         x86_64          32:9.9.4-51.el7_4.1\n          updates  733 k"
    simulation = read_simulation("yum", "yum/job-table", "bind-utils 32:9.9.4-51.el7_4.1", changes={row: broken})

    assert _changes(simulation)["bind-libs-lite"][2] == "32:9.9.4-51.el7_4.1"


def test_microdnf_is_refused_with_what_to_do(read_simulation: ReadSimulation) -> None:
    """It lists no updates, so nothing can have been chosen."""
    simulation = read_simulation("dnf", "dnf/job-table-nothing", f"acme {NEW}", changes={"tool=dnf": "tool=microdnf"})

    assert simulation.problem.endswith("install dnf on the machine")


@pytest.mark.parametrize(
    ("capture", "old", "new"),
    [
        ("dnf/job-plan", "\nend\n", "\n"),
        ("dnf/job-plan", "plan\tUpgrade\tacme-good", "plan\tSwapped\tacme-good"),
        ("dnf/job-plan", "plan\tUpgrade\tacme-good", "plan\tUpgrade"),
        ("dnf/job-plan", "plan\tUpgrade\tacme-good", "strange\tUpgrade\tacme-good"),
        ("dnf/job-table", " acme-good            x86_64     1.1-1.el9_4", " acme-good"),
    ],
)
def test_line_that_fits_no_shape_is_never_dropped(
    read_simulation: ReadSimulation, capture: str, old: str, new: str
) -> None:
    """A plan that was not understood is none."""
    with pytest.raises(UnreadableOutput):
        read_simulation("dnf", capture, *ORDER, changes={old: new})
