"""Groups by saved queries: which machines the rows of one name."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fleet.errors import BadInput, PatchdeckError
from fleet.status import MachineStatus
from ops.config import load_settings
from ops.home import Home
from ops.interrupting import run_interruptibly

if TYPE_CHECKING:
    from query.results import Result


def ask_members(home: Home, name: str, statuses: Sequence[MachineStatus], *, publishes: bool = True) -> frozenset[str]:
    """The ids of the machines that the rows of the saved query ``name`` name, by SourceComputerId, else by Computer.

    ``publishes`` False: the tables are asked as they are, and no lock is taken or waited for.

    Raises:
        BadInput: it fails, or its rows name no machine.
    """
    try:
        result = _run(home, name, publishes=publishes)
    except PatchdeckError as error:
        raise BadInput(f"Query {name} cannot be asked: {error}") from error
    names = [column.name for column in result.columns]
    if "SourceComputerId" in names:
        at = names.index("SourceComputerId")
        return frozenset(str(row[at]) for row in result.rows)
    if "Computer" in names:
        at = names.index("Computer")
        by_name: dict[str, str] = {status.machine.name: status.machine.id for status in statuses}
        return frozenset(by_name[str(row[at])] for row in result.rows if str(row[at]) in by_name)
    raise BadInput(f"Query {name} has neither a column SourceComputerId nor Computer: its rows name no machine.")


def _run(home: Home, name: str, *, publishes: bool) -> "Result":
    from ops.questions import find_query, limits_of, open_engine
    from query.limits import Limits

    settings = load_settings(home)
    usual = limits_of(settings)
    limits = Limits(rows=None, seconds=usual.seconds, memory=usual.memory)
    saved = find_query(home, name)
    with open_engine(home, settings, limits=limits, publishes=publishes) as engine:
        values = saved.values({})
        return run_interruptibly(engine, lambda: engine.run(saved.text, values, language=saved.language))
