"""The numbers that our commits carry, as Delta's application transactions: read without any data, or Polars."""

from pathlib import Path

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from fleet.errors import HomeUnusable
from fleet.tables import MACHINE
from ops.home import Home

# The number of the last batch in a table, and the revision of the state that Machine is of.
BATCHES = "patchdeck.batches"
MACHINES = "patchdeck.machines"


def last_number(table: Path, app_id: str) -> int:
    """The number of the last commit of the table at ``table`` that ``app_id`` made, 0 if it made none.

    Raises:
        HomeUnusable: the table cannot be read.
    """
    try:
        if not DeltaTable.is_deltatable(str(table)):
            return 0
        return DeltaTable(table).transaction_version(app_id) or 0
    except (DeltaError, OSError) as error:
        raise HomeUnusable(f"Cannot read the table {table}: {first_line(error)}") from error


def published_revision(home: Home) -> int:
    """The revision of the state that the table Machine is of, 0 where there is none."""
    return last_number(home.tables_dir / MACHINE.name, MACHINES)


def first_line(error: Exception) -> str:
    """What ``error`` says, on one line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
