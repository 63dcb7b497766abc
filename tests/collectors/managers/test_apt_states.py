"""Each state of an update, made with a real apt over a throw-away root and read from what that apt says."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.failures import FailureKind, FindingKind
from fleet.machines import Machine
from fleet.updates import Blocker, Classification, Update

if TYPE_CHECKING:
    from tests.collectors.managers.conftest import AptRoot

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="a refresh needs root")


def _only(assessment: Assessment) -> Update:
    assert assessment.failure is None
    assert len(assessment.updates) == 1
    return assessment.updates[0]


def _kinds(assessment: Assessment) -> set[FindingKind]:
    return {finding.kind for finding in assessment.findings}


def _with_security(root: AptRoot, *packages: Mapping[str, str]) -> None:
    root.add_repository("stable-security", list(packages), label="Debian-Security")


def test_ordinary_update_says_versions_origin_and_size(root: AptRoot, machine: Machine) -> None:
    """An update that nothing hinders is installable, and tells where it comes from and how large it is."""
    root.install(root.package("acme", "1:1.0-1"))
    root.add_repository("stable", [root.package("acme", "1:1.1-1", Size="4321")])
    _with_security(root)
    root.update()

    update = _only(assessment := root.assess(machine))

    assert (update.name, update.architecture, update.installed_version, update.offered_version) == (
        ("acme", "amd64", "1:1.0-1", "1:1.1-1")
    )
    assert (update.repository, update.size_bytes, update.blocker) == ("Debian:12/stable", 4321, None)
    assert update.classification is Classification.OTHERS
    assert assessment.coverage is Coverage.COMPLETE


def test_security_is_the_label_of_the_release(root: AptRoot, machine: Machine) -> None:
    """What Debian-Security offers is a security update, whatever its suite is called."""
    root.install(root.package("acme", "1.0"))
    root.add_repository("oldstable-security", [root.package("acme", "1.1")], label="Debian-Security")
    root.update()

    update = _only(root.assess(machine))

    assert update.classification is Classification.SECURITY
    assert "Debian-Security:12/oldstable-security" in update.classification_source


def test_security_in_a_name_is_no_security_update(root: AptRoot, machine: Machine) -> None:
    """Neither a package called security nor a vendor's suite called so makes a security update."""
    root.install(root.package("python3-security", "1.0"), root.package("acme", "1.0"))
    root.add_repository("stable", [root.package("python3-security", "1.1")])
    root.add_repository("acme-security", [root.package("acme", "1.1")], label="Acme", origin="Acme Security")
    _with_security(root)
    root.update()

    updates = root.assess(machine).updates

    assert {update.classification for update in updates} == {Classification.OTHERS}


def test_ubuntu_says_security_in_the_suite(root: AptRoot, machine: Machine) -> None:
    """A version in jammy-updates and jammy-security is a security update, and both are its repository."""
    root.install(root.package("acme", "5.15.0.100"))
    newer = root.package("acme", "5.15.0.130")
    root.add_repository("jammy-updates", [newer], label="Ubuntu", origin="Ubuntu", version="22.04")
    root.add_repository("jammy-security", [newer], label="Ubuntu", origin="Ubuntu", version="22.04")
    root.update()

    update = _only(root.assess(machine))

    assert update.classification is Classification.SECURITY
    assert update.repository == "Ubuntu:22.04/jammy-updates, Ubuntu:22.04/jammy-security"


def test_fix_between_installed_and_candidate_makes_a_security_update(root: AptRoot, machine: Machine) -> None:
    """The candidate comes from stable-updates, yet the installed version is older than one in security."""
    root.install(root.package("acme", "1.0-1"))
    root.add_repository("stable-updates", [root.package("acme", "1.2-1")])
    _with_security(root, root.package("acme", "1.0-1+deb12u1"))
    root.update()

    update = _only(root.assess(machine))

    assert (update.offered_version, update.repository) == ("1.2-1", "Debian:12/stable-updates")
    assert update.classification is Classification.SECURITY
    assert "1.0-1+deb12u1" in update.classification_source


def test_fix_below_the_installed_version_is_history(root: AptRoot, machine: Machine) -> None:
    """A security version that is older than the installed one says nothing of the candidate."""
    root.install(root.package("acme", "1.1"))
    root.add_repository("stable-updates", [root.package("acme", "1.2")])
    _with_security(root, root.package("acme", "1.0+deb12u1"))
    root.update()

    assert _only(root.assess(machine)).classification is Classification.OTHERS


