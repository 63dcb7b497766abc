"""The repositories of a machine with apt as facts, and distributions that have none for security."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from collectors.managers.apt_coverage import find_unclassifying, judge_coverage
from collectors.managers.apt_lists import Lists, Release, Repository
from collectors.managers.apt_repositories import list_repositories
from fleet.answers import Coverage
from fleet.failures import FindingKind

if TYPE_CHECKING:
    from fleet.machines import Machine
    from tests.collectors.managers.conftest import AptRoot

_NOW = datetime(2026, 11, 23, tzinfo=UTC)


def _repository(origin: str, suite: str, *, label: str = "", age: timedelta = timedelta(1)) -> Repository:
    release = Release(label or origin, origin, suite, suite, "12", _NOW - age)
    return Repository(f"http://mirror.example.org/x {suite}", suite, f"stem-{origin}-{suite}", release, True, ())


@pytest.mark.parametrize(
    ("origin", "families", "coverage", "kind"),
    [
        ("Raspbian", ("raspbian", "debian"), Coverage.UNCLASSIFIED, FindingKind.CLASSIFICATION_UNKNOWN),
        ("Kali", ("kali", "debian"), Coverage.UNCLASSIFIED, FindingKind.CLASSIFICATION_UNKNOWN),
        # A repository of that name elsewhere, or such a system with other repositories, is no such distribution.
        ("Raspbian", ("debian",), Coverage.SECURITY_UNKNOWN, FindingKind.SECURITY_REPOSITORY_MISSING),
        ("Debian", ("raspbian", "debian"), Coverage.SECURITY_UNKNOWN, FindingKind.SECURITY_REPOSITORY_MISSING),
    ],
)
def test_distribution_without_a_security_suite_is_unclassified(
    origin: str, families: tuple[str, ...], coverage: Coverage, kind: FindingKind
) -> None:
    """Its fixes come among all other updates: none of them is known not to be one."""
    answer = judge_coverage(Lists((_repository(origin, "bookworm"),)), families, _NOW)

    assert (answer.coverage, [finding.kind for finding in answer.findings]) == (coverage, [kind])


def test_security_suite_beside_raspbian_is_used() -> None:
    """Where one is configured after all, its word counts."""
    lists = Lists(
        (_repository("Raspbian", "bookworm"), _repository("Debian", "stable-security", label="Debian-Security"))
    )

    answer = judge_coverage(lists, ("raspbian", "debian"), _NOW)

    assert answer.coverage is Coverage.COMPLETE
    assert find_unclassifying(lists, ("raspbian", "debian")) == "Raspbian"


def test_repository_has_one_name_on_all_its_mirrors() -> None:
    """Whoever the mirror is; the newest of them counts, and never one that is silent."""
    old, new = _repository("Debian", "bookworm", age=timedelta(9)), _repository("Debian", "bookworm")

    facts = list_repositories(Lists((old, new)), ("debian",))

    assert [(fact.name, fact.made_at) for fact in facts] == [("Debian bookworm", _NOW - timedelta(1))]


def test_security_and_failing_repositories_are_told() -> None:
    """By the label of the release, and by what a refresh said."""
    security = _repository("Debian", "bookworm-security", label="Debian-Security")
    nameless = Repository("http://me:pw@apt.example.org/x stable", "stable", "s", None, False, ())

    facts = list_repositories(Lists((security, nameless)), ("debian",), {security.stem})

    assert [(fact.name, fact.has_advisories, fact.is_failing) for fact in facts] == [
        ("Debian/Debian-Security bookworm-security", True, True),
        ("apt.example.org stable", False, True),
    ]


def test_missing_list_of_a_foreign_architecture_is_told(root: AptRoot, machine: Machine) -> None:
    """A repository that has packages for i386, which apt was never able to fetch: their updates are not seen."""
    root.install(root.package("acme", "1.0"))
    root.add_repository("stable", [root.package("acme", "1.0")])
    root.add_repository("stable-security", [root.package("acme", "1.0")], label="Debian-Security")
    root.update()
    release = next((root.path / "lists").glob("*stable-security_Release"))
    release.write_text(release.read_text() + f" {'0' * 64} 999 main/binary-i386/Packages\n")

    assessment = root.assess(machine)

    failing = [finding.text for finding in assessment.findings if finding.kind is FindingKind.REPOSITORY_FAILING]
    assert assessment.coverage is Coverage.SECURITY_UNKNOWN
    assert any("i386" in text for text in failing)
