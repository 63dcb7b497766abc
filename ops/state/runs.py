"""The run book: runs, their machines, their journal, and what is asked of them; each change whole or not at all.

A document and the journal entries that go with it are written together, so that the journal never tells of what the
documents don't know. Inside a `transaction` of the caller's, all of that is one.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fleet.deployments.plan import Plan
from fleet.deployments.runs import MachineRun, Requester, Run, RunStatus, RunStep
from fleet.errors import BadInput, UnknownName
from ops.state.audit import Actor, Audit, utc_now
from ops.state.database import transaction
from ops.state.documents import Codec, load_stored

_RUNS = Codec(Run)
_PLANS = Codec(Plan)
_MACHINE_RUNS = Codec(MachineRun)
_REQUESTERS = Codec(Requester)
_OVER = tuple(status.value for status in RunStatus if status.is_over)
_NAMES_OFFERED = 20
_MEANT = """WHERE deployment = ?1
ORDER BY status IN (SELECT value FROM json_each(?2)), status = 'Waiting', json_extract(document, '$.ended_at') DESC,
opens_at LIMIT 1"""


class JournalPhase(StrEnum):
    """BEGIN and END are before and after a step, NOTE is anything that is to be remembered within or beside it."""

    BEGIN = "begin"
    END = "end"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A line of a run's journal. ``id`` 0: not written yet. ``machine_id`` is empty for the whole run.

    ``detail`` is a JSON object, or empty.
    """

    id: int
    run_id: str
    machine_id: str
    at: datetime
    step: RunStep
    phase: JournalPhase
    detail: str = ""


