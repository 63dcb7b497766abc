"""The status book: of each machine its last assessment and the last one that it answered."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from string import ascii_lowercase, ascii_uppercase

from fleet.assessments import Assessment
from fleet.facts import SearchWay
from fleet.machines import Machine
from fleet.shared_values import SharedValues
from fleet.status import LISTED_FACTS, AssessmentSummary, MachineStatus, summarise
from ops.state.database import transaction
from ops.state.documents import Codec, load_stored

_MACHINES = Codec(Machine, shares=True)
_SUMMARIES = Codec(AssessmentSummary, shares=True)


class _BriefSummaries(Codec[AssessmentSummary]):
    """Reads of the facts only those that lists show; what is equal then is one object."""

    def __init__(self) -> None:
        super().__init__(AssessmentSummary, shares=True)
        self._share = SharedValues().share

    def load(self, text: str | bytes) -> AssessmentSummary:
        """The summary, without what of its facts no list shows."""
        plain = json.loads(text)
        facts = plain.get("facts", {})
        plain["facts"] = {name: facts[name] for name in LISTED_FACTS if name in facts}
        found, share = self.read(plain), self._share
        return replace(found, facts=share(found.facts), counts=share(found.counts), findings=share(found.findings))


_BRIEF_SUMMARIES = _BriefSummaries()

# An assessment that came in late changes nothing that is newer. `answer` is null where the attempt is the answer.
_RECORD = """
INSERT INTO statuses (machine_id, attempted_at, answered_at, attempt, answer)
SELECT :id, :ended_at, :answered_at, :attempt, NULL
WHERE EXISTS (SELECT 1 FROM machines WHERE id = :id)
ON CONFLICT (machine_id) DO UPDATE SET
    attempted_at = excluded.attempted_at,
    attempt = excluded.attempt,
    answered_at = coalesce(excluded.answered_at, answered_at),
    answer = CASE
        WHEN excluded.answered_at IS NOT NULL THEN NULL
        WHEN answered_at = attempted_at THEN attempt
        ELSE answer
    END
WHERE excluded.attempted_at > attempted_at
"""


class StatusBook:
    """What is known now of the machines of one home. Where ``is_brief``, what it lists has of the facts only
    `fleet.status.LISTED_FACTS`: of ten thousand machines that is a third less.
    """

    def __init__(self, connection: sqlite3.Connection, *, is_brief: bool = False) -> None:
        self._connection = connection
        self._is_brief = is_brief
        # Reading 10,000 statuses takes half a second: what has not changed since the last listing is not read again.
        self._listed: dict[str, MachineStatus] = {}
        self._listed_at = -1

    def record(self, assessments: Iterable[Assessment]) -> None:
        """Take in ``assessments``, all or none. Ones that are older than what is known, or of machines that are not
        enrolled any more, change nothing; the same one twice is once.
        """
        with transaction(self._connection):
            for assessment in assessments:
                self._connection.execute(_RECORD, _parameters(assessment))
                self._learn_os_type(assessment)

    def list_statuses(self) -> list[MachineStatus]:
        """The status of every enrolled machine, by name; also of those never assessed."""
        # The revision first: what changes in between is read again.
        revision, last = self.revision(), self._listed_at
        if last < 0 or not self._take(self.changed_since(last), self._removed_since(last)):
            rows = self._connection.execute(_SELECT.format(where=""))
            self._listed = {
                status.machine.id: status for status in (read_status(*row, is_brief=self._is_brief) for row in rows)
            }
        self._listed_at = revision
        return list(self._listed.values())

    def _take(self, changed: Iterable[MachineStatus], removed: Iterable[str]) -> bool:
        """Puts what changed in its place, and leaves out who went; whether that is all there is."""
        listed, are_sorted = self._listed, True
        for machine_id in removed:
            listed.pop(machine_id, None)
        for each in changed:
            known = listed.get(each.machine.id)
            are_sorted = are_sorted and known is not None and known.machine.name == each.machine.name
            listed[each.machine.id] = each
        if not are_sorted:
            self._listed = dict(sorted(listed.items(), key=_by_name))
        count: int = self._connection.execute("SELECT count(*) FROM machines").fetchone()[0]
        return count == len(listed)

    def _removed_since(self, revision: int) -> list[str]:
        """The ids of the machines that were removed after ``revision`` and are not enrolled again."""
        return [each[0] for each in self._connection.execute(_REMOVED, (revision,))]

    def changed_since(self, revision: int) -> list[MachineStatus]:
        """The statuses of the machines that changed, or whose status did, after ``revision``; by name."""
        # By the plus: ten thousand machines in the order of the index take five times as long as those few sorted.
        select = _SELECT.format(where="WHERE revision > ?").replace("BY name", "BY +name")
        rows = self._connection.execute(select, (revision,))
        return [read_status(*row, is_brief=self._is_brief) for row in rows]

    def find(self, machine: Machine) -> MachineStatus:
        """What is known of ``machine``."""
        rows = self._connection.execute(_SELECT.format(where="WHERE machines.id = ?"), (machine.id,))
        return next((read_status(*row) for row in rows), MachineStatus(machine))

    def put(self, status: MachineStatus) -> None:
        """Keep what ``status`` says in the place of what is known of its machine, which is enrolled."""
        attempt, answer = status.last_attempt, status.last_answer
        with transaction(self._connection):
            self.drop(status.machine.id)
            if attempt is None:
                return
            self._connection.execute(
                "INSERT INTO statuses (machine_id, attempted_at, answered_at, attempt, answer) VALUES (?, ?, ?, ?, ?)",
                (
                    status.machine.id,
                    attempt.ended_at.isoformat(timespec="microseconds"),
                    answer.ended_at.isoformat(timespec="microseconds") if answer else None,
                    _SUMMARIES.dump(attempt),
                    _SUMMARIES.dump(answer) if answer is not None and answer != attempt else None,
                ),
            )

    def drop(self, machine_id: str) -> None:
        """Forget what is known of the machine: it counts as never assessed."""
        with transaction(self._connection):
            self._connection.execute("DELETE FROM statuses WHERE machine_id = ?", (machine_id,))
            # Nothing counts removed statuses; a change of the machine, even to the same, is one of its revision.
            self._connection.execute("UPDATE machines SET document = document WHERE id = ?", (machine_id,))

    def revision(self) -> int:
        """The number of changes of machines and statuses so far."""
        value: int = self._connection.execute("SELECT value FROM meta WHERE key = 'revision'").fetchone()[0]
        return value

    def answered_at(self, machine_ids: Iterable[str]) -> dict[str, datetime]:
        """When each of the machines was last assessed and answered, by id; without those that never were."""
        rows = self._connection.execute(
            "SELECT machine_id, answered_at FROM statuses "
            "WHERE answered_at IS NOT NULL AND machine_id IN (SELECT value FROM json_each(?))",
            (json.dumps([*machine_ids]),),
        )
        return {machine_id: datetime.fromisoformat(time) for machine_id, time in rows}

    def search_ways(self, machine_ids: Iterable[str]) -> dict[str, SearchWay]:
        """How Windows Update was asked at the last answer of each of the machines, by id; without those not known."""
        rows = self._connection.execute(_SEARCH_WAYS, (json.dumps([*machine_ids]),))
        return {machine_id: SearchWay(way) for machine_id, way in rows if way in set(SearchWay)}

    def _learn_os_type(self, assessment: Assessment) -> None:
        """Targets such as os:linux need the system's family, which most machines are enrolled without."""
        os_type = assessment.facts.os_type
        if os_type is None:
            return
        row = self._connection.execute(
            "SELECT document FROM machines WHERE id = ? AND json_extract(document, '$.os_type') IS NOT ?",
            (assessment.machine_id, os_type.value),
        ).fetchone()
        if row is not None:
            machine = replace(load_stored(_MACHINES, row[0]), os_type=os_type)
            self._connection.execute(
                "UPDATE machines SET document = ? WHERE id = ?", (_MACHINES.dump(machine), machine.id)
            )


