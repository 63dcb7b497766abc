"""Changing the scope of a home, and looking at it: which groups it has, and whom a change would leave outside."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from fleet.edit_conflicts import EditConflict
from fleet.errors import BadInput, nearest_name
from fleet.groups.group import Group
from fleet.groups.membership import GroupRoster, referred_by
from fleet.machines import Machine
from fleet.name_lists import some_of
from fleet.scope import Scope, ScopeView
from ops.edit_conflicts import last_change
from ops.groups import open_roster
from ops.home import Home
from ops.state.database import opened, transaction
from ops.state.groups import GroupBook
from ops.state.machines import MachineBook
from ops.state.scheduled import ScheduleBook
from ops.state.scope import ScopeBook


@dataclass(frozen=True, slots=True)
class ScopeSight:
    """A scope over the machines of a home; ``view`` None: there is none, and every machine may be touched.

    ``in_work`` are the machines that runs work on now.
    """

    view: ScopeView | None
    roster: GroupRoster
    machines: tuple[Machine, ...]
    in_work: frozenset[str] = frozenset()

    @property
    def inside(self) -> tuple[Machine, ...]:
        """The machines that may be touched, by name."""
        return tuple(machine for machine in self.machines if self.refusal(machine) is None)

    @property
    def cut_off(self) -> tuple[Machine, ...]:
        """The machines outside that a run works on."""
        return tuple(m for m in self.machines if m.id in self.in_work and self.refusal(m) is not None)

    def refusal(self, machine: Machine) -> str | None:
        """Why ``machine`` may not be touched; None: it may."""
        return self.view.refusal(machine.id) if self.view is not None else None

    def goes_by(self, group: Group) -> bool:
        """Whether ``group`` is in the scope, itself or inside of another one."""
        names = {name.casefold() for name in self.view.scope.groups} if self.view is not None else set()
        return group.name.casefold() in referred_by(self.roster.groups, names)


def find_scope(home: Home) -> Scope | None:
    """The scope of ``home``; None where there is none."""
    with opened(home.state_file) as connection:
        return ScopeBook(connection).get()


def look_at_scope(home: Home, *, added: Sequence[str] = (), removed: Sequence[str] = ()) -> ScopeSight:
    """The scope now, as it would be with the groups ``added`` and without those ``removed``.

    Raises:
        UnknownName: there is no such group.
        BadInput: it is not in the scope.
    """
    with opened(home.state_file) as connection:
        scope = _changed(GroupBook(connection), ScopeBook(connection).get(), added, removed)
        machines = tuple(MachineBook(connection).list_machines())
        in_work = frozenset(ScheduleBook(connection).claimed_machines())
    roster = open_roster(home)
    return ScopeSight(ScopeView(scope, roster) if scope is not None else None, roster, machines, in_work)


def add_to_scope(home: Home, groups: Sequence[str], *, seen: ScopeSight | None = None) -> bool:
    """Lets the members of ``groups`` be touched, too; the first ones make the scope. Whether that changed anything.

    ``seen`` is what was shown of it before.

    Raises:
        UnknownName: there is no such group.
        EditConflict: the scope would be another one than was shown.
    """
    with opened(home.state_file) as connection, transaction(connection):
        book = ScopeBook(connection)
        after = _changed(GroupBook(connection), book.get(), groups, ())
        _require_as_seen(connection, seen, after)
        return book.put(after)


def remove_from_scope(
    home: Home, groups: Sequence[str], *, everything: bool = False, seen: ScopeSight | None = None
) -> bool:
    """Takes ``groups`` out of the scope; whether that changed anything. ``seen`` is what was shown of it before.

    Without a group there is no scope: that widens it to every machine, and is done only where ``everything`` says so.

    Raises:
        BadInput: one of them is not in the scope, or no group would be left.
        EditConflict: the scope would be another one than was shown.
    """
    with opened(home.state_file) as connection, transaction(connection):
        book = ScopeBook(connection)
        if (before := book.get()) is None:
            raise BadInput("There is no scope, so no group is in it: every enrolled machine may be touched.")
        after = _changed(GroupBook(connection), before, (), groups)
        if after is None and not everything:
            raise BadInput(
                "No group would be left, and without a scope every enrolled machine may be touched: say so with "
                "--everything. Nothing was changed."
            )
        _require_as_seen(connection, seen, after)
        return book.put(after)


def _require_as_seen(connection: sqlite3.Connection, seen: ScopeSight | None, after: Scope | None) -> None:
    """Refuses where others changed the scope since it was shown whom this leaves outside."""
    if seen is None:
        return
    shown = seen.view.scope if seen.view is not None else None
    if shown == after:
        return
    change = last_change(connection, "scope", "scope")
    by, at = (change.actor.user, change.at) if change else ("somebody", None)
    raise EditConflict("the scope", shown, after, after, by=by, at=at, places=())


def _changed(book: GroupBook, scope: Scope | None, added: Sequence[str], removed: Sequence[str]) -> Scope | None:
    """The scope with some groups more and some less; None where none is left."""
    names = tuple(book.find(name).name for name in added)
    for name in removed:
        if scope is None or not scope.names(name):
            known = scope.groups if scope else ()
            near = nearest_name(name, known)
            found = f"its groups are {some_of(known)}." if known else "there is none."
            raise BadInput(f"Group {name!r} is not in the scope: {found}{f' Did you mean {near!r}?' if near else ''}")
    changed = (scope or Scope(())).with_groups(names).without_groups(removed)
    return changed if changed.groups else None
