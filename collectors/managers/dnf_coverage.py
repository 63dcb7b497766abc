"""How much dnf's cache can say: which repositories speak, which do not, and whether their word is too old."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from collectors.managers.dnf_answer import DnfAnswer
from fleet.answers import Coverage
from fleet.facts import Repository
from fleet.failures import Finding, FindingKind, Severity
from fleet.name_lists import some_of

# dnf itself takes metadata of more than two days for expired (metadata_expire), yum of six hours.
STALE_AFTER = timedelta(days=7)
_REFRESH = "Run dnf makecache (yum makecache) on it as root, or assess with a refresh."


@dataclass(frozen=True, slots=True)
class DnfCoverage:
    """The coverage, the findings that it rests on, and the repositories."""

    coverage: Coverage
    findings: tuple[Finding, ...]
    repositories: tuple[Repository, ...]


def judge_coverage(answer: DnfAnswer, failing: Mapping[str, str], now: datetime, *, is_locked: bool) -> DnfCoverage:
    """What ``answer`` can say at ``now``. ``failing`` are repositories that a refresh did not reach, and why.

    ``is_locked`` is whether the machine is held at a release that newer ones exist of (Amazon Linux 2023).
    """
    repositories = tuple(_repository(answer, name, name in failing) for name in answer.enabled)
    findings = [*_find_silent(answer), *_find_failing(failing), *_find_stale(answer, now)]
    if not answer.metadata or not answer.enabled:
        return DnfCoverage(Coverage.UNKNOWN, (_no_metadata(answer), *findings), repositories)
    if answer.silent or failing:
        return DnfCoverage(Coverage.UNKNOWN, tuple(findings), repositories)
    if not any(answer.metadata[name].has_advisories for name in answer.enabled):
        return DnfCoverage(Coverage.UNCLASSIFIED, (*findings, _no_advisories(answer)), repositories)
    is_whole = not is_locked and not any(f.kind is FindingKind.LISTS_STALE for f in findings)
    return DnfCoverage(Coverage.COMPLETE if is_whole else Coverage.SECURITY_UNKNOWN, tuple(findings), repositories)


def newest_date(answer: DnfAnswer) -> datetime | None:
    """The date that the newest metadata bear."""
    dates = [row.made_at for name, row in answer.metadata.items() if name in answer.enabled and row.made_at]
    return max(dates, default=None)


def _repository(answer: DnfAnswer, name: str, is_failing: bool) -> Repository:
    row = answer.metadata.get(name)
    return Repository(
        name=f"{name} {answer.release}".strip(),
        made_at=row.made_at if row else None,
        fetched_at=row.fetched_at if row else None,
        has_advisories=row.has_advisories if row else None,
        is_failing=is_failing or row is None,
    )


def _no_metadata(answer: DnfAnswer) -> Finding:
    if not answer.enabled:
        text = "No repository is enabled: nothing can be said of what is missing."
        remedy = "Look at /etc/yum.repos.d, and at the subscription where the system has one."
        return Finding(FindingKind.LISTS_MISSING, Severity.ERROR, text, remedy)
    text = "There is no repository metadata in the system's cache: nothing can be said of what is missing."
    return Finding(FindingKind.LISTS_MISSING, Severity.ERROR, text, _REFRESH)


def _no_advisories(answer: DnfAnswer) -> Finding:
    text = (
        f"No enabled repository has advisories ({some_of(answer.enabled)}): which updates are for security is unknown."
    )
    remedy = "Feeds of the distribution can tell it; or use a mirror that carries updateinfo."
    return Finding(FindingKind.CLASSIFICATION_UNKNOWN, Severity.WARNING, text, remedy)


def _find_silent(answer: DnfAnswer) -> Iterator[Finding]:
    if answer.silent and answer.metadata:
        silent = some_of(answer.silent)
        text = f"No metadata is cached of {silent}: its updates are not known, though dnf reads as up to date."
        yield Finding(FindingKind.REPOSITORY_FAILING, Severity.ERROR, text, _REFRESH)


def _find_failing(failing: Mapping[str, str]) -> Iterator[Finding]:
    for name, message in failing.items():
        text = f"{name} could not be refreshed: {message}"
        remedy = "Look at its address, the network, its signing key and the subscription."
        yield Finding(FindingKind.REPOSITORY_FAILING, Severity.ERROR, text, remedy)


def _find_stale(answer: DnfAnswer, now: datetime) -> Iterator[Finding]:
    for name in answer.enabled:
        row = answer.metadata.get(name)
        if row is not None and row.fetched_at is not None and now - row.fetched_at > STALE_AFTER:
            days = (now - row.fetched_at).days
            text = f"The metadata of {name} were fetched {days} days ago ({row.fetched_at:%Y-%m-%d})."
            yield Finding(FindingKind.LISTS_STALE, Severity.WARNING, text, _REFRESH)