class RunAction(StrEnum):
    """What may be asked of a run."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class RunRequest:
    """Something that is asked of a run and not done yet."""

    id: int
    run_id: str
    action: RunAction
    at: datetime
    requester: Requester


class RunBook:
    """The runs of one home. Its methods block; a connection is for one thread."""

    def __init__(self, connection: sqlite3.Connection, clock: Callable[[], datetime] = utc_now) -> None:
        self._connection = connection
        self._clock = clock

    def make(self, run: Run) -> None:
        """Keep a new ``run``; the audit says who asked for it.

        Raises:
            BadInput: there is one with that id.
        """
        values = (run.id, run.deployment.name, run.status.value, _text(run.opens_at), _RUNS.dump(run))
        with transaction(self._connection):
            try:
                self._connection.execute(
                    "INSERT INTO runs (id, deployment, status, opens_at, document) VALUES (?, ?, ?, ?, ?)", values
                )
            except sqlite3.IntegrityError as error:
                raise BadInput(f"There is already a run {run.id!r}.") from error
            self._audit(run.requester, "run.make", run.id, run.deployment.name)

    def find(self, text: str) -> Run:
        """The run with the id ``text``, or that begins so; of the deployment of that name the one that goes on, else
        that waits and opens next, else that ended last.

        Raises:
            UnknownName: there is none.
            BadInput: several ids begin so.
        """
        found = self._select("WHERE id = ?", (text,)) or self._select(_MEANT, (text, json.dumps(_OVER)))
        if not found and text:
            found = self._select("WHERE substr(id, 1, ?) = ? ORDER BY id", (len(text), text))
        if len(found) > 1:
            raise BadInput(f"{len(found)} runs begin with {text!r}: {found[0].id}, {found[1].id}, … Write more of it.")
        if not found:
            latest = self.list(limit=_NAMES_OFFERED)
            raise UnknownName("run", text, {name for run in latest for name in (run.id, run.deployment.name)})
        return found[0]

    def list(
        self,
        deployment: str | None = None,
        statuses: Iterable[RunStatus] | None = None,
        limit: int | None = None,
    ) -> Sequence[Run]:
        """The runs by when their windows open, latest first; of ``deployment`` only, in ``statuses`` only."""
        chosen = None if statuses is None else json.dumps([status.value for status in statuses])
        return self._select(
            "WHERE (?1 IS NULL OR deployment = ?1) "
            "AND (?2 IS NULL OR status IN (SELECT value FROM json_each(?2))) "
            "ORDER BY opens_at DESC, id DESC LIMIT ?3",
            (deployment, chosen, -1 if limit is None else limit),
        )

    def save(self, run: Run, entries: Iterable[JournalEntry] = ()) -> None:
        """Put ``run`` in the place of the one with its id, and add ``entries`` to the journal."""
        with transaction(self._connection):
            self._put(run)
            self._write(entries)

    def freeze(
        self, run: Run, plan: Plan, machine_runs: Iterable[MachineRun], entries: Iterable[JournalEntry] = ()
    ) -> None:
        """Keep ``plan`` as that of ``run``, with its machines, which are in the order of the waves."""
        with transaction(self._connection):
            self._put(run)
            self._connection.execute("INSERT OR REPLACE INTO plans VALUES (?, ?)", (run.id, _PLANS.dump(plan)))
            self._connection.execute("DELETE FROM machine_runs WHERE run_id = ?", (run.id,))
            for position, machine_run in enumerate(machine_runs):
                self._insert_machine(machine_run, position, _MACHINE_RUNS.dump(machine_run))
            self._write(entries)

    def plan_of(self, run_id: str) -> Plan | None:
        """The plan that was frozen for the run, None if none is yet."""
        row = self._connection.execute("SELECT document FROM plans WHERE run_id = ?", (run_id,)).fetchone()
        return load_stored(_PLANS, row[0]) if row else None

    def machines(self, run_id: str) -> Sequence[MachineRun]:
        """The machines of the run, in the order of its waves."""
        query = "SELECT document FROM machine_runs WHERE run_id = ? ORDER BY position"
        rows = self._connection.execute(query, (run_id,))
        return [load_stored(_MACHINE_RUNS, document) for (document,) in rows]

    def save_machine(self, machine_run: MachineRun, entries: Iterable[JournalEntry] = ()) -> None:
        """Put ``machine_run`` in the place of what was known of that machine, and add ``entries`` to the journal."""
        with transaction(self._connection):
            self._put_machine(machine_run)
            self._connection.execute("UPDATE runs SET revision = revision + 1 WHERE id = ?", (machine_run.run_id,))
            self._write(entries)

    def revision(self, run_id: str) -> int:
        """A number that grows with every change of the run or of a machine of it; 0 where there is no such run."""
        row = self._connection.execute("SELECT revision FROM runs WHERE id = ?", (run_id,)).fetchone()
        return int(row[0]) if row else 0

    def journal(self, run_id: str, after: int = 0) -> Sequence[JournalEntry]:
        """The journal of the run, in order; only what came after the entry with the id ``after``."""
        rows = self._connection.execute(
            "SELECT id, machine_id, at, step, phase, detail FROM journal WHERE run_id = ? AND id > ? ORDER BY id",
            (run_id, after),
        )
        return [
            JournalEntry(
                entry_id, run_id, machine_id, datetime.fromisoformat(at), RunStep(step), JournalPhase(phase), detail
            )
            for entry_id, machine_id, at, step, phase, detail in rows
        ]

    def add_entries(self, entries: Iterable[JournalEntry]) -> None:
        """Add ``entries`` to the journal, all or none."""
        with transaction(self._connection):
            self._write(entries)

    def claim(self, machine_id: str, run_id: str) -> str | None:
        """Take the machine for the run; None, or the id of the other run that has it.

        What a run left behind that is over, or is not known any more, does not count.
        """
        with transaction(self._connection):
            self._connection.execute(
                "DELETE FROM machine_claims WHERE machine_id = ? AND run_id NOT IN "
                "(SELECT id FROM runs WHERE status NOT IN (SELECT value FROM json_each(?)))",
                (machine_id, json.dumps(_OVER)),
            )
            self._connection.execute(
                "INSERT OR IGNORE INTO machine_claims VALUES (?, ?, ?)", (machine_id, run_id, _text(self._clock()))
            )
            holder = "SELECT run_id FROM machine_claims WHERE machine_id = ?"
            row = self._connection.execute(holder, (machine_id,)).fetchone()
        return None if row[0] == run_id else str(row[0])

    def release(self, machine_id: str, run_id: str) -> None:
        """Let the machine go, if it is the run that has it."""
        with transaction(self._connection):
            held = "DELETE FROM machine_claims WHERE machine_id = ? AND run_id = ?"
            self._connection.execute(held, (machine_id, run_id))

    def ask(self, run_id: str, action: RunAction, requester: Requester) -> None:
        """Ask something of a run; whoever works on it does it. The audit says who asked.

        Raises:
            UnknownName: there is no such run.
            BadInput: it is over.
        """
        with transaction(self._connection):
            run = self.find(run_id)
            if run.status.is_over:
                raise BadInput(f"The run {run.id} is over: {run.status.value}.")
            self._connection.execute(
                "INSERT INTO run_requests (run_id, action, at, requester) VALUES (?, ?, ?, ?)",
                (run.id, action.value, _text(self._clock()), _REQUESTERS.dump(requester)),
            )
            self._audit(requester, f"run.{action.value}", run.id, run.deployment.name)

    def open_requests(self, run_id: str | None = None) -> Sequence[RunRequest]:
        """What is asked and not done yet, in the order it was asked; of one run only."""
        rows = self._connection.execute(
            "SELECT id, run_id, action, at, requester FROM run_requests "
            "WHERE done_at IS NULL AND (?1 IS NULL OR run_id = ?1) ORDER BY id",
            (run_id,),
        )
        return [
            RunRequest(number, asked, RunAction(action), datetime.fromisoformat(at), load_stored(_REQUESTERS, who))
            for number, asked, action, at, who in rows
        ]

    def settle(self, request_id: int) -> None:
        """Note that what was asked is done, or needs nothing done any more."""
        with transaction(self._connection):
            done = "UPDATE run_requests SET done_at = ? WHERE id = ? AND done_at IS NULL"
            self._connection.execute(done, (_text(self._clock()), request_id))

    def note_start(self, deployment: str, due_at: datetime, outcome: str, run_id: str = "") -> bool:
        """Note what came of a start of a schedule; False, and nothing noted, where it was dealt with before."""
        with transaction(self._connection):
            cursor = self._connection.execute(
                "INSERT OR IGNORE INTO starts (deployment, due_at, run_id, outcome) VALUES (?, ?, ?, ?)",
                (deployment, _text(due_at), run_id, outcome),
            )
        return cursor.rowcount == 1

    def _select(self, where: str, parameters: tuple[object, ...]) -> Sequence[Run]:
        rows = self._connection.execute(f"SELECT document FROM runs {where}", parameters)  # noqa: S608 - ours only
        return [load_stored(_RUNS, document) for (document,) in rows]

    def _put(self, run: Run) -> None:
        self._connection.execute(
            "UPDATE runs SET status = ?, opens_at = ?, document = ?, revision = revision + 1 WHERE id = ?",
            (run.status.value, _text(run.opens_at), _RUNS.dump(run), run.id),
        )

    def _put_machine(self, machine_run: MachineRun) -> None:
        document = _MACHINE_RUNS.dump(machine_run)
        cursor = self._connection.execute(
            "UPDATE machine_runs SET status = ?, document = ? WHERE run_id = ? AND machine_id = ?",
            (machine_run.status.value, document, machine_run.run_id, machine_run.machine_id),
        )
        # Most are known: looking for the last position reads all machines of the run.
        if cursor.rowcount == 0:
            query = "SELECT coalesce(max(position) + 1, 0) FROM machine_runs WHERE run_id = ?"
            (position,) = self._connection.execute(query, (machine_run.run_id,)).fetchone()
            self._insert_machine(machine_run, position, document)

    def _insert_machine(self, each: MachineRun, position: int, document: str) -> None:
        self._connection.execute(
            "INSERT INTO machine_runs (run_id, machine_id, wave, position, status, document) VALUES (?, ?, ?, ?, ?, ?)",
            (each.run_id, each.machine_id, each.wave, position, each.status.value, document),
        )

    def _write(self, entries: Iterable[JournalEntry]) -> None:
        self._connection.executemany(
            "INSERT INTO journal (run_id, machine_id, at, step, phase, detail) VALUES (?, ?, ?, ?, ?, ?)",
            [(each.run_id, each.machine_id, _text(each.at), each.step, each.phase, each.detail) for each in entries],
        )

    def _audit(self, requester: Requester, action: str, run_id: str, deployment: str) -> None:
        actor = Actor(requester.user, requester.ssh_client, requester.command, requester.origin)
        after = {"deployment": deployment, **({"reason": requester.reason} if requester.reason else {})}
        Audit(self._connection, actor, self._clock).record(action, run_id, None, json.dumps(after))


def _text(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")
