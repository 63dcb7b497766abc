"""What configuring one machine would change: what each value is and would be, and what stands against it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from fleet.name_lists import some_of
from fleet.update_client.held import Held, number
from fleet.update_client.snapshot import ClientSnapshot
from fleet.update_client.values import MICROSOFT_UPDATE
from fleet.update_client.wishes import Desired, problem_of_hours

_BUILD_OF_2016 = 14393


@dataclass(frozen=True, slots=True)
class SettingChange:
    """One value before and after; None where it is not set. ``conflict`` says who would put it back."""

    name: str
    before: Held | None
    after: Held | None
    conflict: str = ""


@dataclass(frozen=True, slots=True)
class SettingsPlan:
    """What would be written to one machine, in this order. With a ``refusal``, nothing is.

    ``already`` are the names of what is as wanted. ``notes`` say what the outcome means.
    """

    changes: tuple[SettingChange, ...] = ()
    already: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    refusal: str = ""


def plan_settings(snapshot: ClientSnapshot, desired: Desired) -> SettingsPlan:
    """The plan that makes the machine of ``snapshot`` as ``desired``."""
    changes, already = [], []
    for name, after in desired.items():
        before = snapshot.held(name)
        if before == after and not _is_unknown(snapshot, name):
            already.append(name)
        else:
            changes.append(SettingChange(name, before, after, _conflict(snapshot, name, after)))
    ordered = in_order(changes)
    then = {**snapshot.values, **desired}
    refusal = next(_refusals(snapshot, ordered, then), "") if ordered else ""
    return SettingsPlan(ordered, tuple(already), tuple(_notes(snapshot, ordered, then)), refusal)


def _is_unknown(snapshot: ClientSnapshot, name: str) -> bool:
    return name == MICROSOFT_UPDATE and snapshot.is_microsoft_update_registered is None


def in_order(changes: Iterable[SettingChange]) -> tuple[SettingChange, ...]:
    """``changes`` as they are made: at no moment is a server in use that is not named, or nothing allowed but one."""
    return tuple(sorted(changes, key=_turn))


def _turn(change: SettingChange) -> int:
    if change.name not in ("UseWUServer", "DoNotConnectToWindowsUpdateInternetLocations"):
        return 1
    return 2 if change.after == number(1) else 0


def _conflict(snapshot: ClientSnapshot, name: str, after: Held | None) -> str:
    entries = [entry for entry in snapshot.policies or () if entry.name == name]
    if not entries or entries[-1].held == after:
        return ""
    held = entries[-1].held
    what = "takes it away" if held is None else f"sets it to {held.describe()}"
    return f"Group Policy {what}, and does so again at its next refresh"


def _refusals(
    snapshot: ClientSnapshot, changes: tuple[SettingChange, ...], then: Mapping[str, Held | None]
) -> Iterator[str]:
    if snapshot.is_administrator is False:
        yield "the login is no administrator there, or has a filtered token (see docs/windows.md)"
    for change in changes:
        if change.before is not None and not change.before.is_writable:
            yield f"{change.name} holds {change.before.describe()}, which could not be put back: mend that by hand"
        if _is_unknown(snapshot, change.name):
            yield "whether Microsoft Update is registered could not be found out, so that it could not be put back"
    uses_wsus = then.get("UseWUServer") == number(1)
    if uses_wsus and not _has_text(then.get("WUServer")):
        yield "UseWUServer without WUServer leaves it without any source of updates: give --wsus"
    if not uses_wsus and then.get("DoNotConnectToWindowsUpdateInternetLocations") == number(1):
        yield "nothing but WSUS would be asked, and no WSUS is in use: it would find no updates. Give --wsus"
    if then.get("AUOptions") == number(7) and snapshot.build and not snapshot.is_server_2016:
        yield "AUOptions 7 is of Windows Server 2016 and newer; 3 is what this Windows knows"
    yield from _bad_hours(then)


def _bad_hours(then: Mapping[str, Held | None]) -> Iterator[str]:
    start, end = then.get("ActiveHoursStart"), then.get("ActiveHoursEnd")
    if then.get("SetActiveHours") != number(1):
        return
    if start is None or end is None:
        yield "active hours need a beginning and an end: give --active-hours"
    elif why := problem_of_hours(start.number, end.number):
        yield f"active hours would be wrong: {why}"


def _has_text(held: Held | None) -> bool:
    return held is not None and bool(held.text)


def _notes(
    snapshot: ClientSnapshot, changes: tuple[SettingChange, ...], then: Mapping[str, Held | None]
) -> Iterator[str]:
    if not changes:
        return
    names = {change.name for change in changes}
    yield from _effects(names, then, snapshot)
    if snapshot.policies is None and snapshot.is_domain_member is not False:
        where = f"a member of {snapshot.domain}" if snapshot.is_domain_member else "perhaps a member of a domain"
        yield f"It is {where}, and what Group Policy sets could not be read: it may put these back."
    if snapshot.managed_by:
        yield f"A device management (MDM) sets policies of updates there, too: {some_of(snapshot.managed_by)}."


def _effects(names: set[str], then: Mapping[str, Held | None], snapshot: ClientSnapshot) -> Iterator[str]:
    stays_up, restarts = (
        then.get(name) == number(1) for name in ("NoAutoRebootWithLoggedOnUsers", "AlwaysAutoRebootAtScheduledTime")
    )
    if then.get("AUOptions") == number(4) and "AUOptions" in names:
        yield "It will install and restart by itself, beside what deployments do."
    if stays_up and restarts and names & {"NoAutoRebootWithLoggedOnUsers", "AlwaysAutoRebootAtScheduledTime"}:
        yield "NoAutoRebootWithLoggedOnUsers makes AlwaysAutoRebootAtScheduledTime void."
    if "SetActiveHours" in names and then.get("SetActiveHours") == number(1):
        if stays_up or restarts:
            yield "Active hours are void beside NoAutoRebootWithLoggedOnUsers and AlwaysAutoRebootAtScheduledTime."
        if 0 < snapshot.build < _BUILD_OF_2016:
            yield "This Windows knows no active hours; they are from Windows Server 2016 and Windows 10 on."
    if then.get("UseWUServer") == number(1) and MICROSOFT_UPDATE in names:
        yield "While WSUS is in use, WSUS alone says which products are updated."
