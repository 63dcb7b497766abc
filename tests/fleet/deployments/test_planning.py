"""The plan of a machine: what is brought, what is not and why, and what to read before the night."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment
from fleet.deployments.masks import parse_mask
from fleet.deployments.plan import ChangeKind, Kept, LeftOutReason, MachinePlan, PackageChange, Selection, Simulation
from fleet.deployments.plan_warnings import is_kernel
from fleet.deployments.planning import find_problem, orders_of, plan_machine
from fleet.deployments.reboot_rules import RebootPolicy
from fleet.deployments.selection import select
from fleet.deployments.update_rules import UpdateRules
from fleet.facts import DiskSpace, MachineFacts, OtherUpdater, UpdateModel
from fleet.failures import Failure, FailureKind, Finding, FindingKind, Severity
from fleet.machines import Machine, TransportKind
from fleet.updates import Blocker, Classification, Update

_NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
_TODAY = _NOW.date()
_MACHINE = Machine("id-web", "web-01", TransportKind.SSH, _NOW)
_RULES = UpdateRules(classes=tuple(Classification))
_CURL = Update("curl", "amd64", "1", "2", Classification.SECURITY, "", "")
_ZLIB = Update("zlib1g", "amd64", "1", "2", Classification.OTHERS, "", "")
_FACTS = MachineFacts(package_manager="apt", reboot_required=Answer.NO)
_GB = 1_000_000_000


def _scan(facts: MachineFacts = _FACTS, *updates: Update, coverage: Coverage = Coverage.COMPLETE) -> Assessment:
    return Assessment("id-web", "web-01", _NOW, _NOW, coverage, facts, updates)


def _change(name: str, kind: ChangeKind = ChangeKind.UPGRADE, to_version: str = "2") -> PackageChange:
    return PackageChange(kind, name, "amd64", "1", "" if kind is ChangeKind.REMOVE else to_version)


def _plan(
    assessment: Assessment,
    simulation: Simulation,
    rules: UpdateRules = _RULES,
    policy: RebootPolicy = RebootPolicy.IF_REQUIRED,
) -> MachinePlan:
    selection = select(assessment.updates, rules, today=_TODAY, now=_NOW, first_seen={})
    return plan_machine(_MACHINE, 0, assessment, rules, selection, simulation, today=_TODAY, policy=policy)


def test_chosen_updates_that_the_transaction_brings_are_ordered() -> None:
    """The plan of a healthy machine has no problem, no warning, and an order for each update."""
    plan = _plan(_scan(_FACTS, _CURL, _ZLIB), Simulation((_change("curl"), _change("zlib1g"))))
    assert (plan.problem, plan.warnings, plan.reboot_expected) == ("", (), Answer.NO)
    assert [order.name for order in orders_of(plan)] == ["curl", "zlib1g"]


def test_update_that_the_manager_keeps_is_left_out_with_its_words() -> None:
    """Chosen is not yet brought."""
    plan = _plan(_scan(_FACTS, _CURL, _ZLIB), Simulation((_change("zlib1g"),), (Kept("curl", "depends on libx"),)))
    (left_out,) = plan.selection.left_out
    assert (left_out.update, left_out.reason, left_out.detail) == (
        _CURL,
        LeftOutReason.NOT_IN_TRANSACTION,
        "depends on libx",
    )
    assert plan.selection.chosen == (_ZLIB,)


def test_transaction_that_touches_an_excluded_package_is_never_planned() -> None:
    """Whoever hands it in: nothing is ordered, and the excluded package is named."""
    rules = replace(_RULES, exclude=(parse_mask("libssl*"),))
    plan = _plan(_scan(_FACTS, _CURL), Simulation((_change("curl"), _change("libssl3"))), rules)
    assert orders_of(plan) == () and plan.simulation == Simulation()
    assert plan.selection.left_out[0].reason is LeftOutReason.DEPENDENCY_LEFT_OUT
    assert "libssl3" in plan.selection.left_out[0].detail


def test_removals_that_are_not_allowed_are_never_planned() -> None:
    """A transaction that removes is refused by default, and warned of where it is allowed."""
    simulation = Simulation((_change("curl"), _change("old", ChangeKind.REMOVE)))
    assert orders_of(_plan(_scan(_FACTS, _CURL), simulation)) == ()
    plan = _plan(_scan(_FACTS, _CURL), simulation, replace(_RULES, allow_removals=True))
    assert len(orders_of(plan)) == 1 and plan.warnings == ("Removes 1 package: old.",)


def test_manager_that_can_do_nothing_is_the_problem() -> None:
    """Its own words, and nothing is ordered."""
    plan = _plan(_scan(_FACTS, _CURL), Simulation(problem="E: dpkg was interrupted"))
    assert plan.problem == "E: dpkg was interrupted" and orders_of(plan) == ()


@pytest.mark.parametrize(
    ("assessment", "words"),
    [
        (
            replace(
                _scan(), failure=Failure(FailureKind.LOGIN_REFUSED, "login as admin", "refused.", "Check the key.")
            ),
            "login as admin: refused. Check the key.",
        ),
        (_scan(MachineFacts()), "No package manager"),
        (_scan(replace(_FACTS, update_model=UpdateModel.RPM_OSTREE)), "rpm-ostree upgrade"),
        (_scan(replace(_FACTS, update_model=UpdateModel.TRANSACTIONAL_UPDATE)), "transactional-update"),
        (_scan(coverage=Coverage.UNKNOWN), "not known"),
    ],
)
def test_nothing_is_planned_where_nothing_can_be_said(assessment: Assessment, words: str) -> None:
    """A failed or unreadable machine has a problem, never an empty plan that looks fine."""
    plan = _plan(assessment, Simulation((_change("curl"),)))
    assert words in plan.problem and plan.problem == find_problem(assessment)
    assert plan.selection == Selection((), ()) and plan.simulation == Simulation() and orders_of(plan) == ()


@pytest.mark.parametrize(
    ("facts", "changes", "expected"),
    [
        (_FACTS, ["curl"], Answer.NO),
        (_FACTS, ["linux-image-6.1.0-28-amd64"], Answer.YES),
        (_FACTS, ["libc6"], Answer.UNKNOWN),
        (_FACTS, [], Answer.NO),
        (replace(_FACTS, reboot_required=Answer.YES), [], Answer.YES),
        (replace(_FACTS, reboot_required=Answer.UNKNOWN), ["curl"], Answer.UNKNOWN),
    ],
)
def test_reboot_is_expected_with_a_kernel(facts: MachineFacts, changes: list[str], expected: Answer) -> None:
    """A kernel means yes, the C library perhaps; unknown never counts as no."""
    plan = _plan(_scan(facts, _CURL), Simulation((_change("curl"), *map(_change, changes))))
    assert plan.reboot_expected is expected


def test_policy_decides_whether_a_required_reboot_is_made() -> None:
    """Never means no, with a warning; always means yes."""
    simulation = Simulation((_change("kernel-core"),))
    kernel = replace(_CURL, name="kernel-core")
    never = _plan(_scan(_FACTS, kernel), simulation, policy=RebootPolicy.NEVER)
    assert never.reboot_expected is Answer.NO and "the deployment makes none" in never.warnings[-1]
    assert _plan(_scan(_FACTS, _CURL), Simulation((_change("curl"),)), policy=RebootPolicy.ALWAYS).reboot_expected is (
        Answer.YES
    )


def test_reboot_only_installs_nothing() -> None:
    """Every update is left out, and the machine is rebooted."""
    plan = _plan(_scan(_FACTS, _CURL), Simulation(), policy=RebootPolicy.ONLY)
    assert orders_of(plan) == () and plan.reboot_expected is Answer.YES
    assert [entry.update for entry in plan.selection.left_out] == [_CURL]


@pytest.mark.parametrize(
    ("facts", "simulation", "words"),
    [
        (
            replace(_FACTS, disks=(DiskSpace("/", 5 * _GB, 9 * _GB), DiskSpace("/var", _GB // 2, _GB))),
            Simulation((_change("curl"),), download_bytes=_GB),
            "1000 MB to download",
        ),
        (
            replace(_FACTS, disks=(DiskSpace("/", _GB, 9 * _GB), DiskSpace("/var", _GB, 9 * _GB))),
            Simulation((_change("curl"),), download_bytes=_GB // 2, disk_bytes=_GB // 2),
            "1000 MB to download and to install",
        ),
        (
            replace(_FACTS, disks=(DiskSpace("/boot", _GB // 20, _GB),)),
            Simulation((_change("curl"), _change("linux-image-amd64"))),
            "a kernel needs up to 150 MB",
        ),
        (replace(_FACTS, disks=(DiskSpace("/", _GB, _GB, is_read_only=True),)), Simulation(), "mounted read-only"),
        (replace(_FACTS, clock_skew_seconds=-61.0), Simulation(), "61 s behind"),
        (replace(_FACTS, other_updaters=(OtherUpdater("unattended-upgrades"),)), Simulation(), "unattended-upgrades"),
        (replace(_FACTS, reboot_required=Answer.YES, reboot_reason="new kernel"), Simulation(), "pending already: new"),
        (replace(_FACTS, end_of_life=date(2026, 11, 19)), Simulation(), "since 2026-11-19"),
        (_FACTS, Simulation((_change("curl", ChangeKind.DOWNGRADE, "0.9"),)), "Downgrades 1 package: curl 1 → 0.9"),
        (_FACTS, Simulation((_change("curl", to_version="3"),)), "curl would come as 3, not 2"),
        (_FACTS, Simulation((_change("curl"), _change("new", ChangeKind.INSTALL))), "Newly installs 1 package: new"),
    ],
)
def test_what_may_stop_the_night_is_warned_of(facts: MachineFacts, simulation: Simulation, words: str) -> None:
    """Space, clock, other updaters, a pending reboot, the end of support, and more than upgrading."""
    plan = _plan(_scan(facts, _CURL), simulation)
    assert any(words in warning for warning in plan.warnings)


@pytest.mark.parametrize(
    "facts",
    [
        replace(_FACTS, clock_skew_seconds=60.0),
        replace(_FACTS, end_of_life=_TODAY, other_updaters=()),
        replace(_FACTS, disks=(DiskSpace("/", 9 * _GB, 9 * _GB), DiskSpace("/boot", _GB, _GB))),
    ],
)
def test_what_is_well_is_not_warned_of(facts: MachineFacts) -> None:
    """At the limit, on the last day, and with room enough."""
    simulation = Simulation((_change("curl"),), download_bytes=_GB, disk_bytes=_GB)
    assert _plan(_scan(facts, _CURL), simulation).warnings == ()


def test_findings_that_stop_patching_are_warned_of() -> None:
    """Errors only, each with what to do."""
    error = Finding(FindingKind.DISK_FULL, Severity.ERROR, "/var is full.", "Make room.")
    notice = Finding(FindingKind.OTHER_UPDATER, Severity.INFO, "something else", "")
    plan = _plan(replace(_scan(_FACTS, _CURL), findings=(error, notice)), Simulation((_change("curl"),)))
    assert plan.warnings == ("/var is full. Make room.",)


def test_what_would_stop_the_installation_is_marked() -> None:
    """As the run finds it out before it installs; said once, and only where something is to be installed."""
    no_root = Finding(FindingKind.CANNOT_BECOME_ROOT, Severity.ERROR, "no root", "Give it.")
    scan = replace(_scan(_FACTS, _CURL), findings=(no_root,))

    plan = _plan(scan, Simulation((_change("curl"),)))

    assert plan.obstacles == ("no root. Give it.",)
    assert plan.warnings == plan.obstacles
    assert _plan(scan, Simulation()).obstacles == ()


def test_update_that_was_left_out_and_comes_along_is_warned_of() -> None:
    """A dependency that no class asks for is told with the rule that left it out."""
    rules = UpdateRules(classes=(Classification.SECURITY,))
    plan = _plan(_scan(_FACTS, _CURL, _ZLIB), Simulation((_change("curl"), _change("zlib1g"))), rules)
    assert plan.warnings == ("zlib1g comes along as a dependency, though left out: class Others is not asked for.",)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        *((name, True) for name in ("linux-image-amd64", "kernel", "kernel-core", "kernel-default", "kernel-uek-core")),
        *((name, True) for name in ("linux", "linux-lts", "linux-virt", "kernel6.12", "proxmox-kernel-6.8.12-4-pve")),
        *((name, False) for name in ("linux-headers-amd64", "kernel-tools", "kernel-headers", "linux-firmware")),
        *((name, False) for name in ("linux-libc-dev", "linux-image-amd64-dbg", "kernelshark", "kernel-srpm-macros")),
    ],
)
def test_kernels_are_known_by_their_names(name: str, answer: bool) -> None:
    """The packages that a kernel lies in, and not those about one."""
    assert is_kernel(name) is answer


_UPDATES = st.lists(
    st.builds(
        lambda name, classification, blocker: Update(name, "amd64", "1", "2", classification, "", "", blocker),
        st.sampled_from(["a", "b", "c", "d", "e"]),
        st.sampled_from([Classification.SECURITY, Classification.OTHERS]),
        st.none() | st.sampled_from(list(Blocker)),
    ),
    max_size=6,
    unique_by=lambda update: update.name,
)
_CHANGES = st.lists(st.builds(_change, st.sampled_from(["a", "b", "c", "x"]), st.sampled_from(list(ChangeKind))))


@given(_UPDATES, _CHANGES, st.booleans(), st.sampled_from(list(RebootPolicy)))
def test_every_needed_update_is_chosen_or_left_out_in_every_plan(
    updates: list[Update], changes: list[PackageChange], allow_removals: bool, policy: RebootPolicy
) -> None:
    """Whatever the transaction: each once, none chosen that is not brought, none excluded touched."""
    rules = UpdateRules(classes=(Classification.SECURITY,), exclude=(parse_mask("b"),), allow_removals=allow_removals)
    plan = _plan(_scan(_FACTS, *updates), Simulation(tuple(changes)), rules, policy)
    known = [*plan.selection.chosen, *(entry.update for entry in plan.selection.left_out)]
    assert sorted(map(repr, known)) == sorted(map(repr, updates))
    assert {order.name for order in orders_of(plan)} <= {change.name for change in plan.simulation.changes}
    assert not any(change.name == "b" for change in plan.simulation.changes)
    assert allow_removals or not any(change.kind is ChangeKind.REMOVE for change in plan.simulation.changes)
