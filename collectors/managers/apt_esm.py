"""Security updates that Ubuntu Pro has and this machine may not install: what its own files and apt say of them."""

from collections.abc import Iterator, Mapping

from collectors.managers.apt_policy import Policy, PolicyVersion
from collectors.managers.apt_updates import AptAnswers
from collectors.managers.dpkg import DpkgPackage
from fleet.failures import Finding, FindingKind, Severity
from fleet.hostile import clean
from fleet.updates import Blocker, Classification, Update

_SOURCE = "offered by Ubuntu Pro, whose updates are all for security"


def list_subscription_updates(answers: AptAnswers) -> tuple[Update, ...]:
    """One update for each installed package that only a subscription would update.

    The version is '' where apt names the package and the Pro client keeps no lists.
    """
    offered = dict(_offered_by_lists(answers))
    named = [name for name in answers.plan.subscriptions if name not in offered and answers.inventory.find(name)]
    updates = [_make(answers, name, row.version, _service(row), row) for name, row in offered.items()]
    return (*updates, *(_make(answers, name, "", answers.plan.subscriptions[name], None) for name in named))


def find_subscription(updates: tuple[Update, ...]) -> Iterator[Finding]:
    """One finding for all of them."""
    waiting = [update for update in updates if update.blocker is Blocker.NEEDS_SUBSCRIPTION]
    if waiting:
        services = ", ".join(sorted({update.repository for update in waiting}))
        text = f"{len(waiting)} security updates need an Ubuntu Pro subscription ({services})."
        remedy = "Attach it with pro attach, or count them as accepted."
        yield Finding(FindingKind.SUBSCRIPTION_NEEDED, Severity.WARNING, text, remedy)


def _offered_by_lists(answers: AptAnswers) -> Iterator[tuple[str, PolicyVersion]]:
    for name, policy in answers.esm.items():
        row = policy.newer[0] if policy.newer else None
        if row is not None and not _is_offered_anyway(answers.policies, name, row.version):
            yield name, row


def _is_offered_anyway(policies: Mapping[str, Policy], name: str, version: str) -> bool:
    policy = policies.get(name)
    return policy is not None and policy.find(version) is not None


def _service(row: PolicyVersion) -> str:
    """The Pro service of a version, by its suite: ``jammy-apps-security`` is esm-apps."""
    for source in row.sources:
        suite = source.index.partition(" ")[2].partition("/")[0]
        for service in ("apps", "infra"):
            if suite.endswith((f"-{service}-security", f"-{service}-updates")):
                return f"esm-{service}"
    return "esm"


def _make(answers: AptAnswers, name: str, version: str, service: str, row: PolicyVersion | None) -> Update:
    package = answers.inventory.find(name) or DpkgPackage(
        name, answers.inventory.native_architecture, "", False, "i", False
    )
    detail = f"needs Ubuntu Pro with {service} enabled" + ("" if row else "; apt names it without a version")
    return Update(
        name=package.name,
        architecture=package.architecture,
        installed_version=package.version,
        offered_version=version,
        classification=Classification.SECURITY,
        classification_source=_SOURCE,
        repository=clean(service),
        blocker=Blocker.NEEDS_SUBSCRIPTION,
        blocker_detail=clean(detail),
        source_package=answers.inventory.source_of(package),
    )
