"""What Patchdeck says of machines with dnf, beside what dnf and rpm say there."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache, partial

import pytest

from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment, Outcome
from fleet.failures import FindingKind, Severity
from fleet.updates import Blocker, Classification, Update
from tests.lab.builder.lab import Lab
from tests.lab.builder.rocky_packages import ADVISORIES
from tests.lab.own_dnf import DnfAnswer, Package, ask_dnf, ask_plan

AskDnf = Callable[[str], DnfAnswer]

# Machines whose dnf speaks about everything, with updates and without.
WHOLE = (
    "rocky", "rocky-sudo", "rocky-user-cache", "rocky-current", "rocky-german", "rocky-assumeyes", "rocky-noisy",
    "rocky-blocked", "rocky-kernel", "rocky-kernel-waits", "rocky-restart", "rocky-no-plugins", "alma", "fedora",
    "rocky-bare", "rocky-busy", "rocky-with-dpkg", "rocky-priorities", "rocky-cache-elsewhere",
)  # fmt: skip
UNCLASSIFIED = ("centos",)
MIXED = "rocky-mixed"
LIKE_ROCKY = (
    "rocky-sudo", "rocky-user-cache", "rocky-german", "rocky-assumeyes", "rocky-noisy", "rocky-no-plugins", "alma",
    "fedora", "rocky-bare", "rocky-busy", "rocky-restart", "rocky-kernel-waits", "rocky-with-dpkg",
    "rocky-cache-elsewhere",
)  # fmt: skip
_HIDDEN = (Blocker.VERSION_LOCKED, Blocker.EXCLUDED)


@pytest.fixture(scope="module")
def own(lab: Lab) -> AskDnf:
    """Gives what the dnf of a machine says itself; each machine is asked once."""
    return cache(partial(ask_dnf, lab))


@pytest.mark.parametrize("name", WHOLE)
def test_answer_is_whole(assessed: Mapping[str, Assessment], name: str) -> None:
    """Where every repository speaks, the answer is whole, and no error is found but that dnf is busy."""
    assessment = assessed[name]
    errors = {finding.kind for finding in assessment.findings if finding.severity is Severity.ERROR}

    assert assessment.failure is None
    assert (assessment.outcome, assessment.coverage) == (Outcome.SUCCEEDED, Coverage.COMPLETE), assessment.findings
    assert errors <= {FindingKind.PACKAGE_MANAGER_LOCKED}


@pytest.mark.parametrize("name", [*WHOLE, *UNCLASSIFIED, MIXED])
def test_missing_updates_are_those_of_dnf(own: AskDnf, assessed: Mapping[str, Assessment], name: str) -> None:
    """Names, architectures, versions and repositories are those of `check-update`, which shows nothing locked away."""
    said = {_package(update): (update.offered_version, update.repository) for update in _shown(assessed[name])}

    assert said == dict(own(name).offers)


@pytest.mark.parametrize("name", [*WHOLE, *UNCLASSIFIED, MIXED])
def test_inventory_is_that_of_rpm(own: AskDnf, assessed: Mapping[str, Assessment], name: str) -> None:
    """Every installed package is there with a version that rpm has; keys that rpm imported are no packages."""
    said = {(*package, version) for package, version in assessed[name].installed.items()}

    assert said <= own(name).installed
    assert {row[:2] for row in said} == {row[:2] for row in own(name).installed}


@pytest.mark.parametrize("name", WHOLE)
def test_installed_version_is_the_newest_that_rpm_has(
    own: AskDnf, assessed: Mapping[str, Assessment], name: str
) -> None:
    """What an update replaces is installed; of several kernels it is the newest."""
    for update in assessed[name].updates:
        assert (update.name, update.architecture, update.installed_version) in own(name).installed
    if name == "rocky-kernel":
        assert _update(assessed[name], "kernel-core").installed_version == "5.14.0-427.18.1.el9_4"


# updateinfo speaks of versions that a priority keeps away, too.
@pytest.mark.parametrize("name", [name for name in WHOLE if name != "rocky-priorities"])
def test_class_and_advisories_are_those_of_dnf(own: AskDnf, assessed: Mapping[str, Assessment], name: str) -> None:
    """Each update has the advisories, CVEs and class that `updateinfo list` gives for its package."""
    answer = own(name)

    for update in _shown(assessed[name]):
        package = _package(update)
        assert set(update.advisories) == answer.advisories.get(package, frozenset()), update
        assert set(update.cves) == answer.cves.get(package, frozenset()), update
        assert update.classification is _class_of(answer.severities.get(package, frozenset())), update
        assert update.classification_source


def test_severity_is_the_vendors_own_word(assessed: Mapping[str, Assessment]) -> None:
    """Four severities, and none for an advisory without one or for no advisory."""
    severities = {update.name: update.severity for update in assessed["rocky"].updates}

    assert {
        name: severities[f"acme-{name}"] for name in ("critical", "openssl", "shared", "low", "nosev", "plain")
    } == {
        "critical": "Critical",
        "openssl": "Important",
        "shared": "Moderate",
        "low": "Low",
        "nosev": "",
        "plain": "",
    }


def test_fix_older_than_the_offer_is_security(assessed: Mapping[str, Assessment]) -> None:
    """1.0-2 fixed and 1.2-1 comes: a security update; what was fixed before is none."""
    both, applied = (_update(assessed["rocky"], name) for name in ("acme-both", "acme-applied"))

    assert (both.classification, both.offered_version) == (Classification.SECURITY, "1.2-1.el9_4")
    assert both.advisories == ("RLSA-2024:0009", "RLBA-2024:0010")
    assert (applied.classification, applied.advisories, applied.cves) == (Classification.OTHERS, (), ())


def test_cve_of_two_advisories_is_in_both(assessed: Mapping[str, Assessment]) -> None:
    """CVE-2024-10003 belongs to openssl's advisory and to another one."""
    holders = {update.name for update in assessed["rocky"].updates if "CVE-2024-10003" in update.cves}

    assert holders == {"acme-openssl", "acme-openssl-libs", "acme-shared"}


