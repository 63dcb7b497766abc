"""The settings of update clients: read, planned, written, and put back. Every verb and screen goes through here."""

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from collectors.secrets import SecretSource
from collectors.transports.base import Transport, TransportFailed
from collectors.windows.client_settings import (
    Applied,
    ApplyState,
    look_for_microsoft_update,
    read_client,
    write_client,
)
from fleet.failures import Failure, FailureKind
from fleet.machines import Machine
from fleet.update_client.held import Held, number
from fleet.update_client.kept import KeptValue, RestorePlan, plan_restoring
from fleet.update_client.planning import SettingChange, SettingsPlan, plan_settings
from fleet.update_client.snapshot import ClientSnapshot
from fleet.update_client.values import MICROSOFT_UPDATE
from fleet.update_client.wishes import ClientWish, desired_values
from ops.home import Home
from ops.state.client_settings import ClientSettingsBook
from ops.state.database import opened
from ops.state.machines import MachineBook
from ops.windows.reaching import reach_each

DEADLINE_SECONDS = 120.0
CONFIGURES, RESTORES = "machine.settings-configure", "machine.settings-restore"


@dataclass(frozen=True, slots=True)
class MachineSettings:
    """What one machine said, or the ``failure`` that kept it from saying; and what is kept of it."""

    machine: Machine
    snapshot: ClientSnapshot | None
    kept: tuple[KeptValue, ...] = ()
    failure: Failure | None = None


class Outcome(StrEnum):
    """What became of one machine. UNKNOWN: the connection was lost while it was told."""

    DONE = "done"
    NOTHING = "nothing-to-do"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class MachineDeed:
    """What would be done to one machine, and what became of it: ``outcome`` is None until it was told.

    ``refused`` are single values that are left alone, and why.
    """

    settings: MachineSettings
    changes: tuple[SettingChange, ...] = ()
    already: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    outcome: Outcome | None = None
    reason: str = ""

    @property
    def machine(self) -> Machine:
        """Whose it is."""
        return self.settings.machine

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return self.outcome is None


async def read_settings(
    home: Home, machines: Sequence[Machine], secrets: SecretSource, *, deadline_seconds: float = DEADLINE_SECONDS
) -> list[MachineSettings]:
    """What each of ``machines`` says now, in their order, and what is kept of it. Nothing is changed there.

    Where a machine tells no login of the services that its agent knows, a task of SYSTEM is asked, which is gone then.

    Raises:
        NotPermitted: this process does not change the home, and so reaches no machine.
        HomeUnusable: state.db cannot be read.
    """

    async def read(machine: Machine, transport: Transport) -> ClientSnapshot:
        del machine
        return await _read_whole(transport, deadline_seconds)

    found = await reach_each(home, machines, read, secrets=secrets, deadline_seconds=2 * deadline_seconds)
    with opened(home.state_file) as connection:
        book = ClientSettingsBook(connection)
        kept = {machine.id: book.find(machine.id) for machine in machines}
    read_so = [(machine, found[machine.id]) for machine in machines if machine.id in found]
    return [
        MachineSettings(machine, None, kept[machine.id], said)
        if isinstance(said, Failure)
        else MachineSettings(machine, said, kept[machine.id])
        for machine, said in read_so
    ]


def plan_configuring(home: Home, found: Sequence[MachineSettings], wish: ClientWish) -> list[MachineDeed]:
    """What ``wish`` would change on each machine.

    Raises:
        BadInput: nothing is wished, or in two ways.
    """
    return [_configuring(home, settings, wish) for settings in found]


def plan_putting_back(
    home: Home,
    found: Sequence[MachineSettings],
    *,
    only: Collection[str] = (),
    overwrite: bool = False,
    settles: bool = True,
) -> list[MachineDeed]:
    """What restoring would change on each machine. Where it ``settles``, what is as it was already is kept no more."""
    planned = [_putting_back(home, settings, only, overwrite) for settings in found]
    with opened(home.state_file) as connection:
        book = ClientSettingsBook(connection)
        for deed in planned if settles else ():
            book.drop(deed.machine, deed.already)
    return planned


