"""The updates of a machine, put together from rpm's inventory and what dnf or yum said."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from collectors.managers.dnf_answer import DnfAnswer, Fix, Key, Plan, RpmOffer
from collectors.managers.dnf_health import RED_HAT
from collectors.managers.dnf_settings import DnfSettings
from collectors.managers.rpm_classes import classify_advisory
from collectors.managers.rpm_inventory import RpmInventory
from collectors.managers.rpm_versions import compare_evr, evr_key
from fleet.hostile import clean
from fleet.updates import Blocker, Classification, Update

# Red Hat says important and moderate, Amazon medium, others high.
_RANKS = {"critical": 4, "important": 3, "high": 3, "moderate": 2, "medium": 2, "low": 1}


@dataclass(frozen=True, slots=True)
class _Offered:
    """The version to report, and whether an upgrade does not see it."""

    offer: RpmOffer
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class DnfUpdates:
    """Makes the updates of one machine. ``failing`` are repositories that could not be reached, and why.

    ``unentitled`` says that Red Hat's repositories give nothing to this machine, empty if they do.
    """

    inventory: RpmInventory
    answer: DnfAnswer
    settings: DnfSettings
    failing: dict[str, str] = field(default_factory=dict)
    unentitled: str = ""

    def list_updates(self) -> tuple[Update, ...]:
        """One update for each installed package that a newer version is offered for or hidden from, by name.

        Packages that would only come in new are none, nor are those that replace another one, nor those of an
        architecture that no installed package has, which dnf5 lists where they replace one.
        """
        fixes = self._group_fixes()
        architectures = {architecture for _, architecture in self.inventory.versions}
        keys = sorted({*self.answer.newest, *self.answer.visible})
        return tuple(update for key in keys if key[1] in architectures for update in self._make(key, fixes))

    def _group_fixes(self) -> dict[str, list[Fix]]:
        fixes: dict[str, list[Fix]] = {}
        for fix in self.answer.fixes:
            fixes.setdefault(fix.name, []).append(fix)
        return fixes

    def _make(self, key: Key, fixes: dict[str, list[Fix]]) -> Iterator[Update]:
        installed = self.inventory.find_version(*key)
        if not installed:
            return
        relevant = [
            fix for fix in fixes.get(key[0], ()) if fix.architecture == key[1] and compare_evr(installed, fix.evr) < 0
        ]
        offered = self._choose(key, relevant)
        if compare_evr(installed, offered.offer.evr) >= 0:
            return
        held = [fix for fix in relevant if compare_evr(fix.evr, offered.offer.evr) <= 0]
        blocker, detail = self._find_blocker(offered, installed)
        yield self._build(offered.offer, installed, held, blocker, detail)

    def _choose(self, key: Key, fixes: list[Fix]) -> _Offered:
        """What an upgrade would install; a newer version instead where only that one has a security fix."""
        newest, visible = self.answer.newest.get(key), self.answer.visible.get(key)
        if visible is None:
            assert newest is not None  # a key comes from one of the two
            return _Offered(newest, is_hidden=True)
        plan = self.answer.plan
        base = visible if plan is None or key not in plan.versions else _as_planned(visible, key, plan)
        for better, is_hidden in ((newest, True), (visible, False)):
            if better is not None and _brings_fix(fixes, base.evr, better.evr):
                return _Offered(better, is_hidden and better.evr != visible.evr)
        return _Offered(base, is_hidden=False)

    def _build(self, offer: RpmOffer, installed: str, fixes: list[Fix], blocker: Blocker | None, detail: str) -> Update:
        ordered = sorted(fixes, key=lambda fix: (evr_key(fix.evr), fix.advisory))
        classification, source = self._classify(offer, ordered)
        return Update(
            name=offer.name,
            architecture=offer.architecture,
            installed_version=installed,
            offered_version=offer.evr,
            classification=classification,
            classification_source=clean(source, 500),
            repository=offer.repository,
            blocker=blocker,
            blocker_detail=clean(detail, 500),
            size_bytes=offer.size_bytes,
            severity=find_severity(ordered),
            advisories=tuple(dict.fromkeys(fix.advisory for fix in ordered)),
            urls=tuple(dict.fromkeys(url for fix in ordered for url in fix.urls)),
            cves=tuple(dict.fromkeys(cve for fix in ordered for cve in fix.cves)),
            published_at=max((fix.published_at for fix in ordered if fix.published_at), default=None),
            source_package=offer.source or self.inventory.sources.get(offer.key, offer.name),
        )

    def _classify(self, offer: RpmOffer, fixes: list[Fix]) -> tuple[Classification, str]:
        """By the gravest advisory between the installed version and the offered one, both counted."""
        security = [fix for fix in fixes if fix.is_security]
        if security:
            gravest = max(security, key=lambda fix: _RANKS.get(fix.severity.lower(), 0))
            what = f"{gravest.severity} security" if gravest.severity else "security"
            return classify_advisory(gravest.kind, gravest.severity), f"advisory {gravest.advisory}: {what}"
        if fixes:
            return Classification.OTHERS, f"advisory {fixes[-1].advisory}: {fixes[-1].kind}"
        metadata = self.answer.metadata.get(offer.repository)
        if metadata is not None and metadata.has_advisories:
            return Classification.OTHERS, f"no advisory of {offer.repository} is about it"
        return Classification.UNCLASSIFIED, f"repository {offer.repository or '(unknown)'} has no advisories"

    def _find_blocker(self, offered: _Offered, installed: str) -> tuple[Blocker | None, str]:
        offer, plan = offered.offer, self.answer.plan
        if lock := self.settings.find_lock(offer):
            return Blocker.VERSION_LOCKED, lock
        if offered.is_hidden:
            return self._explain_hidden(offer)
        if offer.repository in self.failing:
            return Blocker.REPOSITORY_FAILING, self.failing[offer.repository]
        if self.unentitled and offer.repository.startswith(RED_HAT):
            return Blocker.NEEDS_SUBSCRIPTION, self.unentitled
        if self.answer.unsolvable:
            return Blocker.PACKAGE_MANAGER_BROKEN, self.answer.unsolvable
        if plan is None or plan.versions.get(offer.key) == offer.evr or offer.key in plan.replaced:
            return None, ""
        return _explain_left_out(offer, installed, plan)

    def _explain_hidden(self, offer: RpmOffer) -> tuple[Blocker, str]:
        if exclude := self.settings.find_exclude(offer):
            return Blocker.EXCLUDED, exclude
        return (
            Blocker.EXCLUDED,
            "an upgrade does not see it: a plugin, a module or a setting that was not found hides it",
        )


def find_severity(fixes: list[Fix]) -> str:
    """The gravest severity of the security advisories among ``fixes``, in the vendor's word; empty if none has one."""
    words = [fix.severity for fix in fixes if fix.is_security and fix.severity]
    return max(words, key=lambda word: _RANKS.get(word.lower(), 0), default="")


