"""Which machines the rows of an answer are about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from query.results import ResultColumn


@dataclass(frozen=True, slots=True)
class MachinesOfRows:
    """The ids of the enrolled machines, and what names or ids stand in the rows that no enrolled machine has."""

    ids: frozenset[str]
    unknown: frozenset[str]


def machines_of_rows(
    rows: Iterable[Sequence[object]], columns: "Sequence[ResultColumn]", ids_by_name: Mapping[str, str]
) -> MachinesOfRows:
    """The machines of ``rows``, by SourceComputerId, else by Computer; ``ids_by_name`` has names whatever the case."""
    places = {column.name.casefold(): index for index, column in enumerate(columns)}
    id_at, name_at = places.get("sourcecomputerid"), places.get("computer")
    known = frozenset(ids_by_name.values())
    pairs = {(_at(row, id_at), _at(row, name_at)) for row in rows}
    ids: set[str] = set()
    unknown: set[str] = set()
    for machine_id, name in pairs:
        found = machine_id if machine_id in known else ids_by_name.get(name.casefold())
        if found is not None:
            ids.add(found)
        else:
            unknown.add(name or machine_id)
    return MachinesOfRows(frozenset(ids), frozenset(unknown - {""}))


def _at(row: Sequence[object], index: int | None) -> str:
    value = row[index] if index is not None else None
    return value if isinstance(value, str) else ""
