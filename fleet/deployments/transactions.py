"""What of a simulated transaction the rules do not allow, and what is left of a selection when that is taken out."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from fleet.deployments.jobs import PackageOrder
from fleet.deployments.plan import ChangeKind, LeftOut, LeftOutReason, PackageChange, Selection, Simulation
from fleet.deployments.selection import find_exclusion
from fleet.deployments.update_rules import UpdateRules
from fleet.name_lists import some_of
from fleet.updates import Update

# A simulation takes a second of the machine's time. Finding one bad update among 500 takes some 20 of them.
MOST_SIMULATIONS = 40


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a transaction is not made, and what its updates are left out for."""

    reason: LeftOutReason
    words: str

    @property
    def is_of_manager(self) -> bool:
        """Whether the manager itself could do nothing, as opposed to what the rules forbid."""
        return self.reason is LeftOutReason.NOT_IN_TRANSACTION


@dataclass(frozen=True, slots=True)
class Settled:
    """What is left of a selection, and the transaction for exactly that.

    ``simulation`` has a ``problem`` where the manager could do nothing for any part of the selection; the selection is
    then as it was.
    """

    selection: Selection
    simulation: Simulation


def settle(
    selection: Selection, rules: UpdateRules, *, today: date, in_parts: bool = True
) -> Generator[Selection, Simulation, Settled]:
    """Finds the part of ``selection`` whose transaction may be made.

    Yields what to simulate next and is sent its simulation; most selections need one. Where a transaction is refused
    (`find_refusal`), parts of it are tried, those first that nothing on the machine seemed to stop, down to single
    updates; an update that is refused alone is left out with the reason. At most `MOST_SIMULATIONS` are asked for:
    parts that are not told apart by then are left out whole. Without ``in_parts`` the whole selection is asked for
    once, for managers that resolve nothing: what stands against one part of it stands against each.
    """
    good: tuple[Update, ...] = ()
    simulation = Simulation()
    refused: dict[Update, Refusal] = {}
    waiting = [selection.chosen] if selection.chosen else []
    asked, first = 0, Simulation()
    while waiting:
        part = waiting.pop()
        tried = yield replace(selection, chosen=_in_order(selection.chosen, {*good, *part}))
        asked += 1
        first = tried if asked == 1 else first
        refusal = find_refusal(tried, (*good, *part), rules, today=today)
        if refusal is None:
            good, simulation = (*good, *part), tried
        elif not in_parts or len(part) == 1 or asked + len(waiting) + 1 >= MOST_SIMULATIONS:
            refused.update(dict.fromkeys(part, refusal))
        else:
            waiting.extend(reversed(_split(part)))
    if first.problem and not good and all(why.is_of_manager for why in refused.values()):
        return Settled(selection, first)
    left_out = tuple(LeftOut(update, why.reason, why.words) for update, why in refused.items())
    kept = replace(selection, chosen=_in_order(selection.chosen, set(good)), left_out=(*selection.left_out, *left_out))
    return Settled(kept, simulation)


def find_refusal(
    simulation: Simulation, chosen: Sequence[Update], rules: UpdateRules, *, today: date
) -> Refusal | None:
    """Why the transaction is not made: the manager cannot, or it touches what is excluded, or the rules forbid it.

    An excluded package is neither brought, changed nor removed. New are packages that are installed and not chosen: a
    kernel that is installed beside the old one is not.
    """
    if simulation.problem:
        return Refusal(LeftOutReason.NOT_IN_TRANSACTION, simulation.problem)
    if excluded := _excluded(simulation, rules, today):
        return Refusal(LeftOutReason.DEPENDENCY_LEFT_OUT, f"needs a change of {excluded}")
    removed = find_removed(simulation)
    if removed and not rules.allow_removals:
        return Refusal(LeftOutReason.NEEDS_REMOVALS, f"would remove {some_of(removed)}")
    new = find_new(simulation, chosen)
    if new and not rules.allow_new_packages:
        return Refusal(LeftOutReason.NEEDS_NEW_PACKAGES, f"would newly install {some_of(new)}")
    return None


def orders_of_selection(selection: Selection) -> tuple[PackageOrder, ...]:
    """The chosen updates as orders for the package manager."""
    return tuple(_order_of(update) for update in selection.chosen)


def find_removed(simulation: Simulation) -> list[str]:
    """Names of the packages that the transaction removes."""
    return [change.name for change in simulation.changes if change.kind is ChangeKind.REMOVE]


def find_new(simulation: Simulation, chosen: Sequence[Update]) -> list[str]:
    """Names of the packages that the transaction installs and nobody chose."""
    names = {update.name for update in chosen}
    return [c.name for c in simulation.changes if c.kind is ChangeKind.INSTALL and c.name not in names]


def find_change(simulation: Simulation, update: Update) -> PackageChange | None:
    """What the transaction does to bring ``update``; None if it does not."""
    same_name = [c for c in simulation.changes if c.name == update.name and c.kind is not ChangeKind.REMOVE]
    exact = [change for change in same_name if change.architecture == update.architecture]
    if exact:
        return next((change for change in exact if change.to_version == update.offered_version), exact[0])
    # Some managers name no architecture in a simulation, or the machine's where the package is for all.
    return same_name[0] if len(same_name) == 1 and _may_be_same(same_name[0], update) else None


def _order_of(update: Update) -> PackageOrder:
    order = PackageOrder(
        update.name, update.architecture, update.offered_version, update.installed_version, update.advisories
    )
    known = update.windows
    if known is None:
        return order
    return replace(order, update_id=known.update_id, revision=known.revision, is_exclusive=known.is_exclusive)


def _excluded(simulation: Simulation, rules: UpdateRules, today: date) -> str:
    """The excluded packages that the transaction touches, with what excludes them; empty if there are none."""
    found = []
    for change in simulation.changes:
        # Rules speak of versions that are offered; of a removal only the installed one is there to compare.
        version = change.to_version or change.from_version
        if why := find_exclusion(rules, change.name, version, today):
            found.append(f"{change.name} {version} ({why})")
    return some_of(found)


def _may_be_same(change: PackageChange, update: Update) -> bool:
    anything = ("", "all", "any", "noarch")
    return change.architecture in anything or update.architecture in anything


def _split(part: tuple[Update, ...]) -> list[tuple[Update, ...]]:
    """Two parts, what seemed installable first."""
    clear = tuple(update for update in part if update.is_installable)
    doubtful = tuple(update for update in part if not update.is_installable)
    if clear and doubtful:
        return [clear, doubtful]
    middle = len(part) // 2
    return [part[:middle], part[middle:]]


def _in_order(updates: Sequence[Update], wanted: set[Update]) -> tuple[Update, ...]:
    return tuple(update for update in updates if update in wanted)
