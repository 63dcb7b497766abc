"""Immutable systems of images: rpm-ostree and bootc. Their packages are never updated one by one."""

from collections.abc import Iterator

from collectors.managers.failed_commands import describe_failure
from collectors.managers.manager import MachineContext, ManagerAnswer, ManagerFailed, RebootAnswer
from collectors.managers.ostree_bootc import read_bootc
from collectors.managers.ostree_image import ImageAdvisory, ImageState
from collectors.managers.ostree_status import read_status
from collectors.managers.rpm_classes import classify_advisory
from collectors.managers.rpm_inventory import parse_rpm_inventory
from collectors.sections import Section, Sections
from fleet.answers import Answer, Coverage
from fleet.facts import Repository, UpdateModel
from fleet.failures import Failure, FailureKind, Finding, FindingKind, Severity
from fleet.hostile import clean
from fleet.updates import Classification, Update

# What the probe says of a system that was booted from an image: linux.sh.
_SIGNS = frozenset({"ostree-booted", "composefs-booted"})
# rpm-ostree(1): 77 where there is nothing new.
_CHECKED = (0, 77)
_RANKS = (Classification.CRITICAL, Classification.SECURITY, Classification.OTHERS)
_SEVERITIES = ("critical", "important", "moderate", "low", "")
_TOOLS = {UpdateModel.RPM_OSTREE: "rpm-ostree", UpdateModel.BOOTC: "bootc"}


class Ostree:
    """The tools that change a system as a whole. Such a system has dnf or zypper as well, and they cannot change it."""

    name = "ostree"

    def is_present(self, programs: frozenset[str], families: tuple[str, ...]) -> bool:  # noqa: ARG002
        """See `Manager.is_present`. What was booted tells, whatever the system calls itself."""
        return bool(_SIGNS & programs)

    def read(self, sections: Sections, context: MachineContext) -> ManagerAnswer:  # noqa: ARG002
        """See `Manager.read`."""
        state = _read_state(sections)
        refresh = sections.find("ostree-refresh")
        has_checked = refresh is not None and refresh.exit_status in _CHECKED
        packages = sections.find("ostree-packages")
        is_listed = packages is not None and packages.exit_status == 0
        inventory = parse_rpm_inventory(packages) if packages is not None and is_listed else None
        updates = tuple(_list_updates(state, sections.get("system").values().get("machine", "")))
        return ManagerAnswer(
            updates=updates,
            installed=inventory.versions if inventory else {},
            sources=inventory.sources if inventory else {},
            coverage=_judge_coverage(state, has_checked),
            findings=(*_find_refresh(refresh), *_find_state(state, has_checked)),
            metadata_at=state.available.made_at if state.available else None,
            reboot=_judge_reboot(state),
            repositories=(_read_repository(state),),
            update_model=state.model,
        )


def _read_state(sections: Sections) -> ImageState:
    bootc, status = sections.find("ostree-bootc"), sections.find("ostree-status")
    if bootc is not None and bootc.exit_status == 0:
        state = read_bootc(bootc)
        if state is not None:
            return state
    if status is None:
        raise ManagerFailed(_no_tool(bootc))
    if status.exit_status != 0:
        raise ManagerFailed(_failure("rpm-ostree status", status))
    return read_status(status)


def _no_tool(bootc: Section | None) -> Failure:
    if bootc is not None and bootc.exit_status != 0:
        return _failure("bootc status", bootc)
    came_back = "the system was booted from an image, but neither rpm-ostree nor bootc (as root) tells of it."
    remedy = "Assess it as root if bootc keeps it; images that other tools keep are not supported."
    return Failure(FailureKind.UNSUPPORTED_SYSTEM, "the image of the system", came_back, remedy)


def _failure(command: str, section: Section) -> Failure:
    remedy = "Run it on the machine and see what it says."
    return describe_failure(command, section, remedy=remedy, remedy_if_stopped=remedy)


def _judge_coverage(state: ImageState, has_checked: bool) -> Coverage:
    """Without a check nothing is known; a check now that left nothing to read found nothing."""
    if not state.is_checked and not has_checked:
        return Coverage.UNKNOWN
    is_told = state.advisories is not None or state.available is None
    return Coverage.COMPLETE if is_told and state.model is UpdateModel.RPM_OSTREE else Coverage.UNCLASSIFIED


