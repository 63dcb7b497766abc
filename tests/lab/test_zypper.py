"""What Patchdeck says of machines with zypper, beside what zypper and rpm say there."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial

import pytest

from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment, Outcome
from fleet.failures import FindingKind, Severity
from fleet.updates import Blocker, Classification, Update
from tests.lab.builder.advisories import Advisory
from tests.lab.builder.lab import Lab
from tests.lab.builder.suse_packages import ADVISORIES
from tests.lab.own_dnf import Package
from tests.lab.own_zypper import ZypperAnswer, ask_zypper

AskZypper = Callable[[str], ZypperAnswer]

WHOLE = (
    "sles", "sles-sudo", "sles-current", "sles-german", "leap", "sles-locked", "sles-vendor", "sles-unmet",
    "sles-stack", "sles-kernel", "sles-kernel-waits", "sles-restart", "sles-busy",
)  # fmt: skip
LIKE_SLES = ("sles-sudo", "sles-german", "leap", "sles-restart", "sles-busy")
# What zypper knows of and does not take.
HIDDEN = {"sles-locked": "acme-locked", "sles-vendor": "acme-vendor", "sles-unmet": "acme-needsdep"}
_SECURITY = (Classification.CRITICAL, Classification.SECURITY)


@pytest.fixture(scope="module")
def own(lab: Lab) -> AskZypper:
    """Gives what the zypper of a machine says itself; each machine is asked once."""
    return cache(partial(ask_zypper, lab))


@pytest.mark.parametrize("name", WHOLE)
def test_answer_is_whole(assessed: Mapping[str, Assessment], name: str) -> None:
    """Where every repository speaks, the answer is whole, and no error is found but that zypper is busy."""
    assessment = assessed[name]
    errors = {finding.kind for finding in assessment.findings if finding.severity is Severity.ERROR}

    assert assessment.failure is None
    assert (assessment.outcome, assessment.coverage) == (Outcome.SUCCEEDED, Coverage.COMPLETE), assessment.findings
    assert errors <= {FindingKind.PACKAGE_MANAGER_LOCKED}


@pytest.mark.parametrize("name", [*WHOLE, "tumbleweed"])
def test_missing_updates_are_those_of_zypper(own: AskZypper, assessed: Mapping[str, Assessment], name: str) -> None:
    """Names, architectures and versions are those of `list-updates`, beside what zypper knows of and would not take."""
    said = {_package(u): (u.installed_version, u.offered_version) for u in assessed[name].updates}
    offers = {package: offer[:2] for package, offer in own(name).offers.items()}

    hidden = {package for package in said if package[0] == HIDDEN.get(name)}
    assert {package: versions for package, versions in said.items() if package not in hidden} == offers
    assert all("update" in update.repository for update in assessed[name].updates if _package(update) in offers)


@pytest.mark.parametrize("name", HIDDEN)
def test_update_that_zypper_would_not_take_says_why(assessed: Mapping[str, Assessment], name: str) -> None:
    """Locked, of another vendor, in need of what nobody offers: listed, with a reason; all others are installable."""
    blocked = {update.name: update for update in assessed[name].updates if update.blocker}

    assert blocked.keys() == {HIDDEN[name]}
    assert blocked[HIDDEN[name]].blocker_detail
    if name == "sles-locked":
        assert blocked["acme-locked"].blocker in (Blocker.HELD, Blocker.VERSION_LOCKED)
        assert blocked["acme-locked"].advisories == ("openSUSE-SLE-15.6-2024-1013",)


@pytest.mark.parametrize("name", WHOLE)
def test_class_is_that_of_the_patches(own: AskZypper, assessed: Mapping[str, Assessment], name: str) -> None:
    """Each update has the patches that fix its package and are listed there, their CVEs, class and severity."""
    for update in assessed[name].updates:
        patches = [patch for patch in _patches_of(update) if patch.id in own(name).patches]
        kinds = {(patch.kind, patch.severity) for patch in patches}
        assert set(update.advisories) == {patch.id for patch in patches}, update
        assert set(update.cves) == {cve for patch in patches for cve in patch.cves}, update
        assert (update.classification is Classification.CRITICAL) == (("security", "critical") in kinds), update
        assert (update.classification in _SECURITY) == ("security" in {kind for kind, _ in kinds}), update
        assert (update.severity == "") == (not any(severity for _, severity in kinds)), update


@pytest.mark.parametrize("name", WHOLE)
def test_security_is_counted_as_patch_check_counts_it(
    own: AskZypper, assessed: Mapping[str, Assessment], name: str
) -> None:
    """`patch-check` ends with 101 where security patches are needed, with 100 or 0 where none is."""
    classes = {update.classification for update in assessed[name].updates}

    assert (own(name).check_code == 101) == bool(classes & set(_SECURITY))


@pytest.mark.parametrize("name", WHOLE)
def test_inventory_is_that_of_rpm(own: AskZypper, assessed: Mapping[str, Assessment], name: str) -> None:
    """Every installed package is there, with a version that rpm has."""
    said = {(*package, version) for package, version in assessed[name].installed.items()}

    assert said <= own(name).installed
    assert {row[:2] for row in said} == {row[:2] for row in own(name).installed}


@pytest.mark.parametrize("name", LIKE_SLES)
def test_surroundings_change_nothing_of_the_answer(assessed: Mapping[str, Assessment], name: str) -> None:
    """Sudo, a locale, another system of the family, a marker and a lock leave the same updates."""
    assert _without_repositories(assessed[name]) == _without_repositories(assessed["sles"])


def test_rolling_release_without_patches_has_no_classes(assessed: Mapping[str, Assessment]) -> None:
    """Tumbleweed publishes no patches: the classes are unknown, never "no security updates"."""
    assert assessed["tumbleweed"].coverage is Coverage.UNCLASSIFIED
    assert {update.classification for update in assessed["tumbleweed"].updates} == {Classification.UNCLASSIFIED}


def test_patch_of_zypper_itself_comes_first(assessed: Mapping[str, Assessment]) -> None:
    """The machine says that its update stack is to be updated before anything else."""
    assert FindingKind.UPDATE_STACK_FIRST in {finding.kind for finding in assessed["sles-stack"].findings}
    assert FindingKind.UPDATE_STACK_FIRST not in {finding.kind for finding in assessed["sles"].findings}


@pytest.mark.parametrize("name", ["sles-kernel-waits", "sles-restart"])
def test_restart_that_is_needed_is_said(own: AskZypper, assessed: Mapping[str, Assessment], name: str) -> None:
    """`needs-rebooting` ends with 102: yes, with a reason."""
    facts = assessed[name].facts

    assert own(name).reboot_code == 102
    assert facts.reboot_required is Answer.YES
    assert facts.reboot_reason


def test_restart_is_not_invented(assessed: Mapping[str, Assessment]) -> None:
    """Where the newest installed kernel runs and zypper says no, no restart is needed."""
    assert assessed["sles-kernel"].facts.reboot_required is Answer.NO


def test_transactional_system_is_recognised(assessed: Mapping[str, Assessment]) -> None:
    """MicroOS takes updates as a new snapshot, and the machine says so."""
    kinds = {finding.kind: finding.severity for finding in assessed["microos"].findings}

    assert FindingKind.IMMUTABLE_SYSTEM in kinds
    assert Severity.ERROR not in kinds.values(), kinds


@pytest.mark.parametrize(
    ("name", "system", "version"),
    [
        ("sles", "sles", "15.6"),
        ("leap", "opensuse-leap", "15.6"),
        ("tumbleweed", "opensuse-tumbleweed", "20240520"),
        ("microos", "opensuse-microos", "20240520"),
    ],
)
def test_facts_are_those_of_the_machine(
    assessed: Mapping[str, Assessment], name: str, system: str, version: str
) -> None:
    """The system is told by os-release, the package manager by what answers."""
    facts = assessed[name].facts

    assert (facts.os_id, facts.os_version, facts.package_manager, facts.host_name) == (system, version, "zypper", name)


def _package(update: Update) -> Package:
    return update.name, update.architecture


def _without_repositories(assessment: Assessment) -> list[Update]:
    """Its updates; the name of a repository holds that of the system."""
    return [replace(update, repository="") for update in assessment.updates]


def _patches_of(update: Update) -> list[Advisory]:
    return [patch for patch in ADVISORIES if update.name in {fix.name for fix in patch.fixes}]