def test_held_package_is_offered_and_blocked(root: AptRoot, machine: Machine) -> None:
    """dist-upgrade only keeps it back; it is shown with the version that waits and the hold."""
    root.install(root.package("acme", "1.0", Status="hold ok installed"))
    _with_security(root, root.package("acme", "1.1"))
    root.update()

    update = _only(root.assess(machine))

    assert (update.offered_version, update.blocker) == ("1.1", Blocker.HELD)
    assert update.classification is Classification.SECURITY


def test_phased_update_waits_for_its_phase(root: AptRoot, machine: Machine) -> None:
    """An update phased to no machine yet is deferred, not kept back."""
    root.configure('APT::Machine-ID "0123456789abcdef0123456789abcdef";')
    root.install(root.package("acme", "1.0"))
    root.add_repository("jammy-updates", [root.package("acme", "1.1", Phased_Update_Percentage="0")], origin="Ubuntu")
    _with_security(root)
    root.update()

    update = _only(root.assess(machine))

    assert (update.blocker, update.blocker_detail) == (Blocker.PHASED, "phased to 0 % of machines")


def test_phased_update_whose_turn_it_is_is_installable(root: AptRoot, machine: Machine) -> None:
    """A machine that always takes phased updates is not held up by the percentage."""
    root.configure('APT::Get::Always-Include-Phased-Updates "true";')
    root.install(root.package("acme", "1.0"))
    root.add_repository("jammy-updates", [root.package("acme", "1.1", Phased_Update_Percentage="0")], origin="Ubuntu")
    _with_security(root)
    root.update()

    assert _only(root.assess(machine)).blocker is None


def test_new_dependencies_removals_and_neither_are_told_apart(root: AptRoot, machine: Machine) -> None:
    """Of three packages that a plain upgrade keeps back, each says what it would take; the new one is no update."""
    installed = ("acme-meta", "acme-conflict", "acme-old", "acme-stuck", "acme-plain")
    root.install(*(root.package(name, "1.0") for name in installed))
    offered = [
        root.package("acme-meta", "1.1", Depends="acme-newlib"),
        root.package("acme-newlib", "1.0"),
        root.package("acme-conflict", "1.1", Conflicts="acme-old"),
        root.package("acme-stuck", "1.1", Depends="acme-nowhere"),
        root.package("acme-plain", "1.1"),
    ]
    root.add_repository("stable", offered)
    _with_security(root)
    root.update()

    blockers = {update.name: update.blocker for update in root.assess(machine).updates}

    assert blockers == {
        "acme-meta": Blocker.NEEDS_NEW_PACKAGES,
        "acme-conflict": Blocker.NEEDS_REMOVALS,
        "acme-stuck": Blocker.KEPT_BACK,
        "acme-plain": None,
    }


def test_version_that_a_pin_hides_is_blocked_by_it(root: AptRoot, machine: Machine) -> None:
    """A newer version that a negative pin keeps from being chosen is shown, since it is in no list of apt."""
    root.install(root.package("acme", "1.0"))
    _with_security(root, root.package("acme", "1.1"))
    root.pin("Package: acme\nPin: version 1.1\nPin-Priority: -1")
    root.update()

    update = _only(root.assess(machine))

    assert (update.offered_version, update.blocker) == ("1.1", Blocker.PINNED)
    assert update.classification is Classification.SECURITY


def test_pin_to_the_installed_version_is_a_pin(root: AptRoot, machine: Machine) -> None:
    """A high priority for what is installed hides what is newer as well."""
    root.install(root.package("acme", "1.0"))
    root.add_repository("stable", [root.package("acme", "1.0"), root.package("acme", "1.1")])
    _with_security(root)
    root.pin("Package: acme\nPin: version 1.0\nPin-Priority: 1001")
    root.update()

    assert _only(root.assess(machine)).blocker is Blocker.PINNED


def test_backports_are_not_offered_unasked(root: AptRoot, machine: Machine) -> None:
    """A repository that is not automatic by its own word pins nothing away and offers nothing."""
    root.install(root.package("acme", "1.0"))
    root.add_repository("stable", [root.package("acme", "1.0")])
    headers = {"NotAutomatic": "yes", "ButAutomaticUpgrades": "yes"}
    root.add_repository("stable-backports", [root.package("acme", "2.0")], label="Debian Backports", headers=headers)
    _with_security(root)
    root.update()

    assert root.assess(machine).updates == ()


