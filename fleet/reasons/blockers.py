"""What on the machine itself keeps an update from being installed, and how that is undone there."""

import shlex
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from fleet.deployments.selection import blockers_of, find_blocker
from fleet.deployments.update_rules import UpdateRules
from fleet.hostile import clean, clean_name
from fleet.reasons.commands import mask_for
from fleet.reasons.facts import UpdateCase
from fleet.reasons.reason import Reason, ReasonKind, Weight
from fleet.updates import Blocker, Update

_WORDS: Mapping[Blocker, str] = MappingProxyType(
    {
        Blocker.HELD: "Somebody holds the package on the machine.",
        Blocker.VERSION_LOCKED: "The package is locked to a version on the machine.",
        Blocker.EXCLUDED: "The machine's own settings exclude the package.",
        Blocker.PHASED: "The distribution gives it to a part of all machines first; this one is not among them yet.",
        Blocker.KEPT_BACK: "The package manager keeps it back.",
        Blocker.NEEDS_NEW_PACKAGES: "It needs packages that are not installed yet.",
        Blocker.NEEDS_REMOVALS: "It would remove packages.",
        Blocker.PINNED: "A pin or a priority on the machine prefers another version.",
        Blocker.NEEDS_SUBSCRIPTION: "It is for subscribers only, and the machine has no subscription.",
        Blocker.PACKAGE_MANAGER_BROKEN: "The package manager of the machine is broken.",
        Blocker.REPOSITORY_FAILING: "The repository that it comes from does not answer the machine.",
        Blocker.DEPENDENCY_EXCLUDED: "It needs a package that the machine's own settings exclude.",
        Blocker.DEPENDENCY_MISSING: "It needs a package that no repository of the machine has.",
        Blocker.NEEDS_CONFIRMATION: "It asks a person to agree to a licence or a message.",
        Blocker.VENDOR_CHANGE: "It would change the vendor of the package.",
        Blocker.HIDDEN: "Somebody hid it on the machine.",
        Blocker.OPTIONAL: "It is optional: a preview, a driver or a new Windows.",
        Blocker.NEEDS_LICENCE: "Its licence is not accepted on the machine.",
        Blocker.NEEDS_PERSON: "It may ask questions, which nobody can answer from afar.",
    }
)
_REMEDIES: Mapping[Blocker, str] = MappingProxyType(
    {
        Blocker.HELD: "Take the hold off on the machine{on}",
        Blocker.VERSION_LOCKED: "Take the lock off on the machine{on}",
        Blocker.EXCLUDED: "Take it out of the excludes in the package manager's settings there; once, past them{on}",
        Blocker.PHASED: "Wait: it comes to every machine within days. To have it now{on}",
        Blocker.KEPT_BACK: "See on the machine what it lacks{on}",
        Blocker.NEEDS_NEW_PACKAGES: "A deployment that may install new packages (--new-packages) brings it",
        Blocker.NEEDS_REMOVALS: "Look at what would be removed, then let a deployment remove packages (--removals)",
        Blocker.PINNED: "Change the pin or the priority on the machine{on}",
        Blocker.NEEDS_SUBSCRIPTION: "Attach the subscription on the machine{on}",
        Blocker.PACKAGE_MANAGER_BROKEN: "Mend it on the machine{on}, then assess it again",
        Blocker.REPOSITORY_FAILING: "Mend the repository or the way to it, then assess the machine again{on}",
        Blocker.DEPENDENCY_EXCLUDED: "Let the package that it needs in again, in the settings on the machine{on}",
        Blocker.DEPENDENCY_MISSING: "Add the repository that has what it needs, or remove what asks for it{on}",
        Blocker.NEEDS_CONFIRMATION: "Agree to it on the machine{on}",
        Blocker.VENDOR_CHANGE: "Agree to the new vendor on the machine{on}",
        Blocker.HIDDEN: "Unhide it on the machine, in the settings of Windows Update",
        Blocker.OPTIONAL: "Name it in a deployment (--include {mask}), or let one take optional updates (--optional)",
        Blocker.NEEDS_LICENCE: "Let a deployment accept licences (--accept-licences), or accept it on the machine",
        Blocker.NEEDS_PERSON: "Install it at the machine's own screen",
    }
)
# Commands of the managers' own manuals, for the machine's own shell.
_ON_MACHINE: Mapping[tuple[Blocker, str], str] = MappingProxyType(
    {
        (Blocker.HELD, "apt"): "sudo apt-mark unhold {name}",
        (Blocker.HELD, "zypper"): "sudo zypper removelock {name}",
        (Blocker.VERSION_LOCKED, "dnf"): "sudo dnf versionlock delete {name}",
        (Blocker.EXCLUDED, "dnf"): "sudo dnf --disableexcludes=all update {name}",
        (Blocker.PHASED, "apt"): "sudo apt-get -o APT::Get::Always-Include-Phased-Updates=true install {name}",
        (Blocker.KEPT_BACK, "apt"): "apt-get --simulate install {name}",
        (Blocker.KEPT_BACK, "dnf"): "dnf --assumeno update {name}",
        (Blocker.KEPT_BACK, "zypper"): "zypper update --dry-run {name}",
        (Blocker.PINNED, "apt"): "apt-cache policy {name}",
        (Blocker.PINNED, "dnf"): "dnf repoquery --show-duplicates {name}",
        (Blocker.NEEDS_SUBSCRIPTION, "apt"): "sudo pro attach",
        (Blocker.NEEDS_SUBSCRIPTION, "dnf"): "sudo subscription-manager register",
        (Blocker.PACKAGE_MANAGER_BROKEN, "apt"): "sudo dpkg --configure -a && sudo apt-get --fix-broken install",
        (Blocker.PACKAGE_MANAGER_BROKEN, "dnf"): "sudo dnf check",
        (Blocker.PACKAGE_MANAGER_BROKEN, "zypper"): "sudo zypper verify",
        (Blocker.REPOSITORY_FAILING, "dnf"): "sudo dnf makecache",
        (Blocker.REPOSITORY_FAILING, "zypper"): "sudo zypper refresh",
        (Blocker.DEPENDENCY_MISSING, "dnf"): "dnf repoquery --requires {name}",
        (Blocker.NEEDS_CONFIRMATION, "zypper"): "sudo zypper update {name}",
        (Blocker.VENDOR_CHANGE, "zypper"): "sudo zypper update --allow-vendor-change {name}",
    }
)


