"""Missing updates by what people call them: a package, NAME=VERSION, an article such as KB5044284."""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime

from fleet.deployments.masks import matches, matches_package, parse_mask
from fleet.deployments.update_rules import UpdateMask
from fleet.errors import BadInput, UnknownName
from fleet.hostile import clean_name
from fleet.tables import UPDATE
from fleet.updates import Update, UpdateState
from ops.home import Home
from ops.missing import COLUMNS, MissingUpdate, find_articles, list_missing, missing_of_frame
from ops.state.database import opened
from ops.state.machines import MachineBook
from ops.state.past_machines import enrolled_at

# Of 10,000 machines each may miss one in two architectures; looking for the reasons of so many takes ten seconds.
MOST_FOUND = 20_000


def find_on_machine(
    home: Home, wanted: str, machine: str, at: datetime | None = None
) -> tuple[list[MissingUpdate], list[MissingUpdate]]:
    """What the machine called ``machine`` misses, or missed at ``at``, that ``wanted`` names, and all that it misses.
    Blocking.

    Raises:
        UnknownName: there is no such machine, or nothing that it misses is called so.
    """
    with opened(home.state_file) as connection:
        machine_id = MachineBook(connection).get(machine).id if at is None else _id_at(connection, machine, at)
    missing = list_missing(home, {machine_id}, at)
    found = [each for each in missing if _is_meant(wanted, each.update)]
    if not found:
        raise UnknownName(f"missing update of {machine}", wanted, {clean_name(each.update.name) for each in missing})
    return found, missing


def find_everywhere(home: Home, wanted: str, at: datetime | None = None) -> list[MissingUpdate]:
    """What any machine misses that ``wanted`` names, by machine. Blocking: of the table only what may be meant is made
    into updates. At ``at``, an earlier instant, what any missed then.

    Raises:
        UnknownName: nothing that any machine misses is called so.
        BadInput: more than `MOST_FOUND` are, or a machine is called so.
    """
    if at is not None:
        return _everywhere_at(home, wanted, at)
    import polars

    from ops.store import TableStore
    from ops.store.delta import StoredTable
    from ops.store.place import tables_of

    TableStore(home).replay()
    rows = StoredTable(tables_of(home), UPDATE).read(COLUMNS, polars.col("UpdateState") == UpdateState.NEEDED.value)
    known = rows.select("Product", "ProductVersion", "Title", "UpdateID", "KBID").unique()
    called = [(title if id_ else product, version or "", kb or "") for product, version, title, id_, kb in known.rows()]
    names = {name for name, version, kb in called if name and _may_be_meant(wanted, name, version, find_articles(kb))}
    chosen = rows.filter(polars.col("Product").is_in(names) | polars.col("Title").is_in(names))
    if chosen.height > MOST_FOUND:
        raise BadInput(f"{wanted!r} names {chosen.height:,} missing updates: name fewer, {MOST_FOUND:,} at most.")
    found = missing_of_frame(chosen.sort("Computer", "Product", "ProductArch", "ProductVersion"))
    meant = [each for each in found if _is_meant(wanted, each.update)]
    if not meant:
        _refuse_machine(home, wanted)
        raise UnknownName("missing update", wanted, {clean_name(name) for name, _, _ in called if name})
    return meant


def _everywhere_at(home: Home, wanted: str, at: datetime) -> list[MissingUpdate]:
    missing = list_missing(home, None, at)
    meant = [each for each in missing if _is_meant(wanted, each.update)]
    if len(meant) > MOST_FOUND:
        raise BadInput(f"{wanted!r} named {len(meant):,} missing updates: name fewer, {MOST_FOUND:,} at most.")
    if not meant:
        _refuse_machine(home, wanted)
        raise UnknownName("missing update", wanted, {clean_name(each.update.name) for each in missing})
    return meant


def _id_at(connection: sqlite3.Connection, name: str, at: datetime) -> str:
    enrolled = {machine.name: machine.id for machine in enrolled_at(connection, at).machines}
    if name not in enrolled:
        raise UnknownName("machine", name, enrolled)
    return enrolled[name]


def still_missing(home: Home, missing: Sequence[MissingUpdate], at: datetime | None = None) -> list[MissingUpdate]:
    """Those of ``missing`` that their machines miss by now in the same version, as they are now; at ``at``, an earlier
    instant, those that were missing then, as they were. Blocking.

    Raises:
        StoreBusy: another process holds the tables.
    """
    if at is not None:
        then = list_missing(home, {each.machine_id for each in missing}, at)
        of_then = {(each.machine_id, *_key_of(each.update)): each for each in then}
        return [of_then[key] for each in missing if (key := (each.machine_id, *_key_of(each.update))) in of_then]
    import polars

    from ops.store import TableStore
    from ops.store.delta import StoredTable
    from ops.store.place import tables_of

    TableStore(home).replay()
    names = list({each.update.name for each in missing})
    is_meant = polars.col("SourceComputerId").is_in(list({each.machine_id for each in missing}))
    is_meant &= polars.col("Product").is_in(names) | polars.col("Title").is_in(names)
    is_needed = polars.col("UpdateState") == UpdateState.NEEDED.value
    rows = StoredTable(tables_of(home), UPDATE).read(COLUMNS, is_needed & is_meant)
    now = {(each.machine_id, *_key_of(each.update)): each for each in missing_of_frame(rows)}
    return [now[key] for each in missing if (key := (each.machine_id, *_key_of(each.update))) in now]


def group_by_update(missing: Iterable[MissingUpdate]) -> list[list[MissingUpdate]]:
    """``missing`` by update: one that several machines miss is one, whatever they have instead of it."""
    groups: dict[tuple[str, ...], list[MissingUpdate]] = {}
    for each in missing:
        groups.setdefault(_key_of(each.update), []).append(each)
    return [*groups.values()]


def _key_of(update: Update) -> tuple[str, str, str]:
    name = update.windows.update_id if update.windows else update.name
    return name, update.architecture, update.offered_version


def _refuse_machine(home: Home, wanted: str) -> None:
    """A machine's name alone is half of the question."""
    with opened(home.state_file) as connection:
        machine = MachineBook(connection).find(wanted)
    if machine is not None:
        name = clean_name(machine.name)
        raise BadInput(f"{name!r} is a machine, no missing update. Name the update, too: patchdeck why {name} openssl")


def _is_meant(wanted: str, update: Update) -> bool:
    if wanted.casefold() == update.name.casefold():
        return True
    mask = _mask_of(wanted)
    return mask is not None and matches(mask, update)


def _may_be_meant(wanted: str, name: str, version: str, articles: Iterable[str]) -> bool:
    """As `_is_meant`, but by less: what may be meant is made into an update, and looked at again."""
    if wanted.casefold() == name.casefold():
        return True
    mask = _mask_of(wanted)
    if mask is None:
        return False
    bare = UpdateMask(mask.name)
    return matches_package(mask, name, version) or any(matches_package(bare, f"KB{each}", "") for each in articles)


def _mask_of(wanted: str) -> UpdateMask | None:
    try:
        return parse_mask(wanted)
    except BadInput:  # a title of Windows has blanks, and no mask has
        return None