def test_foreign_architecture_is_another_update(root: AptRoot, machine: Machine) -> None:
    """The same library for two architectures is two updates, each with its architecture."""
    both = [root.package("acme", "1.0", Multi_Arch="same", Architecture=a) for a in ("amd64", "i386")]
    newer = [
        root.package("acme", "1.1", Multi_Arch="same", Architecture=a, Size=str(len(a))) for a in ("amd64", "i386")
    ]
    root.install(*both)
    root.add_repository("stable", newer)
    _with_security(root)
    root.update()

    updates = root.assess(machine).updates

    assert {(u.name, u.architecture, u.blocker, u.size_bytes) for u in updates} == {
        ("acme", "amd64", None, 5),
        ("acme", "i386", None, 4),
    }


def test_third_party_without_version_is_named_by_label_and_suite(root: AptRoot, machine: Machine) -> None:
    """A label with a space and a release without version read as apt prints them."""
    root.install(root.package("acme", "1.0", Architecture="all"))
    root.add_repository("stable", [root.package("acme", "1.1", Architecture="all")], label="Acme Corp", version="")
    _with_security(root)
    root.update()

    update = _only(root.assess(machine))

    assert (update.repository, update.architecture) == ("Acme Corp:stable", "all")


def test_no_lists_at_all_is_unknown(root: AptRoot, machine: Machine) -> None:
    """A machine that never fetched lists misses an unknown number of updates, not none."""
    root.install(root.package("acme", "1.0"))
    root.add_repository("stable", [root.package("acme", "1.1")])

    assessment = root.assess(machine)

    assert assessment.coverage is Coverage.UNKNOWN
    assert _kinds(assessment) >= {FindingKind.LISTS_MISSING}
    assert not assessment.is_ready


def test_no_repository_at_all_is_unknown(root: AptRoot, machine: Machine) -> None:
    """No sources, no answer."""
    root.install(root.package("acme", "1.0"))

    assert root.assess(machine).coverage is Coverage.UNKNOWN


def test_lists_of_security_alone_missing_leave_security_unknown(root: AptRoot, machine: Machine) -> None:
    """The others still list their updates; none of them is said to be no security update."""
    root.install(root.package("acme", "1.0"))
    root.add_repository("stable", [root.package("acme", "1.1")])
    root.update()
    _with_security(root)

    assessment = root.assess(machine)

    assert assessment.coverage is Coverage.SECURITY_UNKNOWN
    assert _only(assessment).classification is Classification.UNCLASSIFIED
    assert any("stable-security" in f.text for f in assessment.findings if f.kind is FindingKind.REPOSITORY_FAILING)


def test_no_security_repository_leaves_security_unknown(root: AptRoot, machine: Machine) -> None:
    """Without a security repository nothing can be said of security updates."""
    root.install(root.package("acme", "1.0"))
    root.add_repository("stable", [])
    root.update()

    assessment = root.assess(machine)

    assert assessment.coverage is Coverage.SECURITY_UNKNOWN
    assert FindingKind.SECURITY_REPOSITORY_MISSING in _kinds(assessment)


def test_lists_of_one_repository_missing_are_not_a_whole_answer(root: AptRoot, machine: Machine) -> None:
    """A repository that never spoke is named, and the answer is not complete."""
    root.install(root.package("acme", "1.0"))
    _with_security(root)
    root.update()
    root.add_repository("vendor", [root.package("acme", "9.0")], label="Vendor", origin="Vendor")

    assessment = root.assess(machine)

    assert assessment.coverage is Coverage.UNKNOWN
    assert any("vendor" in f.text for f in assessment.findings if f.kind is FindingKind.REPOSITORY_FAILING)


def test_list_that_was_deleted_is_missed(root: AptRoot, machine: Machine) -> None:
    """The Release file alone is no list: what it names and is not there is a repository that does not speak."""
    root.install(root.package("acme", "1.0"))
    _with_security(root, root.package("acme", "1.1"))
    root.add_repository("stable", [root.package("other", "1.0")])
    root.update()
    next((root.path / "lists").glob("*stable-security*Packages*")).unlink()

    assessment = root.assess(machine)

    assert assessment.coverage is Coverage.SECURITY_UNKNOWN
    assert FindingKind.REPOSITORY_FAILING in _kinds(assessment)