async def carry_out(
    home: Home,
    deeds: Sequence[MachineDeed],
    secrets: SecretSource,
    *,
    action: str,
    deadline_seconds: float = DEADLINE_SECONDS,
) -> list[MachineDeed]:
    """Does what is open of ``deeds``, and gives all of them with their outcomes, in their order.

    What the values were is kept before a machine is told. ``action``, for the audit, is `CONFIGURES` or `RESTORES`.

    Raises:
        NotPermitted, HomeUnusable: as `read_settings`.
    """
    by_id = {deed.machine.id: deed for deed in deeds if deed.is_open}

    async def write(machine: Machine, transport: Transport) -> MachineDeed:
        return await _tell(home, by_id[machine.id], transport, action, deadline_seconds)

    machines = [deed.machine for deed in by_id.values()]
    done = await reach_each(home, machines, write, secrets=secrets, deadline_seconds=deadline_seconds)
    return [_ended(deed, done.get(deed.machine.id)) if deed.is_open else deed for deed in deeds]


def list_kept(home: Home, machines: Sequence[Machine]) -> list[tuple[Machine, tuple[KeptValue, ...]]]:
    """What is kept of each machine of which anything is, without asking it."""
    with opened(home.state_file) as connection:
        book = ClientSettingsBook(connection)
        return [(machine, kept) for machine in machines if (kept := book.find(machine.id))]


async def _read_whole(transport: Transport, deadline_seconds: float) -> ClientSnapshot:
    snapshot = await read_client(transport, deadline_seconds=deadline_seconds)
    if snapshot.is_microsoft_update_registered is not None or snapshot.is_administrator is False:
        return snapshot
    looked = await look_for_microsoft_update(transport, deadline_seconds=deadline_seconds)
    notes = (*snapshot.notes, *looked.problems)
    return replace(snapshot, is_microsoft_update_registered=looked.is_registered, notes=notes)


def _configuring(home: Home, settings: MachineSettings, wish: ClientWish) -> MachineDeed:
    if settings.snapshot is None:
        return _failed(settings)
    plan: SettingsPlan = plan_settings(settings.snapshot, desired_values(wish, settings.snapshot))
    deed = MachineDeed(settings, plan.changes, plan.already, plan.notes)
    if not plan.changes:
        return replace(deed, outcome=Outcome.NOTHING)
    reason = plan.refusal or _why_not(home, settings)
    return replace(deed, outcome=Outcome.REFUSED, reason=reason) if reason else deed


def _putting_back(home: Home, settings: MachineSettings, only: Collection[str], overwrite: bool) -> MachineDeed:
    if not settings.kept:
        return MachineDeed(settings, outcome=Outcome.NOTHING, reason="nothing is kept of it")
    if settings.snapshot is None:
        return _failed(settings)
    plan: RestorePlan = plan_restoring(settings.kept, settings.snapshot, only=only, overwrite=overwrite)
    deed = MachineDeed(settings, plan.changes, plan.settled, (), plan.refused)
    if not plan.changes:
        return replace(deed, outcome=Outcome.REFUSED if plan.refused else Outcome.NOTHING)
    reason = _why_not(home, settings)
    return replace(deed, outcome=Outcome.REFUSED, reason=reason) if reason else deed


def _why_not(home: Home, settings: MachineSettings) -> str:
    if settings.snapshot is not None and settings.snapshot.is_administrator is False:
        return "the login is no administrator there, or has a filtered token (see docs/windows.md)"
    with opened(home.state_file) as connection:
        return _why_not_now(connection, settings.machine)


def _failed(settings: MachineSettings) -> MachineDeed:
    failure = settings.failure
    return MachineDeed(settings, outcome=Outcome.FAILED, reason=failure.describe() if failure else "")


