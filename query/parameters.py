"""Values for the ``$name`` parameters of a query."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from fleet.errors import BadInput, UnknownName


def bind_parameters(wanted: Iterable[str], given: Mapping[str, object]) -> dict[str, object]:
    """The values for the parameters that a query names; times as DuckDB has them here, plain UTC.

    Raises:
        BadInput: one has no value.
        UnknownName: a value was given for one that the query does not have.
    """
    names = sorted(wanted)
    for name in given:
        if name not in names:
            raise UnknownName("parameter", name, names)
    missing = [f"${name}" for name in names if name not in given]
    if missing:
        raise BadInput(f"The query needs a value for {', '.join(missing)}.")
    return {name: _plain(given[name]) for name in names}


def _plain(value: object) -> object:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    return value