def test_old_security_lists_are_stale(root: AptRoot, machine: Machine) -> None:
    """Lists of a month ago say how old they are, by their own date, and leave security unknown."""
    root.install(root.package("acme", "1.0"))
    root.add_repository("stable-security", [], label="Debian-Security", age=timedelta(days=30))
    root.update()

    assessment = root.assess(machine)

    assert assessment.coverage is Coverage.SECURITY_UNKNOWN
    assert any("30 days old" in f.text for f in assessment.findings if f.kind is FindingKind.LISTS_STALE)
    assert assessment.facts.metadata_at is not None


def test_main_archive_of_months_ago_is_not_stale(root: AptRoot, machine: Machine) -> None:
    """A stable archive changes a few times a year; only the security repository must be fresh."""
    root.install(root.package("acme", "1.0"))
    root.add_repository("stable", [], age=timedelta(days=200))
    _with_security(root)
    root.update()

    assert root.assess(machine).coverage is Coverage.COMPLETE


def test_broken_dependencies_block_every_update(root: AptRoot, machine: Machine) -> None:
    """apt refuses to plan; what is offered is read from its version tables, and says why it would not come."""
    root.install(root.package("acme", "1.0", Depends="acme-gone"), root.package("other", "1.0"))
    root.add_repository("stable", [root.package("other", "1.1")])
    _with_security(root)
    root.update()

    assessment = root.assess(machine)

    assert FindingKind.DEPENDENCIES_BROKEN in _kinds(assessment)
    assert _only(assessment).blocker is Blocker.PACKAGE_MANAGER_BROKEN
    assert not assessment.is_ready


def test_interrupted_dpkg_blocks_every_update(root: AptRoot, machine: Machine) -> None:
    """A journal that dpkg left and a package that it only unpacked are found without root."""
    root.install(root.package("acme", "1.0", Status="install ok unpacked"), root.package("other", "1.0"))
    root.add_repository("stable", [root.package("other", "1.1")])
    _with_security(root)
    root.update()
    (root.path / "dpkg/updates/0001").touch()

    assessment = root.assess(machine)

    assert FindingKind.PACKAGE_MANAGER_INTERRUPTED in _kinds(assessment)
    assert {u.blocker for u in assessment.updates} == {Blocker.PACKAGE_MANAGER_BROKEN}


def test_failed_script_does_not_block_the_others(root: AptRoot, machine: Machine) -> None:
    """A half-configured package is a finding; other updates install as ever."""
    root.install(root.package("acme", "1.0", Status="install ok half-configured"), root.package("other", "1.0"))
    root.add_repository("stable", [root.package("other", "1.1")])
    _with_security(root)
    root.update()

    assessment = root.assess(machine)

    assert FindingKind.PACKAGE_BROKEN in _kinds(assessment)
    assert {u.name: u.blocker for u in assessment.updates} == {"other": None}
    assert assessment.is_ready


def test_apt_that_cannot_read_its_sources_fails(root: AptRoot, machine: Machine) -> None:
    """The failure carries the E: line and its exit status."""
    root.install(root.package("acme", "1.0"))
    _with_security(root)
    root.update()
    root.sources_file.write_text("deb nonsense\n")

    assessment = root.assess(machine)

    assert assessment.failure is not None
    assert assessment.failure.kind is FailureKind.PACKAGE_MANAGER_FAILED
    assert "Malformed entry" in assessment.failure.came_back


@needs_root
def test_refresh_that_fails_is_told_with_the_repository(root: AptRoot, machine: Machine) -> None:
    """A repository that is gone leaves the old lists, and the answer is no longer whole."""
    root.install(root.package("acme", "1.0"))
    _with_security(root)
    root.add_repository("vendor", [root.package("acme", "1.1")], label="Vendor", origin="Vendor")
    root.update()
    shutil.rmtree(root.path / "repositories/stable-security")

    assessment = root.assess(machine, refresh=True)

    assert _kinds(assessment) >= {FindingKind.REFRESH_FAILED, FindingKind.REPOSITORY_FAILING}
    assert assessment.coverage is Coverage.SECURITY_UNKNOWN
    assert any("stable-security" in f.text for f in assessment.findings if f.kind is FindingKind.REPOSITORY_FAILING)


@needs_root
def test_refresh_fetches_what_is_new(root: AptRoot, machine: Machine) -> None:
    """With a refresh the machine needs no lists beforehand."""
    root.install(root.package("acme", "1.0"))
    _with_security(root, root.package("acme", "1.1"))

    assessment = root.assess(machine, refresh=True)

    assert assessment.coverage is Coverage.COMPLETE
    assert _only(assessment).offered_version == "1.1"