async def _tell(
    home: Home, deed: MachineDeed, transport: Transport, action: str, deadline_seconds: float
) -> MachineDeed:
    with opened(home.state_file) as connection:
        book = ClientSettingsBook(connection)
        if reason := _why_no_more(connection, deed.machine):
            return replace(deed, outcome=Outcome.REFUSED, reason=f"{reason}. Nothing was changed.")
        book.begin(deed.machine, deed.changes, action, restores=action == RESTORES)
        ended = partial(book.finish, deed.machine, deed.changes, action=f"{action}-ended")
        try:
            applied = await write_client(transport, deed.changes, deadline_seconds=deadline_seconds)
        except TransportFailed as error:
            if _was_not_told(error.failure):
                ended({}, outcome="not reached", nothing_written=True)
                return replace(deed, outcome=Outcome.FAILED, reason=f"{error.failure.describe()} Nothing was changed.")
            return replace(deed, outcome=Outcome.UNKNOWN, reason=f"{error.failure.describe()} {_UNKNOWN}")
        judged = _judge(deed, applied)
        outcome = f"{judged.outcome}: {judged.reason}"
        ended(_now(deed, applied), outcome=outcome, nothing_written=applied.state in _NOTHING_WRITTEN)
    return judged


def _why_no_more(connection: sqlite3.Connection, machine: Machine) -> str:
    """What came between the preview and now: somebody may have thought about it for an hour."""
    found = MachineBook(connection).with_ids([machine.id]).get(machine.id)
    if found is None:
        return "it was removed meanwhile"
    return _why_not_now(connection, found)


def _why_not_now(connection: sqlite3.Connection, machine: Machine) -> str:
    if not machine.enabled:
        return f"it is disabled: patchdeck machines enable {machine.name}"
    run = ClientSettingsBook(connection).holder(machine.id)
    return f"the run {run} works on it: wait, or cancel that" if run else ""


_NOTHING_WRITTEN = (ApplyState.REFUSED, ApplyState.CHANGED_MEANWHILE, ApplyState.UNDONE)
_UNKNOWN = "Whether it was changed is not known: patchdeck windows show says what holds; what was before is kept."


def _was_not_told(failure: Failure) -> bool:
    """Whether the machine cannot have got what was to be changed."""
    is_lost = failure.kind is FailureKind.CONNECTION_LOST
    return failure.kind is FailureKind.OUT_OF_SCOPE or (failure.kind.means_unreachable and not is_lost)


def _now(deed: MachineDeed, applied: Applied) -> dict[str, Held | None]:
    """What stands there now, of what was to be changed and as far as it is known."""
    names = {change.name for change in deed.changes}
    now = {name: held for name, held in applied.now.items() if name in names}
    service = next((change for change in deed.changes if change.name == MICROSOFT_UPDATE), None)
    if service is not None and applied.state in _NOTHING_WRITTEN:
        now[MICROSOFT_UPDATE] = service.before
    elif service is not None and applied.is_registered is not None:
        now[MICROSOFT_UPDATE] = number(1) if applied.is_registered else None
    return now


def _judge(deed: MachineDeed, applied: Applied) -> MachineDeed:
    """What was read back counts, and not what the machine says that it did."""
    problems = " ".join(f"{problem.rstrip('.')}." for problem in applied.problems)
    if applied.state is ApplyState.CHANGED_MEANWHILE:
        reason = "somebody changed a value since it was read. Nothing was written: try again."
        return replace(deed, outcome=Outcome.REFUSED, reason=reason)
    if applied.state is not ApplyState.APPLIED:
        what = "Nothing was changed." if applied.state is not ApplyState.PARTLY else "Some of it was changed."
        return replace(deed, outcome=Outcome.FAILED, reason=f"{problems} {what}".strip())
    now = _now(deed, applied)
    wrong = [change.name for change in deed.changes if change.name not in now or now[change.name] != change.after]
    if wrong:
        reason = f"read back, these are not as written: {', '.join(wrong)}. {problems}".strip()
        return replace(deed, outcome=Outcome.FAILED, reason=reason)
    return replace(deed, outcome=Outcome.DONE, reason=problems)


def _ended(deed: MachineDeed, done: "MachineDeed | Failure | None") -> MachineDeed:
    if isinstance(done, MachineDeed):
        return done
    words = done.describe() if done is not None else "It was interrupted."
    return replace(deed, outcome=Outcome.UNKNOWN, reason=f"{words} {_UNKNOWN}")
