"""The approval book: who approved which plan, and who defined what is approved. Every change is audited.

An approval counts only with its entry in the audit, whose entries are chained, and while the audit has none that it was
used, lapsed or was withdrawn: a row that somebody wrote or changed past Patchdeck is none.
"""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from fleet.approvals import Approval
from fleet.deployments.runs import Run
from fleet.editions import Edition
from ops.state.audit import Audit, utc_now
from ops.state.database import transaction
from ops.state.documents import Codec, load_stored

_APPROVALS = Codec(Approval)
_EDITIONS = Codec(Edition)
_GIVEN, _USED = "approval.give", "approval.use"
_ENDED = f"'{_USED}', 'approval.lapse', 'approval.withdraw'"


class ApprovalBook:
    """The approvals of one home. Its methods block; a connection is for one thread."""

    def __init__(
        self, connection: sqlite3.Connection, audit: Audit | None = None, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._connection = connection
        self._audit = audit or Audit(connection, clock=clock)
        self._clock = clock

    def given(self, deployment: str | None = None, plan: str | None = None) -> list[Approval]:
        """The approvals of ``deployment`` and of ``plan``, or of all, in the order they were given."""
        rows = self._connection.execute(
            "SELECT id, document FROM approvals WHERE (?1 IS NULL OR deployment = ?1) "
            "AND (?2 IS NULL OR plan_hash = ?2) ORDER BY id",
            (deployment, plan),
        )
        found = [replace(load_stored(_APPROVALS, document), id=number) for number, document in rows]
        ended, seen = self._ended(found), set[int]()
        return [each if self._is_audited(each, ended) and _is_first(each, seen) else _disowned(each) for each in found]

    def give(self, approval: Approval) -> Approval:
        """Keep ``approval``; as it is kept."""
        after = {
            "plan": approval.plan,
            "numbers": approval.person.numbers,
            "note": approval.note,
            "at": approval.at.isoformat(),
        }
        with transaction(self._connection):
            audit_id = self._record(_GIVEN, approval.deployment, after)
            kept = replace(approval, id=0, audit_id=audit_id)
            cursor = self._connection.execute(
                "INSERT INTO approvals (deployment, plan_hash, document) VALUES (?, ?, ?)",
                (kept.deployment, kept.plan, _APPROVALS.dump(kept)),
            )
        return replace(kept, id=cursor.lastrowid or 0)

    def lapse(self, approvals: Iterable[Approval], why: str, action: str = "approval.lapse") -> list[Approval]:
        """Let those of ``approvals`` that stand hold no more, for the reason ``why``; as they are then."""
        lapsed = [
            replace(each, lapsed_at=self._clock(), lapsed_for=why) for each in approvals if each.is_standing and each.id
        ]
        with transaction(self._connection):
            for each in lapsed:
                self._record(action, each.deployment, {"approval": each.audit_id, "plan": each.plan, "why": why})
                self._put(each)
        return lapsed

    def use(self, approvals: Iterable[Approval], run_id: str) -> None:
        """Note that the run began with ``approvals``: none of them is another's any more."""
        with transaction(self._connection):
            for each in approvals:
                said = {"approval": each.audit_id, "plan": each.plan, "run": run_id}
                use_id = each.use_id or self._record(_USED, each.deployment, said)
                self._put(replace(each, used_by=run_id, use_id=use_id))

    def add_edition(self, edition: Edition) -> None:
        """Keep that somebody defined a deployment anew."""
        with transaction(self._connection):
            self._connection.execute(
                "INSERT INTO editions (deployment, document) VALUES (?, ?)",
                (edition.deployment, _EDITIONS.dump(edition)),
            )

    def editions(self, deployment: str) -> Sequence[Edition]:
        """The editions of ``deployment``, in their order; none of one that was defined before there were any."""
        rows = self._connection.execute(
            "SELECT id, document FROM editions WHERE deployment = ? ORDER BY id", (deployment,)
        )
        return [replace(load_stored(_EDITIONS, document), id=number) for number, document in rows]

    def approve_edition(self, run: Run) -> None:
        """Note that ``run`` began with the approvals that its edition needed."""
        deployment = run.deployment
        with transaction(self._connection):
            for each in self.editions(deployment.name):
                # Of an edition that asks for another number the run has no copy: somebody was editing as it was made.
                if each.id == run.edition and each.needs_approval == deployment.needs_approval and not each.approved_in:
                    document = _EDITIONS.dump(replace(each, id=0, approved_in=run.id))
                    self._connection.execute("UPDATE editions SET document = ? WHERE id = ?", (document, each.id))

    def _put(self, approval: Approval) -> None:
        document = _APPROVALS.dump(replace(approval, id=0))
        self._connection.execute("UPDATE approvals SET document = ? WHERE id = ?", (document, approval.id))

    def _record(self, action: str, deployment: str, said: Mapping[str, object]) -> int:
        """The number of the entry."""
        self._audit.record(action, deployment, None, json.dumps(said))
        (number,) = self._connection.execute("SELECT max(id) FROM audit").fetchone()
        return int(number)

    def _is_audited(self, approval: Approval, ended: Collection[int]) -> bool:
        """Whether the audit says of it what its row says; of one that lapsed only how it began."""
        given = self._said(approval.audit_id, _GIVEN, approval.deployment)
        beginning = (approval.plan, [*approval.person.numbers], approval.at.isoformat())
        # Until 2026-11-23 the entry had no time.
        if (given.get("plan"), given.get("numbers"), given.get("at", beginning[2])) != beginning:
            return False
        if not approval.used_by:
            return not approval.is_standing or approval.audit_id not in ended
        used = self._said(approval.use_id, _USED, approval.deployment)
        return (used.get("approval"), used.get("run")) == (approval.audit_id, approval.used_by)

    def _said(self, number: int, action: str, deployment: str) -> Mapping[str, object]:
        """What the entry with that number says of a deed to ``deployment``; nothing where it is none."""
        row = self._connection.execute(
            "SELECT after FROM audit WHERE id = ? AND action = ? AND target = ? COLLATE NOCASE",
            (number, action, deployment),
        ).fetchone()
        return _read(row[0]) if row else {}

    def _ended(self, approvals: Iterable[Approval]) -> Collection[int]:
        """The entries of the approvals that the audit knows to have ended, of those whose rows stand."""
        since = min((each.audit_id for each in approvals if each.is_standing), default=None)
        if since is None:
            return ()
        rows = self._connection.execute(
            f"SELECT after FROM audit WHERE id > ? AND action IN ({_ENDED})",  # noqa: S608 - ours only
            (since,),
        )
        return {number for (after,) in rows if isinstance(number := _read(after).get("approval"), int)}


def _read(after: str | None) -> Mapping[str, object]:
    with suppress(TypeError, ValueError):
        said = json.loads(after or "")
        return said if isinstance(said, dict) else {}
    return {}


def _is_first(approval: Approval, seen: set[int]) -> bool:
    """Whether no other of them has its entry of the audit: a copy of a row is no approval."""
    is_first = approval.audit_id not in seen
    seen.add(approval.audit_id)
    return is_first


def _disowned(approval: Approval) -> Approval:
    return replace(approval, lapsed_for="the audit has no such approval", used_by="", id=0)


def with_edition(connection: sqlite3.Connection, run: Run) -> Run:
    """``run`` with the edition that its deployment is at, where it has none yet."""
    query = "SELECT coalesce(max(id), 0) FROM editions WHERE deployment = ?"
    (latest,) = connection.execute(query, (run.deployment.name,)).fetchone()
    return replace(run, edition=run.edition or latest)