def blocker_reasons(case: UpdateCase, covering: Iterable[UpdateRules]) -> Iterator[Reason]:
    """All that stops the update on its machine; it only is a note where the rules of a deployment allow it."""
    update = case.update
    is_allowed = any(find_blocker(update, rules) is None for rules in covering)
    answer = case.status.last_answer if case.status else None
    manager = (answer.facts.package_manager if answer else None) or ""
    for blocker in dict.fromkeys(blockers_of(update)):
        detail = update.blocker_detail if blocker is update.blocker else ""
        yield Reason(
            ReasonKind.BLOCKED,
            Weight.NOTE if is_allowed else Weight.STOPS,
            _WORDS[blocker],
            clean(detail) or f"the last answer of {clean_name(case.machine_name)} says {blocker.value}",
            remedy_of(blocker, update, manager),
            about=blocker.value,
        )


def remedy_of(blocker: Blocker, update: Update, manager: str) -> str:
    """What to do about ``blocker``, with the command for a machine of that manager where there is one."""
    command = _ON_MACHINE.get((blocker, manager), "").format(name=shlex.quote(clean_name(update.name)))
    text = _REMEDIES[blocker].format(on=f": {command}" if command else "", mask=shlex.quote(mask_for(update)))
    return text if command else f"{text}."
