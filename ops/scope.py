"""Who may be touched now: the scope of a home, asked before every connection to a machine.

`ScopeGuard` answers for one thread; `ScopeGate` is what transports ask (`ops.reach.open_ssh`), from any event loop.
"""

import sqlite3
import time
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from types import TracebackType

from collectors.transports.gate import refusal_of
from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.counts import share_of
from fleet.errors import PatchdeckError
from fleet.groups.group import Group
from fleet.groups.membership import GroupRoster
from fleet.machines import Machine
from fleet.name_lists import some_of
from fleet.scope import Outside, Scope, ScopeView
from fleet.status import MachineStatus
from ops.group_queries import ask_members
from ops.home import Home
from ops.state.audit import utc_now
from ops.state.database import renewed, told
from ops.state.groups import GroupBook
from ops.state.scope import ScopeBook
from ops.state.statuses import StatusBook

# Of facts such as the age of an answer, and of the rows of queries, no change of state.db tells.
HOLDS_SECONDS = 60.0
_NAMES_SAID = 5


@dataclass(frozen=True, slots=True)
class Sifted:
    """Machines by whether they may be touched, in their order; ``problems`` are groups that cannot be evaluated."""

    inside: tuple[Machine, ...]
    outside: tuple[Outside, ...]
    problems: tuple[str, ...] = ()


class ScopeGuard:
    """Says of machines whether Patchdeck may touch them now. For one thread, as its connection is; close it.

    Asking costs microseconds: all is evaluated anew only where state.db says that machines, groups or the scope have
    changed, and once a minute.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._connection: sqlite3.Connection | None = None
        self._book: StatusBook | None = None
        self._data_version = -1
        self._seen: _Seen | None = None

    def __enter__(self) -> "ScopeGuard":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of state.db. Closing twice is harmless."""
        if self._connection is not None:
            self._connection.close()
        self._connection = self._book = self._seen = None

    def refusal(self, machine: Machine) -> str | None:
        """Why ``machine`` may not be touched, in a few words; None: it may.

        An enrolled machine is judged as state.db has it, whatever is given here; one that is not as it is given.

        Raises:
            HomeUnusable, StoreBusy: state.db cannot be read; then nothing is known, and nothing may be touched.
        """
        return self._look().refusal(machine)

    def sift(self, machines: Iterable[Machine]) -> Sifted:
        """``machines`` by whether they may be touched.

        Raises:
            HomeUnusable, StoreBusy: as `refusal`.
        """
        seen = self._look()
        judged = [(machine, seen.refusal(machine)) for machine in machines]
        outside = tuple(Outside(machine, why) for machine, why in judged if why is not None)
        return Sifted(tuple(machine for machine, why in judged if why is None), outside, seen.problems)

    def mark(self, statuses: Sequence[MachineStatus]) -> list[MachineStatus]:
        """``statuses`` in their order, those of machines that may not be touched with why.

        Raises:
            HomeUnusable, StoreBusy: as `refusal`.
        """
        seen = self._look()
        if seen.view is None and not seen.retired:
            return [*statuses]
        judged = [(status, seen.refusal(status.machine)) for status in statuses]
        return [status if why is None else replace(status, outside=why) for status, why in judged]

    def view(self) -> ScopeView | None:
        """The scope as it is now; None where there is none.

        Raises:
            HomeUnusable, StoreBusy: as `refusal`.
        """
        return self._look().view

    def _look(self) -> "_Seen":
        with told(self._home.state_file):
            connection = renewed(self._connection, self._home.state_file)
            if self._book is None or connection is not self._connection:
                self._connection, self._book, self._seen = connection, StatusBook(connection), None
            data_version = connection.execute("PRAGMA data_version").fetchone()[0]
            seen = self._seen
            is_same = seen is not None and (
                data_version == self._data_version or self._book.revision() == seen.revision
            )
            if seen is not None and is_same and seen.still_holds:
                self._data_version = data_version
                return seen
            self._seen = _see(self._home, connection, self._book)
            self._data_version = data_version
            return self._seen


class ScopeGate:
    """The gate of `collectors.transports.gate`, with a thread of its own: a loop never waits for an evaluation."""

    def __init__(self, home: Home) -> None:
        self._guard = ScopeGuard(home)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="scope")

    async def refusal(self, machine: Machine) -> str | None:
        """Why ``machine`` may not be touched now; None: it may. What cannot be found out is a reason."""
        import asyncio  # 20 ms, which listing machines does not need

        return await asyncio.get_running_loop().run_in_executor(self._thread, self._ask, machine)

    def close(self) -> None:
        """Let nobody through any more, and let go of state.db."""
        self._thread.submit(self._guard.close)
        self._thread.shutdown(wait=False)

    def _ask(self, machine: Machine) -> str | None:
        try:
            return self._guard.refusal(machine)
        except PatchdeckError as error:
            return f"it is not known whether it is inside: {error}"


