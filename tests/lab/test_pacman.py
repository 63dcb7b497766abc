"""What Patchdeck says of machines with pacman, beside what pacman says there."""

from collections.abc import Callable, Mapping
from functools import cache, partial

import pytest

from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment, Outcome
from fleet.failures import FindingKind, Severity
from fleet.machines import Become
from fleet.updates import Classification
from tests.lab.builder.lab import Lab
from tests.lab.fleet_of import assess_all
from tests.lab.own_pacman import PacmanAnswer, ask_pacman

AskPacman = Callable[[str], PacmanAnswer]
WHOLE = ("arch", "arch-sudo", "arch-current", "arch-german", "arch-ignored", "arch-kernel-replaced", "manjaro")


@pytest.fixture(scope="module")
def own(lab: Lab) -> AskPacman:
    """Gives what the pacman of a machine says itself; each machine is asked once."""
    return cache(partial(ask_pacman, lab))


@pytest.mark.parametrize("name", WHOLE)
def test_answer_is_whole_but_for_the_classes(assessed: Mapping[str, Assessment], name: str) -> None:
    """Every update is known, and of none whether it is for security."""
    assessment = assessed[name]

    assert (assessment.outcome, assessment.coverage) == (Outcome.SUCCEEDED, Coverage.UNCLASSIFIED), assessment.failure
    assert {update.classification for update in assessment.updates} <= {Classification.UNCLASSIFIED}
    assert [finding for finding in assessment.findings if finding.severity is Severity.ERROR] == []


@pytest.mark.parametrize("name", [*WHOLE, "arch-busy", "arch-stale", "arch-one-list", "arch-broken-database"])
def test_missing_updates_are_those_of_pacman(own: AskPacman, assessed: Mapping[str, Assessment], name: str) -> None:
    """Names and versions are those of `pacman -Qu`; what it ignores is listed and not installable."""
    said = {update.name: (update.installed_version, update.offered_version) for update in assessed[name].updates}
    ignored = {update.name for update in assessed[name].updates if not update.is_installable}

    assert said == dict(own(name).offers)
    if name in WHOLE:
        assert ignored == own(name).ignored


@pytest.mark.parametrize("name", WHOLE)
def test_inventory_is_that_of_pacman(own: AskPacman, assessed: Mapping[str, Assessment], name: str) -> None:
    """Every installed package is there, those of no repository too."""
    assert {name: version for (name, _), version in assessed[name].installed.items()} == own(name).installed


def test_update_says_where_it_comes_from(assessed: Mapping[str, Assessment]) -> None:
    """Repository and architecture are those of the package that would be installed."""
    found = {update.name: (update.repository, update.architecture) for update in assessed["arch"].updates}

    assert found == {
        "acme-openssl": ("core", "x86_64"),
        "acme-epoch": ("extra", "x86_64"),
        "acme-data": ("extra", "any"),
        "acme-newdeps": ("extra", "x86_64"),
        "linux": ("core", "x86_64"),
    }


def test_ignored_update_says_why(assessed: Mapping[str, Assessment]) -> None:
    """By name, by pattern and by group: pacman.conf leaves three packages alone."""
    blocked = {update.name: update.blocker_detail for update in assessed["arch-ignored"].updates if update.blocker}

    assert blocked.keys() == {"acme-ignored", "acme-epoch", "acme-grouped"}
    assert all("Ignore" in detail for detail in blocked.values()), blocked


@pytest.mark.parametrize("name", ["arch-no-lists", "arch-one-list"])
def test_missing_list_is_never_nothing_missing(assessed: Mapping[str, Assessment], name: str) -> None:
    """Without the list of a repository the answer is not whole, and says so."""
    assert not assessed[name].coverage.sees_every_update
    assert {FindingKind.LISTS_MISSING, FindingKind.REPOSITORY_FAILING} & _serious(assessed[name])


@pytest.mark.parametrize(
    ("name", "kind"),
    [("arch-stale", FindingKind.LISTS_STALE), ("arch-busy", FindingKind.PACKAGE_MANAGER_LOCKED)],
)
def test_unwell_machine_says_what_it_has(assessed: Mapping[str, Assessment], name: str, kind: FindingKind) -> None:
    """Old lists and a lock are findings."""
    assert kind in _serious(assessed[name])


def test_damaged_database_is_told(assessed: Mapping[str, Assessment]) -> None:
    """A package without its description is not passed over."""
    assert FindingKind.PACKAGE_BROKEN in _serious(assessed["arch-broken-database"])


def test_replaced_kernel_wants_a_restart(assessed: Mapping[str, Assessment]) -> None:
    """The modules of the kernel that runs are gone; where they are there, no restart is needed for them."""
    facts = assessed["arch-kernel-replaced"].facts

    assert facts.reboot_required is Answer.YES
    assert "6.8.9" in facts.reboot_reason
    assert assessed["arch"].facts.reboot_required is not Answer.YES


@pytest.mark.parametrize(("name", "system"), [("arch", "arch"), ("manjaro", "manjaro")])
def test_facts_are_those_of_the_machine(assessed: Mapping[str, Assessment], name: str, system: str) -> None:
    """The system is told by os-release, the package manager by what answers."""
    assert (assessed[name].facts.os_id, assessed[name].facts.package_manager) == (system, "pacman")


def test_refresh_leaves_the_machines_own_lists_alone(lab: Lab) -> None:
    """New lists are read aside: a later `pacman -S` of one package must not become a partial upgrade."""
    names = ["arch-sudo", "arch-stale", "arch-mirror-down"]
    listing = ["sh", "-c", "stat -c '%n %Y %Z' /var/lib/pacman/sync/*; ls -a /var/lib/pacman /tmp /var/tmp"]
    before = [lab.exec(name, listing).stdout for name in names]

    refreshed = assess_all(lab, names, become=Become.SUDO, refresh=True)

    assert [lab.exec(name, listing).stdout for name in names] == before
    assert refreshed["arch-sudo"].coverage is Coverage.UNCLASSIFIED
    assert not refreshed["arch-mirror-down"].coverage.sees_every_update
    assert {FindingKind.REFRESH_FAILED, FindingKind.REPOSITORY_FAILING} & _serious(refreshed["arch-mirror-down"])


def _serious(assessment: Assessment) -> set[FindingKind]:
    return {finding.kind for finding in assessment.findings if finding.severity is not Severity.INFO}
