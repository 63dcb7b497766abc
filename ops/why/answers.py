"""Why an update is not installed: on one machine, or on all that miss it, grouped by reason."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fleet.reasons.explain import explain, verdict
from fleet.reasons.facts import UpdateTry
from fleet.reasons.reason import Reason
from fleet.reasons.summary import ReasonGroup, group_reasons
from fleet.status import MachineStatus
from fleet.updates import Update
from ops.home import Home
from ops.missing import MissingUpdate
from ops.scope import mark_outside
from ops.state.audit import utc_now
from ops.state.database import opened
from ops.state.machines import MachineBook
from ops.state.statuses import StatusBook
from ops.why.cases import barren_runs, make_case, predictions_of, tries_of
from ops.why.home_sight import look_at_home

_Key = tuple[str, str, str, str]
_Tries = Mapping[str, tuple[UpdateTry, ...]]
# Reading the statuses of the whole fleet takes as long as reading a hundred of them one by one.
_FEW = 100


@dataclass(frozen=True, slots=True)
class Answer:
    """All reasons why ``missing`` is not installed, what stops it first; ``verdict`` is them in a sentence."""

    missing: MissingUpdate
    reasons: tuple[Reason, ...]

    @property
    def verdict(self) -> str:
        """The answer in one sentence."""
        return verdict(self.reasons)


def why_here(home: Home, missing: MissingUpdate, others: Sequence[Update] = (), now: datetime | None = None) -> Answer:
    """Why ``missing`` is not installed on its machine; ``others`` are what the machine misses, itself among them.

    Blocking, but short: no table is read.
    """
    return next(_answers(home, [missing], others, now, with_predictions=True))


def why_everywhere(home: Home, missing: Sequence[MissingUpdate], now: datetime | None = None) -> list[Answer]:
    """`why_here` of each of ``missing``; how long a run may take is not reckoned. Blocking; for a thread."""
    return [*_answers(home, missing, (), now, with_predictions=False)]


def group_answers(answers: Sequence[Answer]) -> list[ReasonGroup]:
    """The reasons of ``answers``, each once, with the machines for which it holds; what stops the most first."""
    return group_reasons([(each.missing.machine_name, each.reasons) for each in answers])


def _answers(
    home: Home,
    missing: Sequence[MissingUpdate],
    others: Sequence[Update],
    now: datetime | None,
    *,
    with_predictions: bool,
) -> Iterator[Answer]:
    with opened(home.state_file) as connection:
        statuses = _statuses(home, StatusBook(connection), MachineBook(connection), missing)
        machines = [status.machine for status in statuses.values()]
        sight = look_at_home(home, connection, machines, {each.update for each in missing}, now or utc_now())
        barren = barren_runs(connection, sight.deployments)
        tries = _tries(connection, missing)
        for each in missing:
            status = statuses.get(each.machine_id)
            mine = tries[_key(each.update)].get(each.machine_id, ())
            predictions = predictions_of(connection, status, others, sight) if with_predictions and status else {}
            case = make_case(each, status, mine, barren, others, predictions)
            yield Answer(each, explain(case, sight))


def _statuses(
    home: Home, book: StatusBook, machines: MachineBook, missing: Sequence[MissingUpdate]
) -> dict[str, MachineStatus]:
    """The statuses of the machines by id; of those that are not enrolled any more nothing."""
    enrolled = machines.with_ids({each.machine_id for each in missing})
    few = len(enrolled) <= _FEW
    known = [book.find(each) for each in enrolled.values()] if few else book.list_statuses()
    return {status.machine.id: status for status in mark_outside(home, [s for s in known if s.machine.id in enrolled])}


def _tries(connection: sqlite3.Connection, missing: Sequence[MissingUpdate]) -> dict[_Key, _Tries]:
    """What runs made of each update, by machine."""
    wanted: dict[_Key, list[MissingUpdate]] = {}
    for each in missing:
        wanted.setdefault(_key(each.update), []).append(each)
    return {
        key: tries_of(connection, found[0].update, {each.machine_id: each.first_seen for each in found})
        for key, found in wanted.items()
    }


def _key(update: Update) -> _Key:
    """What tells an update from others on every machine: what is installed there differs."""
    return (
        update.name,
        update.architecture,
        update.offered_version,
        update.windows.update_id if update.windows else "",
    )