def _as_planned(offer: RpmOffer, key: Key, plan: Plan) -> RpmOffer:
    """``offer``, or what ``plan`` takes instead of it: of another version the size is not known."""
    version, repository = plan.versions[key], plan.repositories.get(key) or offer.repository
    size = offer.size_bytes if offer.evr == version else None
    return RpmOffer(offer.name, version, offer.architecture, repository, size, offer.source)


def _brings_fix(fixes: list[Fix], base: str, better: str) -> bool:
    """Whether a security fix lies above ``base`` and not above ``better``."""
    return any(fix.is_security and compare_evr(base, fix.evr) < 0 <= compare_evr(better, fix.evr) for fix in fixes)


def _explain_left_out(offer: RpmOffer, installed: str, plan: Plan) -> tuple[Blocker, str]:
    names = (f"{offer.name}-{offer.evr}.", f"{offer.name}-{installed}.")
    problem = next((text for text in plan.problems if any(name in text for name in names)), "")
    if "filtered out by" in problem:
        return Blocker.DEPENDENCY_EXCLUDED, problem
    if "nothing provides" in problem:
        return Blocker.DEPENDENCY_MISSING, problem
    if not problem and (planned := plan.versions.get(offer.key)):
        return Blocker.PINNED, f"an upgrade takes {planned} instead, of a repository with a higher priority"
    return Blocker.KEPT_BACK, problem or "an upgrade leaves it out, and does not say why"
