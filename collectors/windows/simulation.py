"""What Windows Update would do for an order: by a search of now, since it has no rehearsal."""

from collections.abc import Mapping

from fleet.assessments import Assessment
from fleet.deployments.jobs import JobOrder, PackageOrder
from fleet.deployments.plan import ChangeKind, Kept, PackageChange, Simulation
from fleet.hostile import clean
from fleet.updates import Blocker, Update

# Definitions and cumulative updates name the sum of all that they might ever fetch. Nothing real is larger than this.
_MOST_BYTES = 12 * 1024**3
_WORDS: Mapping[Blocker, str] = {
    Blocker.HIDDEN: "somebody has hidden it on the machine",
    Blocker.NEEDS_PERSON: "it can ask a person for input, so nobody can install it from afar",
}


def simulate_order(order: JobOrder, assessment: Assessment) -> Simulation:
    """What of ``order`` would be downloaded and installed. ``assessment`` is one of a moment ago, and whole enough."""
    offered = {update.windows.update_id.casefold(): update for update in assessment.updates if update.windows}
    changes, kept = [], []
    for package in order.packages:
        update = offered.get(package.update_id.casefold())
        words = _refusal(update, order)
        if update is None or words:
            kept.append(Kept(package.name, words))
        else:
            changes.append(_change_of(package, update))
    sizes = [change.size_bytes for change in changes]
    known = [size for size in sizes if size is not None]
    return Simulation(
        changes=tuple(changes),
        kept=tuple(kept),
        download_bytes=sum(known) if len(known) == len(sizes) else None,
    )


def _refusal(update: Update | None, order: JobOrder) -> str:
    """Why it would not be installed; empty where it would be."""
    if update is None or update.windows is None:
        return "Windows Update does not offer it any more"
    if update.windows.is_hidden:
        return _WORDS[Blocker.HIDDEN]
    if not update.windows.is_licence_accepted and not order.accept_licences:
        return "its licence is not accepted, and the deployment does not accept it (accept_licences)"
    if update.blocker is Blocker.NEEDS_PERSON:
        return clean(update.blocker_detail) or _WORDS[Blocker.NEEDS_PERSON]
    return ""


def _change_of(package: PackageOrder, update: Update) -> PackageChange:
    is_there = update.windows is not None and update.windows.is_downloaded
    size = 0 if is_there else update.size_bytes
    if size is not None and not 0 <= size <= _MOST_BYTES:
        size = None
    return PackageChange(ChangeKind.INSTALL, package.name, package.architecture, "", package.version, size)
