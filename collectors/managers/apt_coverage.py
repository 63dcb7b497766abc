"""How much apt's lists can say: which repositories speak, which do not, and whether their word is too old."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from collectors.managers.apt_lists import Lists, Repository
from fleet.answers import Coverage
from fleet.failures import Finding, FindingKind, Severity

# Debian's security repository is signed anew within a week (its Valid-Until), Ubuntu's changes nearly every day.
STALE_AFTER = timedelta(days=7)
# Distributions of Debian's kind whose repositories bear their name, and that put fixes among all other updates:
# Raspberry Pi OS for 32 bits is built from Raspbian, which has no security suite; Kali is rolling.
_WITHOUT_SECURITY = ("raspbian", "kali")
_REFRESH = "Run apt-get update on it, or assess with a refresh."


@dataclass(frozen=True, slots=True)
class CoverageAnswer:
    """The coverage, and the findings that it rests on."""

    coverage: Coverage
    findings: tuple[Finding, ...]


def judge_coverage(
    lists: Lists, families: Iterable[str], now: datetime, failing: Iterable[tuple[Repository, str]] = ()
) -> CoverageAnswer:
    """What ``lists`` can say at ``now``; ``failing`` are repositories that a refresh did not reach, and why."""
    families = tuple(families)
    if all(repository.is_missing and not repository.has_lists for repository in lists.repositories):
        return CoverageAnswer(Coverage.UNKNOWN, (_no_lists(lists),))
    security = [repository for repository in lists.repositories if repository.is_security(families)]
    failed = {repository.stem: text for repository, text in failing}
    silent = [r for r in lists.repositories if r.is_missing or r.stem in failed]
    findings = [_silence(repository, failed.get(repository.stem)) for repository in silent]
    findings.extend(_unfinished(lists))
    stale = list(_stale(_dated(security) or lists.repositories, now))
    findings.extend(stale)
    owner = None if security else find_unclassifying(lists, families)
    if not security:
        findings.append(_unclassifying(owner) if owner else _no_security())
    if not {repository.stem for repository in security}.issuperset(repository.stem for repository in silent):
        return CoverageAnswer(Coverage.UNKNOWN, tuple(findings))
    if owner and not silent and not stale:
        return CoverageAnswer(Coverage.UNCLASSIFIED, tuple(findings))
    is_whole = bool(security) and not silent and not stale
    return CoverageAnswer(Coverage.COMPLETE if is_whole else Coverage.SECURITY_UNKNOWN, tuple(findings))


def find_unclassifying(lists: Lists, families: Iterable[str]) -> str | None:
    """The origin of the system's own repositories where that distribution has no security suite; None elsewhere.

    Both must say so: os-release, and the Release file of a configured repository.
    """
    names = set(families).intersection(_WITHOUT_SECURITY)
    origins = (repository.release.origin for repository in lists.repositories if repository.release)
    return next((origin for origin in origins if origin.casefold() in names), None)


def _unclassifying(owner: str) -> Finding:
    text = f"{owner} has no security suite: its fixes come among all other updates."
    remedy = "Feeds of CVEs tell more: patchdeck feeds."
    return Finding(FindingKind.CLASSIFICATION_UNKNOWN, Severity.INFO, text, remedy)


def _no_lists(lists: Lists) -> Finding:
    if not lists.is_readable:
        text = "This user may not read apt's folder of lists: nothing can be said of what is missing."
        return Finding(FindingKind.LISTS_MISSING, Severity.ERROR, text, "Let all users read it, as apt does by itself.")
    text = "There are no package lists: nothing can be said of what is missing."
    if not lists.repositories:
        text = "No package repository is configured: nothing can be said of what is missing."
        return Finding(
            FindingKind.LISTS_MISSING, Severity.ERROR, text, "Look at /etc/apt/sources.list and sources.list.d."
        )
    return Finding(FindingKind.LISTS_MISSING, Severity.ERROR, text, _REFRESH)


def _silence(repository: Repository, message: str | None) -> Finding:
    if message is not None:
        text = f"{repository.name} could not be refreshed: {message}"
        remedy = "Look at its address, the network and its signing key."
        return Finding(FindingKind.REPOSITORY_FAILING, Severity.ERROR, text, remedy)
    if repository.is_nameless:
        text = (
            f"The Release file of {repository.name} is not there or cannot be read: whose updates they are is unknown."
        )
        return Finding(FindingKind.REPOSITORY_FAILING, Severity.ERROR, text, _REFRESH)
    what = repository.missing[0] if repository.has_lists else repository.name
    text = f"The package lists of {what} are missing: it was never refreshed with success."
    return Finding(FindingKind.REPOSITORY_FAILING, Severity.ERROR, text, _REFRESH)


def _no_security() -> Finding:
    text = "No security repository is configured, as far as the repositories' labels and suites say."
    remedy = "Add the distribution's security suite; for a mirror, keep the Label and Suite of the original."
    return Finding(FindingKind.SECURITY_REPOSITORY_MISSING, Severity.ERROR, text, remedy)


def _unfinished(lists: Lists) -> Iterator[Finding]:
    if lists.partial:
        shown = ", ".join(lists.partial[:3])
        text = f"The last refresh left {len(lists.partial)} unfinished downloads: {shown}."
        yield Finding(
            FindingKind.REPOSITORY_FAILING, Severity.WARNING, text, "Run apt-get update and see what it says."
        )


def _dated(security: list[Repository]) -> list[Repository]:
    """Those whose date tells the age of the lists; Ubuntu Pro's suites, which may rest for years, only when alone."""
    return [repository for repository in security if not _is_subscription(repository)] or security


def _is_subscription(repository: Repository) -> bool:
    return repository.release is not None and repository.release.origin.startswith("UbuntuESM")


def _stale(repositories: Iterable[Repository], now: datetime) -> Iterator[Finding]:
    """One finding for each list whose time is over. Suites that never change are not asked: only security ones are."""
    for repository in repositories:
        release = repository.release
        if release is None or release.made_at is None:
            continue
        age = now - release.made_at
        is_expired = release.valid_until is not None and release.valid_until < now
        if is_expired or (age > STALE_AFTER):
            ended = f", valid until {release.valid_until:%Y-%m-%d}" if is_expired and release.valid_until else ""
            text = f"The list of {repository.name} is {age.days} days old ({release.made_at:%Y-%m-%d}{ended})."
            yield Finding(FindingKind.LISTS_STALE, Severity.WARNING, text, _REFRESH)