@dataclass(frozen=True)
class _Seen:
    """What was found at a moment; ``view`` None: there is no scope."""

    revision: int
    at: float
    retired: frozenset[str]
    view: ScopeView | None = None
    enrolled: frozenset[str] = frozenset()
    strangers: "_Strangers | None" = None

    @property
    def still_holds(self) -> bool:
        """Whether it is not too old, if age matters."""
        return self.view is None or time.monotonic() - self.at < HOLDS_SECONDS

    @cached_property
    def problems(self) -> tuple[str, ...]:
        """What stands against groups of the scope."""
        return self.view.problems if self.view is not None else ()

    def refusal(self, machine: Machine) -> str | None:
        """See `ScopeGuard.refusal`."""
        if machine.id in self.retired:
            return "it is retired"
        if self.view is None:
            return None
        if machine.id in self.enrolled or self.strangers is None:
            return self.view.refusal(machine.id)
        return self.strangers.view_of(machine).refusal(machine.id)


@dataclass(frozen=True, slots=True)
class _Strangers:
    """Judges machines that are not enrolled, alone and by what is given of them."""

    home: Home
    scope: Scope
    groups: Sequence[Group]

    def view_of(self, machine: Machine) -> ScopeView:
        """The scope over ``machine`` alone."""
        return ScopeView(self.scope, _roster(self.home, self.groups, [MachineStatus(machine)]))


def _see(home: Home, connection: sqlite3.Connection, book: StatusBook) -> _Seen:
    # The revision first: what changes in between is noticed at the next look.
    revision, at = book.revision(), time.monotonic()
    retired = frozenset(row[0] for row in connection.execute("SELECT machine_id FROM retired"))
    scope = ScopeBook(connection).get()
    if scope is None:
        return _Seen(revision, at, retired)
    groups, statuses = GroupBook(connection).list(), book.list_statuses()
    enrolled = frozenset(status.machine.id for status in statuses)
    view = ScopeView(scope, _roster(home, groups, statuses))
    return _Seen(revision, at, retired, view, enrolled, _Strangers(home, scope, groups))


def _roster(home: Home, groups: Sequence[Group], statuses: Sequence[MachineStatus]) -> GroupRoster:
    asked: dict[str, Collection[str]] = {}

    def query_ids(name: str) -> Collection[str]:
        if name not in asked:
            # As the tables are: bringing them up to date asks for the scope in turn.
            asked[name] = ask_members(home, name, statuses, publishes=False)
        return asked[name]

    return GroupRoster(groups, statuses, utc_now(), query_ids)


def sift(home: Home, machines: Iterable[Machine]) -> Sifted:
    """``machines`` by whether Patchdeck may touch them now. Blocking, but short.

    Raises:
        HomeUnusable, StoreBusy: state.db cannot be read.
    """
    with ScopeGuard(home) as guard:
        return guard.sift(machines)


def mark_outside(home: Home, statuses: Sequence[MachineStatus]) -> list[MachineStatus]:
    """See `ScopeGuard.mark`. Blocking, but short."""
    with ScopeGuard(home) as guard:
        return guard.mark(statuses)


def leave_out(home: Home, machines: Iterable[Machine], targets: Collection[str]) -> tuple[list[Machine], list[str]]:
    """Those of ``machines`` that may be touched or that ``targets`` name by themselves, and what is said of the others.

    Raises:
        HomeUnusable, StoreBusy: state.db cannot be read.
    """
    asked = [*machines]
    outside = [each for each in sift(home, asked).outside if each.machine.name not in targets]
    gone = {each.machine.id for each in outside}
    return [machine for machine in asked if machine.id not in gone], [*describe_left_out(outside, len(asked))]


def refused_by_name(outside: Iterable[Outside], targets: Collection[str], at: datetime) -> list[Assessment]:
    """What is said of machines outside that ``targets`` name by themselves: a failure, which is nowhere stored."""
    return [
        Assessment(machine.id, machine.name, at, at, Coverage.UNKNOWN, failure=refusal_of(machine, each.why))
        for each in outside
        if (machine := each.machine).name in targets
    ]


def describe_left_out(outside: Sequence[Outside], total: int) -> tuple[str, ...]:
    """A sentence that counts those of ``total`` machines which targets name and the scope leaves out; none for none."""
    if not outside:
        return ()
    names = some_of([each.machine.name for each in outside], _NAMES_SAID)
    reasons = {each.why for each in outside}
    why = f"; {reasons.pop().rstrip('.')}" if len(reasons) == 1 else ""
    return (f"Outside the scope, and left out: {share_of(len(outside), total)} ({names}){why}.",)
