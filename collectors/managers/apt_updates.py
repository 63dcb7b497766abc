"""The updates of a machine, put together from dpkg's inventory, apt's plans and apt's version tables."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from collectors.managers.apt_lists import Lists, is_security_release
from collectors.managers.apt_plan import Plan
from collectors.managers.apt_policy import Policy, PolicyVersion
from collectors.managers.dpkg import DpkgPackage, Inventory
from collectors.shared_readings import shared
from fleet.hostile import clean
from fleet.name_lists import some_of
from fleet.updates import Blocker, Classification, Update

_WHOLLY_PHASED = 100


@dataclass(frozen=True, slots=True, eq=False)
class AptAnswers:
    """What apt and dpkg said, read. Equal are those that were made of the very same readings (`shared`).

    ``plan`` is that of dist-upgrade; the smaller ones are None where they would be the same. ``broken`` says why apt
    would install nothing at all, empty if it would. ``is_security_known`` is whether a security repository spoke;
    ``why_unclassified`` says why the class of an update is not known where none did.
    """

    inventory: Inventory
    plan: Plan
    plan_upgrade: Plan | None
    plan_new: Plan | None
    policies: Mapping[str, Policy]
    lists: Lists
    families: tuple[str, ...]
    is_security_known: bool
    broken: str = ""
    esm: Mapping[str, Policy] = field(default_factory=dict)
    why_unclassified: str = "no security repository could be read"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AptAnswers) and self._made_of() == other._made_of()

    def __hash__(self) -> int:
        return hash(self._made_of())

    def _made_of(self) -> tuple[object, ...]:
        readings = (self.inventory, self.plan, self.plan_upgrade, self.plan_new, self.policies, self.lists)
        esm = id(self.esm) if self.esm else 0
        return *map(id, readings), esm, self.families, self.is_security_known, self.broken


@shared
def list_updates(answers: AptAnswers) -> tuple[Update, ...]:
    """One update for each installed package that a newer version is offered for, in apt's order.

    Packages that would come in new are not updates of themselves. A newer version that only a pin hides is one,
    blocked; one of a repository that is not automatic by its own word (backports) is not.
    """
    updates = []
    for name, policy in answers.policies.items():
        offered = _find_offered(answers, policy)
        if offered is not None and policy.installed is not None:
            package = _find_package(answers.inventory, name, policy.installed)
            updates.append(_make_update(answers, name, package, policy, offered))
    seen = {update_key(update) for update in updates}
    return (*updates, *(u for u in _unlisted_updates(answers) if update_key(u) not in seen))


def update_key(update: Update) -> tuple[str, str]:
    """What an update is one of a kind by on a machine."""
    return update.name, update.architecture


def _find_package(inventory: Inventory, name: str, version: str) -> DpkgPackage:
    """What dpkg has of it; what apt says of it where dpkg was changed in between."""
    bare, _, architecture = name.partition(":")
    known = inventory.find(name)
    return known or DpkgPackage(bare, architecture or inventory.native_architecture, version, False, "i", False)


@dataclass(frozen=True, slots=True)
class _Offer:
    version: PolicyVersion
    is_hidden: bool


def _find_offered(answers: AptAnswers, policy: Policy) -> _Offer | None:
    candidate = policy.find(policy.candidate) if policy.candidate else None
    hidden = [row for row in policy.newer if not _is_not_automatic(answers.lists, row)]
    if candidate is not None:
        fix = _find_hidden_fix(answers, policy, candidate)
        return _Offer(fix, is_hidden=True) if fix in hidden else _Offer(candidate, is_hidden=False)
    return _Offer(hidden[0], is_hidden=True) if hidden else None


def _find_hidden_fix(answers: AptAnswers, policy: Policy, candidate: PolicyVersion) -> PolicyVersion | None:
    """The security version above the candidate, where neither the candidate nor what it is newer than is one.

    APT::Default-Release does that: apt prefers a suite, in which the hole still is, to its security suite.
    """
    position = policy.newer.index(candidate)
    if any(_security_origin(answers, row) for row in policy.newer[position:]):
        return None
    return next((row for row in policy.newer[:position] if _security_origin(answers, row)), None)


def _is_not_automatic(lists: Lists, row: PolicyVersion) -> bool:
    """Whether every repository of a version says itself that it is not installed unasked, and no pin says more."""
    releases = [lists.releases.get(source.index) for source in row.sources]
    return bool(releases) and all(
        release is not None and release.default_priority < 500 and source.priority == release.default_priority
        for release, source in zip(releases, row.sources, strict=True)
    )


def _make_update(answers: AptAnswers, name: str, package: DpkgPackage, policy: Policy, offer: _Offer) -> Update:
    classification, source = _classify(answers, policy, offer.version)
    blocker, detail = _find_blocker(answers, name, package, offer)
    return Update(
        name=package.name,
        architecture=package.architecture,
        installed_version=package.version,
        offered_version=offer.version.version,
        classification=classification,
        classification_source=source,
        repository=_describe_sources(answers.lists, offer.version),
        blocker=blocker,
        blocker_detail=clean(detail, 500),
        size_bytes=_find_size(answers.plan, package, offer.version.version),
        source_package=answers.inventory.source_of(package),
    )


def _classify(answers: AptAnswers, policy: Policy, offered: PolicyVersion) -> tuple[Classification, str]:
    """The class of an update by the origin of every version between the installed one and the newest, both counted."""
    rows = [offered, *(row for row in policy.newer if row is not offered)]
    for row in rows:
        origin = _security_origin(answers, row)
        if origin and row is offered:
            return Classification.SECURITY, f"origin {origin}"
        if origin:
            return Classification.SECURITY, f"a newer version than the installed one, {row.version}, is in {origin}"
    if not answers.is_security_known:
        return Classification.UNCLASSIFIED, answers.why_unclassified
    return Classification.OTHERS, "no security repository has a newer version than the installed one"


def _security_origin(answers: AptAnswers, row: PolicyVersion) -> str:
    for source in row.sources:
        release = answers.lists.releases.get(source.index)
        if release is not None and is_security_release(release, answers.families):
            return answers.lists.describe(source.index)
    return ""


def _describe_sources(lists: Lists, row: PolicyVersion) -> str:
    return clean(", ".join(dict.fromkeys(lists.describe(source.index) for source in row.sources)), 256)


def _find_blocker(answers: AptAnswers, name: str, package: DpkgPackage, offer: _Offer) -> tuple[Blocker | None, str]:
    """Why apt would not install that version now; the reason that must go first comes first."""
    phased = offer.version.phased_percent
    is_deferred = name in answers.plan.phased or (phased is not None and phased < _WHOLLY_PHASED)
    if package.is_held:
        return Blocker.HELD, "dpkg holds it: apt-mark hold"
    if is_deferred and name not in answers.plan.upgraded:
        return Blocker.PHASED, f"phased to {phased} % of machines" if phased is not None else "deferred due to phasing"
    if offer.is_hidden:
        return Blocker.PINNED, f"a pin gives it priority {offer.version.priority}, so apt does not choose it"
    if answers.broken:
        return Blocker.PACKAGE_MANAGER_BROKEN, answers.broken
    return _find_plan_blocker(answers, name)


def _find_plan_blocker(answers: AptAnswers, name: str) -> tuple[Blocker | None, str]:
    plan = answers.plan
    if name in plan.expired:
        return Blocker.NEEDS_SUBSCRIPTION, "the Ubuntu Pro subscription has expired, so its download would fail"
    if name in plan.removed:
        return Blocker.NEEDS_REMOVALS, "apt-get dist-upgrade would remove it"
    if name not in plan.upgraded:
        return Blocker.KEPT_BACK, "apt-get dist-upgrade keeps it back: its dependencies cannot be met"
    if answers.plan_new is not None and name not in answers.plan_new.upgraded:
        return Blocker.NEEDS_REMOVALS, f"only with removals; apt-get dist-upgrade removes {some_of(plan.removed)}"
    if answers.plan_upgrade is None or name in answers.plan_upgrade.upgraded:
        return None, ""
    if plan.new:
        return (
            Blocker.NEEDS_NEW_PACKAGES,
            f"only with new packages; apt-get dist-upgrade installs {some_of(plan.new)}",
        )
    return Blocker.NEEDS_REMOVALS, f"only with removals; apt-get dist-upgrade removes {some_of(plan.removed)}"


def _find_size(plan: Plan, package: DpkgPackage, version: str) -> int | None:
    sizes = plan.sizes.get((package.name, version), {})
    for architecture in (package.architecture, "all"):
        if architecture in sizes:
            return sizes[architecture]
    # A package that was "all" and now is for one architecture.
    others = set(sizes.values())
    return others.pop() if len(others) == 1 else None


def _unlisted_updates(answers: AptAnswers) -> Iterator[Update]:
    """Updates that the plan has but no version table: what they are is known, where from is not."""
    for name, change in answers.plan.upgraded.items():
        package = _find_package(answers.inventory, name, change.old)
        yield Update(
            name=package.name,
            architecture=package.architecture,
            installed_version=package.version,
            offered_version=change.new,
            classification=Classification.UNCLASSIFIED,
            classification_source="apt-cache policy does not show it",
            repository="",
            size_bytes=_find_size(answers.plan, package, change.new),
            source_package=answers.inventory.source_of(package),
        )
