"""How much zypper's metadata can say: which repositories speak, how old their word is, whether they have patches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from collectors.managers.zypper_repositories import ZypperRepositories, ZypperRepository
from fleet.answers import Coverage
from fleet.failures import Finding, FindingKind, Severity

# SUSE publishes patches nearly every day; zypper asks for them each time root runs it, or a timer does.
STALE_AFTER = timedelta(days=7)
_REFRESH = "Run zypper refresh on it, or assess with a refresh."
# Rolling systems: their repositories hold packages, and hardly ever a patch.
ROLLING = frozenset(
    {"opensuse-tumbleweed", "opensuse-microos", "opensuse-slowroll", "opensuse-aeon", "opensuse-kalpa", "aeon", "kalpa"}
)
_SUBSCRIBED = frozenset({"sles", "sled", "sle_hpc", "sles_sap", "sl-micro", "sle-micro", "suse-microos"})


@dataclass(frozen=True, slots=True)
class ZypperSystem:
    """What is known of the machine: its families, its clock's time as ours, and whether it is registered with SUSE."""

    families: tuple[str, ...]
    now: datetime
    is_registered: bool

    @property
    def is_rolling(self) -> bool:
        """Whether it is one for which no patches are made."""
        return bool(ROLLING.intersection(self.families))

    @property
    def needs_subscription(self) -> bool:
        """Whether its repositories come only with a registration that it does not have."""
        return bool(_SUBSCRIBED.intersection(self.families)) and not self.is_registered


@dataclass(frozen=True, slots=True)
class ZypperCoverage:
    """The coverage, the findings that it rests on, and the aliases of repositories that could not be reached."""

    coverage: Coverage
    findings: tuple[Finding, ...]
    failing: frozenset[str] = frozenset()


def judge_coverage(
    known: ZypperRepositories, unlisted: Sequence[str], unrefreshed: Sequence[str], system: ZypperSystem
) -> ZypperCoverage:
    """What ``known`` can say; ``unlisted`` are repositories, by title or alias, that zypper left out of its lists, and
    ``unrefreshed`` those that a refresh did not reach, of which it may still know what it knew before.
    """
    if not known.repositories:
        return ZypperCoverage(Coverage.UNKNOWN, tuple(_no_repositories(known, system)))
    failing = _find_failing(known, (*unlisted, *unrefreshed))
    silent = [repository for repository in known.repositories if not repository.has_metadata]
    stale = list(_stale(known, system.now))
    findings = [
        *_unreadable(known),
        *(_silence(repository) for repository in silent),
        *_failing(known, unlisted, unrefreshed),
        *stale,
    ]
    if silent or known.unreadable or unlisted:
        return ZypperCoverage(Coverage.UNKNOWN, tuple(findings), failing)
    if unrefreshed or stale:
        return ZypperCoverage(Coverage.SECURITY_UNKNOWN, tuple(findings), failing)
    if system.is_rolling or not any(repository.has_advisories for repository in known.repositories):
        return ZypperCoverage(Coverage.UNCLASSIFIED, (*findings, _unclassified(system)), failing)
    return ZypperCoverage(Coverage.COMPLETE, tuple(findings), failing)


def _find_failing(known: ZypperRepositories, names: Sequence[str]) -> frozenset[str]:
    return frozenset(r.alias for r in known.repositories if any(r.is_called(name) for name in names))


def _no_repositories(known: ZypperRepositories, system: ZypperSystem) -> Iterator[Finding]:
    yield from _unreadable(known)
    if system.needs_subscription:
        text = "No repository is switched on, and the machine is not registered: SUSE offers it nothing."
        remedy = "Register it with SUSEConnect, or with the fleet's RMT or SUSE Manager server."
        yield Finding(FindingKind.SUBSCRIPTION_NEEDED, Severity.ERROR, text, remedy)
    text = "No package repository is switched on: nothing can be said of what is missing."
    yield Finding(FindingKind.LISTS_MISSING, Severity.ERROR, text, "Look at zypper lr on it.")


def _unreadable(known: ZypperRepositories) -> Iterator[Finding]:
    if known.unreadable:
        text = f"This user may not read {', '.join(known.unreadable[:3])}: what those repositories offer is unknown."
        remedy = "Let it read /etc/zypp/repos.d, or assess as root."
        yield Finding(FindingKind.SETTINGS_UNREADABLE, Severity.ERROR, text, remedy)


def _silence(repository: ZypperRepository) -> Finding:
    text = f"There are no metadata of {repository.alias}: it was never refreshed with success."
    return Finding(FindingKind.REPOSITORY_FAILING, Severity.ERROR, text, _REFRESH)


def _failing(known: ZypperRepositories, unlisted: Sequence[str], unrefreshed: Sequence[str]) -> Iterator[Finding]:
    """A finding for each repository that fails though its metadata are here, and for names that none of them has."""
    remedy = "Look at its address, the network and its signing key; zypper refresh says which."
    silent = [repository for repository in known.repositories if not repository.has_metadata]
    for name in dict.fromkeys((*unlisted, *unrefreshed)):
        if not any(repository.is_called(name) for repository in silent):
            what = "was left out by zypper" if name in unlisted else "could not be refreshed"
            alias = next((r.alias for r in known.repositories if r.is_called(name)), name)
            yield Finding(FindingKind.REPOSITORY_FAILING, Severity.ERROR, f"{alias} {what}.", remedy)


def _stale(known: ZypperRepositories, now: datetime) -> Iterator[Finding]:
    """A finding where none of the repositories with patches was asked lately; without any, of all that have a date."""
    telling = [r for r in known.repositories if r.has_advisories] or known.repositories
    dates = [repository.fetched_at for repository in telling if repository.fetched_at is not None]
    if dates and now - max(dates) > STALE_AFTER:
        text = f"The repositories were last asked {(now - max(dates)).days} days ago ({max(dates):%Y-%m-%d})."
        yield Finding(FindingKind.LISTS_STALE, Severity.WARNING, text, _REFRESH)


def _unclassified(system: ZypperSystem) -> Finding:
    why = "this system is a rolling one" if system.is_rolling else "its repositories have no patches"
    text = f"Which updates are security updates is unknown: {why}."
    return Finding(FindingKind.CLASSIFICATION_UNKNOWN, Severity.INFO, text, "Choose updates by name, or all of them.")
