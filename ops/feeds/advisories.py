"""Fixes that machines lack by the advisories of their own updates."""

from fleet.assessments import Assessment
from fleet.cves import MissingFix
from fleet.updates import Update


def missing_by_advisories(assessment: Assessment) -> tuple[MissingFix, ...]:
    """The CVEs that the updates' own metadata name, one row for each CVE and source package."""
    return tuple(by_advisory(cve, update) for (_, cve), update in cves_of_updates(assessment).items())


def cves_of_updates(assessment: Assessment) -> dict[tuple[str, str], Update]:
    """The CVEs that the updates' own metadata name, by source package: the first update of it that brings the fix."""
    named: dict[tuple[str, str], Update] = {}
    for update in assessment.updates:
        if update.cves:
            source = source_of(assessment, update)
            for cve in update.cves:
                named.setdefault((source, cve), update)
    return named


def by_advisory(cve: str, update: Update) -> MissingFix:
    """The fix that an update's own advisory says it brings."""
    return MissingFix(
        cve,
        update.name,
        update.architecture,
        update.installed_version,
        "",
        update.repository,
        True,
        update.offered_version,
        ";".join(update.advisories),
        update.blocker.value if update.blocker else "",
    )


def source_of(assessment: Assessment, update: Update) -> str:
    """The source package of an update, its own name where that is not known."""
    known = assessment.sources.get((update.name, update.architecture), "").partition(" ")[0]
    return known or update.source_package or update.name
