"""The updates of a machine, put together from zypper's lists, its patches and rpm's inventory."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from collectors.managers.rpm_classes import classify_advisory
from collectors.managers.rpm_inventory import RpmInventory
from collectors.managers.rpm_versions import normal_evr
from collectors.managers.zypper_locks import ZypperLocks
from collectors.managers.zypper_patches import Patches, list_urls
from collectors.managers.zypper_reasons import Reasons, find_reason
from collectors.managers.zypper_repositories import ZypperRepositories, hide_password
from collectors.managers.zypper_xml import ListedUpdate
from fleet.hostile import clean
from fleet.updates import Blocker, Classification, Update


@dataclass(frozen=True, slots=True)
class ZypperAnswers:
    """What zypper and rpm said, read.

    ``known`` are the updates of ``list-updates --all``, ``installable`` those that its solver takes. ``failing`` are
    aliases of repositories that a refresh did not reach. ``are_patches_read`` is whether it is known what the patches
    mend. ``is_rolling`` is whether the system is one for which no patches are made.
    """

    inventory: RpmInventory
    repositories: ZypperRepositories
    known: Sequence[ListedUpdate]
    installable: Sequence[ListedUpdate]
    patches: Patches
    locks: ZypperLocks
    reasons: Reasons
    failing: frozenset[str] = frozenset()
    are_patches_read: bool = True
    is_rolling: bool = False


def list_updates(answers: ZypperAnswers) -> tuple[Update, ...]:
    """One update for each package that a newer version is known of, in zypper's order, taken or not."""
    taken = {(update.name, update.architecture): update for update in answers.installable}
    updates: dict[tuple[str, str], Update] = {}
    for update in (*answers.known, *answers.installable):
        if update.kind == "package" and (update.name, update.architecture) not in updates:
            key = update.name, update.architecture
            # What would be installed is what is offered, even where something newer is left out.
            updates[key] = _make_update(answers, taken.get(key, update), is_taken=key in taken)
    return tuple(updates.values())


def _make_update(answers: ZypperAnswers, update: ListedUpdate, *, is_taken: bool) -> Update:
    inventory, key = answers.inventory, (update.name, update.architecture)
    installed = update.installed or inventory.find_version(update.name, update.architecture)
    patches = answers.patches.find(update, installed)
    classification, source = _classify(answers, update, patches)
    blocker, detail = _find_blocker(answers, update, patches, is_taken)
    dates = [patch.issued_at for patch in patches if patch.issued_at is not None]
    return Update(
        name=update.name,
        architecture=update.architecture,
        installed_version=normal_evr(installed),
        offered_version=normal_evr(update.offered),
        classification=classification,
        classification_source=clean(source, 300),
        repository=hide_password(update.alias),
        blocker=blocker,
        blocker_detail=clean(detail, 500),
        severity=patches[0].severity if patches else "",
        advisories=tuple(patch.name for patch in patches),
        urls=list_urls(patches),
        cves=tuple(dict.fromkeys(cve for patch in patches for cve in patch.cves)),
        published_at=min(dates, default=None),
        source_package=inventory.sources.get(key, update.name),
    )


def _classify(
    answers: ZypperAnswers, update: ListedUpdate, patches: Sequence[ListedUpdate]
) -> tuple[Classification, str]:
    """By the worst patch between the versions. Without one, it is no security update only where patches are made."""
    if patches:
        worst = patches[0]
        words = f"{worst.category}, {worst.severity}" if worst.severity else worst.category
        return classify_advisory(worst.category, worst.severity), f"patch {worst.name} ({words})"
    repository = answers.repositories.find(update.alias)
    if answers.is_rolling:
        return Classification.UNCLASSIFIED, "no patches are made for this system"
    if not answers.are_patches_read:
        return Classification.UNCLASSIFIED, "zypper did not say what the patches mend"
    if repository is None or not repository.has_advisories:
        return Classification.UNCLASSIFIED, f"repository {update.alias} has no patches"
    return Classification.OTHERS, f"no patch of {update.alias} names it"


def _find_blocker(
    answers: ZypperAnswers, update: ListedUpdate, patches: Iterable[ListedUpdate], is_taken: bool
) -> tuple[Blocker | None, str]:
    if not is_taken:
        reason = find_reason(update, answers.locks, answers.reasons)
        return reason.blocker, reason.text
    if update.alias in answers.failing:
        return Blocker.REPOSITORY_FAILING, f"the repository {update.alias} could not be reached"
    if update.has_licence:
        return Blocker.NEEDS_CONFIRMATION, "its licence must be agreed to"
    # A wish for a reboot is none to answer: zypper update installs such packages, zypper patch with an option.
    asking = next((patch for patch in patches if patch.asks and not patch.restarts), None)
    if asking is not None:
        return Blocker.NEEDS_CONFIRMATION, f"patch {asking.name} has a message or a licence to be agreed to"
    return None, ""