def test_advisory_has_its_page_and_its_day(assessed: Mapping[str, Assessment]) -> None:
    """Every advisory comes with its address, and the update with the day of publication."""
    pages = {advisory.id: advisory.url for advisory in ADVISORIES}

    for update in assessed["rocky"].updates:
        assert set(update.urls) >= {pages[advisory] for advisory in update.advisories}
        if update.advisories:
            assert update.published_at == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


def test_each_blocked_update_says_why(assessed: Mapping[str, Assessment]) -> None:
    """Locked, excluded twice, in need of what is missing and of what is excluded: each has its reason."""
    updates = {update.name: update for update in assessed["rocky-blocked"].updates if update.blocker}

    assert {name: update.blocker for name, update in updates.items()} == {
        "acme-locked": Blocker.VERSION_LOCKED,
        "acme-excluded": Blocker.EXCLUDED,
        "acme-unwanted": Blocker.EXCLUDED,
        "acme-needsdep": Blocker.DEPENDENCY_MISSING,
        "acme-depexcluded": Blocker.DEPENDENCY_EXCLUDED,
    }
    assert {update.blocker_detail == "" for update in updates.values()} == {False}
    assert updates["acme-excluded"].severity == "Important"
    assert updates["acme-excluded"].advisories == ("RLSA-2024:0013",)


@pytest.mark.parametrize(
    "name", ["rocky", "rocky-blocked", "rocky-kernel", "rocky-mixed", "rocky-priorities", "centos", "rocky-current"]
)
def test_installable_is_what_an_upgrade_installs(lab: Lab, assessed: Mapping[str, Assessment], name: str) -> None:
    """An update without a blocker is one in the plan of `upgrade --nobest`, and the other way round."""
    plan = ask_plan(lab, name)
    said = {_package(update): update.offered_version for update in assessed[name].updates if update.is_installable}
    new = {"acme-newname", "acme-brandnew"}

    assert said == {package: version for package, version in plan.items() if package[0] not in new}


def test_without_advisories_nothing_is_classified(assessed: Mapping[str, Assessment]) -> None:
    """CentOS publishes none: the classes are unknown, never "no security updates"."""
    assert assessed["centos"].coverage is Coverage.UNCLASSIFIED
    assert {update.classification for update in assessed["centos"].updates} == {Classification.UNCLASSIFIED}


def test_one_repository_without_advisories_leaves_the_others_classified(assessed: Mapping[str, Assessment]) -> None:
    """Only the updates of that repository have no class."""
    unclassified = {u.name for u in assessed[MIXED].updates if u.classification is Classification.UNCLASSIFIED}

    assert unclassified == {"acme-extra"}
    assert _update(assessed[MIXED], "acme-critical").classification is Classification.CRITICAL


@pytest.mark.parametrize("name", LIKE_ROCKY)
def test_surroundings_change_nothing_of_the_answer(assessed: Mapping[str, Assessment], name: str) -> None:
    """Sudo, a cache, a locale, settings, noise, missing plugins and locks leave the same updates."""
    assert assessed[name].updates == assessed["rocky"].updates


def test_nothing_pending_is_an_answer(assessed: Mapping[str, Assessment]) -> None:
    """A machine that is up to date has no updates, and the coverage says that this is so."""
    assert (assessed["rocky-current"].updates, assessed["rocky-current"].coverage) == ((), Coverage.COMPLETE)


@pytest.mark.parametrize(("name", "evidence"), [("rocky-restart", "glibc"), ("rocky-kernel-waits", "5.14.0-427.20.1")])
def test_restart_that_is_needed_says_why(assessed: Mapping[str, Assessment], name: str, evidence: str) -> None:
    """A library newer than the boot, and a newer kernel than the one that runs."""
    facts = assessed[name].facts

    assert facts.reboot_required is Answer.YES
    assert evidence in facts.reboot_reason


def test_restart_is_not_needed_or_not_known(assessed: Mapping[str, Assessment]) -> None:
    """No where dnf says so of the newest kernel; never yes without a reason."""
    assert assessed["rocky-kernel"].facts.reboot_required is Answer.NO
    assert assessed["rocky-no-plugins"].facts.reboot_required is not Answer.YES


@pytest.mark.parametrize(
    ("name", "system", "version"),
    [("rocky", "rocky", "9.4"), ("alma", "almalinux", "9.4"), ("fedora", "fedora", "40"), ("centos", "centos", "9")],
)
def test_facts_are_those_of_the_machine(
    assessed: Mapping[str, Assessment], name: str, system: str, version: str
) -> None:
    """The system is told by os-release, the package manager by what answers."""
    facts = assessed[name].facts

    assert (facts.os_id, facts.os_version, facts.package_manager, facts.host_name) == (system, version, "dnf", name)


def _package(update: Update) -> Package:
    return update.name, update.architecture


def _shown(assessment: Assessment) -> list[Update]:
    return [update for update in assessment.updates if update.blocker not in _HIDDEN]


def _update(assessment: Assessment, name: str) -> Update:
    (update,) = (update for update in assessment.updates if update.name == name)
    return update


def _class_of(kinds: frozenset[str]) -> Classification:
    if "Critical/Sec." in kinds:
        return Classification.CRITICAL
    return Classification.SECURITY if any(kind.endswith("/Sec.") for kind in kinds) else Classification.OTHERS
