"""The numbers that our commits carry, as Delta's application transactions: read without any data, or Polars."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deltalake.exceptions import DeltaError

from fleet.errors import HomeUnusable, PatchdeckError
from fleet.tables import MACHINE
from ops.home import Home
from ops.store.place import tables_of
from query.place import Place, place_of

# The number of the last batch in a table, and the revision of the state that Machine is of.
BATCHES = "patchdeck.batches"
MACHINES = "patchdeck.machines"

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_CAUSE = "↳"


@dataclass(frozen=True, slots=True)
class TableSize:
    """What a table holds; ``version`` is None where nothing was written yet."""

    rows: int = 0
    files: int = 0
    size_bytes: int = 0
    version: int | None = None


def last_number(table: Path | Place, app_id: str) -> int:
    """The number of the last commit of the table at ``table`` that ``app_id`` made, 0 if it made none.

    Raises:
        HomeUnusable: the table cannot be read.
    """
    place = place_of(table)
    with told(place, "read"):
        opened = place.open()
        return 0 if opened is None else opened.transaction_version(app_id) or 0


def measure_table(table: Path | Place) -> TableSize:
    """How much the table at ``table`` holds.

    Raises:
        HomeUnusable: the table cannot be read.
    """
    place = place_of(table)
    with told(place, "read"):
        opened = place.open()
        if opened is None:
            return TableSize()
        actions = opened.get_add_actions(flatten=True)
        rows = sum(count or 0 for count in actions.column("num_records").to_pylist())
        size_bytes = sum(actions.column("size_bytes").to_pylist())
        return TableSize(rows, actions.num_rows, size_bytes, opened.version())


def published_revision(home: Home) -> int:
    """The revision of the state that the table Machine is of, 0 where there is none."""
    return last_number(tables_of(home) / MACHINE.name, MACHINES)


def first_line(error: Exception) -> str:
    """What ``error`` says, on one line.

    deltalake prints the causes of an error as a tree, one a line below the error, or a backtrace.
    """
    lines = _COLOUR.sub("", str(error)).strip().splitlines()
    causes = [line.strip().removeprefix(_CAUSE).strip() for line in lines if line.strip().startswith(_CAUSE)]
    return ": ".join([*(lines[:1] or [type(error).__name__]), *causes]).replace(" :", ":")


@contextmanager
def told(place: Place, deed: str) -> Iterator[None]:
    """Errors of reading or writing the table at ``place`` as ours: ``deed`` says which of the two.

    Raises:
        HomeUnusable: the store or the table cannot be used.
    """
    try:
        yield
    except PatchdeckError:
        raise
    except Exception as error:
        if place.is_local and not isinstance(error, DeltaError | OSError):
            raise
        raise HomeUnusable(f"Cannot {deed} the table {place}: {explain(error, place)}") from error


def explain(error: Exception, place: Place) -> str:
    """What ``error``, met at ``place``, says, on one line."""
    if place.is_local:
        return first_line(error)
    from query.object_problems import explain_store_error

    return f"{explain_store_error(error, place)}."