def _list_updates(state: ImageState, architecture: str) -> Iterator[Update]:
    """The newer image as one update; its packages come or stay together."""
    image = state.available
    if image is None:
        return
    advisories = sorted(state.advisories or (), key=_rank)
    worst = advisories[0] if advisories else None
    yield Update(
        name=image.source,
        architecture=clean(architecture, 40),
        installed_version=state.booted.describe(image),
        offered_version=image.describe(state.booted),
        classification=classify_advisory(worst.kind, worst.severity) if worst else Classification.UNCLASSIFIED,
        classification_source=_describe_source(worst, state),
        repository=image.source,
        size_bytes=state.size_bytes,
        severity=worst.severity if worst else "",
        advisories=tuple(dict.fromkeys(advisory.name for advisory in advisories)),
        cves=tuple(dict.fromkeys(cve for advisory in advisories for cve in advisory.cves)),
        published_at=image.made_at,
    )


def _rank(advisory: ImageAdvisory) -> tuple[int, int]:
    return _RANKS.index(classify_advisory(advisory.kind, advisory.severity)), _SEVERITIES.index(advisory.severity)


def _describe_source(worst: ImageAdvisory | None, state: ImageState) -> str:
    if worst is None:
        return f"{_TOOLS[state.model]} names no advisories of the image"
    return f"advisory {worst.name} ({', '.join(word for word in (worst.kind, worst.severity) if word)})"


def _judge_reboot(state: ImageState) -> RebootAnswer:
    if state.next is None:
        return RebootAnswer(Answer.NO, f"The next boot takes the image that runs ({state.booted.describe()}).")
    how = "is staged" if state.is_staged else "is the next to boot"
    if state.next.digest == state.booted.digest:
        return RebootAnswer(Answer.YES, f"A deployment of {state.booted.describe()} with other packages {how}.")
    next_one, booted = state.next.describe(state.booted), state.booted.describe(state.next)
    return RebootAnswer(Answer.YES, f"Deployment {next_one} {how}, {booted} runs.")


def _read_repository(state: ImageState) -> Repository:
    newest = state.available or state.booted
    return Repository(newest.source, newest.made_at, None, state.advisories is not None)


def _find_refresh(refresh: Section | None) -> Iterator[Finding]:
    if refresh is None or refresh.exit_status in _CHECKED:
        return
    text = f"The check for a newer image exited {refresh.exit_status}: {refresh.error_text or 'no message'}"
    remedy = "Run rpm-ostree upgrade --check, or bootc upgrade --check, on it and read what it says."
    yield Finding(FindingKind.REFRESH_FAILED, Severity.ERROR, clean(text, 500), remedy)


def _find_state(state: ImageState, has_checked: bool) -> Iterator[Finding]:
    tool = _TOOLS[state.model]
    driver = f"; {state.driver} drives its updates" if state.driver else ""
    layered = f"; {len(state.layered)} packages are layered on it" if state.layered else ""
    text = f"It runs {state.booted.source} {state.booted.describe()} and is updated as a whole{layered}{driver}."
    yield Finding(
        FindingKind.IMMUTABLE_SYSTEM, Severity.INFO, clean(text, 500), f"Update it with {tool} and reboot it."
    )
    if not state.is_checked and not has_checked:
        text = (
            f"No check for a newer image is on record, so what is missing is unknown; {tool} upgrade --check makes one."
        )
        yield Finding(FindingKind.LISTS_MISSING, Severity.WARNING, text, "Assess with a refresh.")
    if state.transaction:
        text = f"{tool} is at work: {state.transaction}."
        remedy = "Wait until it has ended; rpm-ostree cancel stops it."
        yield Finding(FindingKind.PACKAGE_MANAGER_LOCKED, Severity.ERROR, clean(text, 500), remedy)
    if state.is_incompatible:
        text = "It was changed by rpm-ostree, so bootc will not update it."
        yield Finding(FindingKind.DEPENDENCIES_BROKEN, Severity.ERROR, text, "Build the change into its image instead.")
    if state.next is not None:
        text = f"{state.next.source} {state.next.describe(state.booted)} waits for a reboot."
        yield Finding(FindingKind.UPDATE_STAGED, Severity.INFO, clean(text, 500), "Reboot it to make the update hold.")
