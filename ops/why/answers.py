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
from ops.why.cases import MOST_RUNS, barren_runs, make_case, predictions_of, tries_of
from ops.why.home_sight import look_at_home
from ops.why.past_runs import SeenRuns, runs_seen

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


def why_here(
    home: Home,
    missing: MissingUpdate,
    others: Sequence[Update] = (),
    now: datetime | None = None,
    then: Sequence[MachineStatus] | None = None,
) -> Answer:
    """Why ``missing`` is not installed on its machine; ``others`` are what the machine misses, itself among them.

    ``then`` are the machines as they were at ``now``, where that is an earlier instant: by the deployments and the runs
    of then, and how long a run may take is not reckoned. Blocking, but short: no table is read.
    """
    return next(_answers(home, [missing], others, now, then, with_predictions=then is None))


def why_everywhere(
    home: Home,
    missing: Sequence[MissingUpdate],
    now: datetime | None = None,
    then: Sequence[MachineStatus] | None = None,
) -> list[Answer]:
    """`why_here` of each of ``missing``; how long a run may take is not reckoned. Blocking; for a thread."""
    return [*_answers(home, missing, (), now, then, with_predictions=False)]


def group_answers(answers: Sequence[Answer]) -> list[ReasonGroup]:
    """The reasons of ``answers``, each once, with the machines for which it holds; what stops the most first."""
    return group_reasons([(each.missing.machine_name, each.reasons) for each in answers])


def _answers(
    home: Home,
    missing: Sequence[MissingUpdate],
    others: Sequence[Update],
    now: datetime | None,
    then: Sequence[MachineStatus] | None,
    *,
    with_predictions: bool,
) -> Iterator[Answer]:
    with opened(home.state_file) as connection:
        if then is None:
            statuses = _statuses(home, StatusBook(connection), MachineBook(connection), missing)
        else:
            meant = {each.machine_id for each in missing}
            statuses = {status.machine.id: status for status in then if status.machine.id in meant}
        machines, now, is_past = [status.machine for status in statuses.values()], now or utc_now(), then is not None
        sight = look_at_home(home, connection, machines, {each.update for each in missing}, now, is_past=is_past)
        seen = runs_seen(home, connection, MOST_RUNS, now if is_past else None)
        barren = barren_runs(connection, seen, sight.deployments)
        tries = _tries(connection, seen, missing)
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


def _tries(connection: sqlite3.Connection, seen: SeenRuns, missing: Sequence[MissingUpdate]) -> dict[_Key, _Tries]:
    """What runs made of each update, by machine."""
    wanted: dict[_Key, list[MissingUpdate]] = {}
    for each in missing:
        wanted.setdefault(_key(each.update), []).append(each)
    return {
        key: tries_of(connection, seen, found[0].update, {each.machine_id: each.first_seen for each in found})
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
