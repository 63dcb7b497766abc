"""The runs of an earlier instant, as reasons look at them: what each had made of an update by then."""

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fleet.deployments.runs import Run
from fleet.updates import Update
from ops.home import Home
from ops.past.runs import list_runs_at, machines_of_run_at
from ops.state.runs import RunBook
from ops.state.update_tries import MachineTry, UpdateTries


@dataclass(frozen=True, slots=True)
class SeenRuns:
    """``runs`` that somebody had asked for, the latest first; as they stood at ``at``, None: as they stand now."""

    runs: Sequence[Run]
    at: datetime | None = None

    def tries(
        self, connection: sqlite3.Connection, run: Run, machine_ids: Collection[str], update: Update
    ) -> Mapping[str, MachineTry]:
        """What ``run`` had made of ``update`` on those of the machines that were in it, by id."""
        found = UpdateTries(connection).of_run(run.id, machine_ids, update)
        if self.at is None:
            return found
        then = {each.machine_id: each for each in machines_of_run_at(connection, run, self.at)}
        return {
            key: each if (after := then[key]).ended_at else replace(each, status=after.status, error="", outcome=None)
            for key, each in found.items()
            if key in then
        }


def runs_seen(home: Home, connection: sqlite3.Connection, most: int, at: datetime | None) -> SeenRuns:
    """The ``most`` newest runs of ``home``."""
    if at is None:
        return SeenRuns(RunBook(connection).list(limit=most))
    return SeenRuns([each.run for each in list_runs_at(home, at, limit=most)], at)