# `answer` is null where the attempt is the answer.
_SEARCH_WAYS = """
SELECT machine_id, json_extract(coalesce(answer, attempt), '$.facts.windows.search_way') AS way
FROM statuses
WHERE answered_at IS NOT NULL AND way IS NOT NULL AND machine_id IN (SELECT value FROM json_each(?))
"""

_REMOVED = """
SELECT machine_id
FROM removals
WHERE revision > ? AND machine_id NOT IN (SELECT id FROM machines)
"""

_SELECT = """
SELECT document, attempted_at, answered_at, attempt, answer
FROM machines LEFT JOIN statuses ON machine_id = id
{where}
ORDER BY name
"""


# As SQLite's NOCASE, by which names are sorted: only the letters of ASCII have no case.
_NO_CASE = str.maketrans(ascii_uppercase, ascii_lowercase)


def _by_name(listed: tuple[str, MachineStatus]) -> str:
    return listed[1].machine.name.translate(_NO_CASE)


def _parameters(assessment: Assessment) -> dict[str, str | None]:
    ended_at = assessment.ended_at.isoformat(timespec="microseconds")
    return {
        "id": assessment.machine_id,
        "ended_at": ended_at,
        "answered_at": None if assessment.failure else ended_at,
        "attempt": _SUMMARIES.dump(summarise(assessment)),
    }


def read_status(
    document: str,
    attempted_at: str | None,
    answered_at: str | None,
    attempt: str | None,
    answer: str | None,
    *,
    is_brief: bool = False,
) -> MachineStatus:
    """The status that these columns of state.db hold; where it ``is_brief``, as `StatusBook` says.

    Raises:
        HomeUnusable: one of them is damaged, or holds what only a newer Patchdeck knows.
    """
    codec = _BRIEF_SUMMARIES if is_brief else _SUMMARIES
    last_attempt = load_stored(codec, attempt) if attempt else None
    answered_last = answered_at is not None and answered_at == attempted_at
    last_answer = last_attempt if answered_last else load_stored(codec, answer) if answer else None
    return MachineStatus(load_stored(_MACHINES, document), last_attempt, last_answer)
