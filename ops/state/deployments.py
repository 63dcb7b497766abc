"""The deployment book: what deployments are defined, and the files they were read from. Every change is audited."""

import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime

from fleet.approval_messages import lapsed_message
from fleet.deployments.checking import check_deployment
from fleet.deployments.deployment import Deployment
from fleet.edit_conflicts import EditConflict, EditedPlace
from fleet.editions import Edition
from fleet.errors import BadInput, UnknownName
from fleet.persons import Person
from ops.edit_conflicts import require_unchanged
from ops.persons import current_person
from ops.state.approvals import ApprovalBook
from ops.state.audit import Audit
from ops.state.database import transaction
from ops.state.documents import Codec, load_stored
from ops.state.outbox import Outbox

_CODEC = Codec(Deployment)
_SELECT = "SELECT document, source, source_format, source_folder, revision, changed_at, changed_by FROM deployments"
_INSERT = """
INSERT INTO deployments (document, source, source_format, source_folder, changed_at, changed_by, name)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""
# The name too: it may be given in another case.
_UPDATE = """
UPDATE deployments
SET document = ?, source = ?, source_format = ?, source_folder = ?, changed_at = ?, changed_by = ?, name = ?,
    revision = revision + 1
WHERE name = ?7
"""

_Row = tuple[str, str, str, str, int, str, str]


@dataclass(frozen=True, slots=True)
class Source:
    """The file that a deployment was read from: its ``text`` to the byte, its ``format`` (``toml``, ``yaml``), and the
    ``folder`` from which relative paths in it lead. All are empty where options defined it.
    """

    text: str = ""
    format: str = ""
    folder: str = ""


NO_SOURCE = Source()


@dataclass(frozen=True, slots=True)
class StoredDeployment:
    """A deployment as it is kept. ``revision`` is 1 when it is added and one more after each change."""

    deployment: Deployment
    source: Source
    revision: int
    changed_at: datetime
    changed_by: str


class DeploymentBook:
    """The deployments of one home. Names are unique whatever their case, and stay: history hangs on them.

    What changes a deployment, apart from enabling it, is a new edition of it, and lets its approvals lapse. ``person``
    is who defines; by default whoever runs this process.
    """

    def __init__(
        self, connection: sqlite3.Connection, audit: Audit | None = None, person: Person | None = None
    ) -> None:
        self._connection = connection
        self._audit = audit or Audit(connection)
        self._person = person

    def list(self) -> list[StoredDeployment]:
        """All deployments by name, disabled ones too."""
        return [_stored(row) for row in self._connection.execute(f"{_SELECT} ORDER BY name")]

    def find(self, name: str) -> StoredDeployment:
        """The deployment called ``name``, whatever the case.

        Raises:
            UnknownName: none is.
        """
        row = self._connection.execute(f"{_SELECT} WHERE name = ?", (name,)).fetchone()
        if row is None:
            names = self._connection.execute("SELECT name FROM deployments")
            raise UnknownName("deployment", name, [known for (known,) in names])
        return _stored(row)

    def add(self, deployment: Deployment, source: Source = NO_SOURCE) -> StoredDeployment:
        """Keep a new deployment, and return it as it is kept.

        Raises:
            BadInput: there is one of that name, or it cannot work (`check_deployment`).
        """
        check_deployment(deployment)
        with transaction(self._connection):
            self._write(_INSERT, deployment, source)
            self._audit.record("deployment.add", deployment.name, None, _CODEC.dump(deployment))
            self._add_edition(deployment, is_added=True)
            return self.find(deployment.name)

    def replace(
        self,
        deployment: Deployment,
        source: Source = NO_SOURCE,
        *,
        seen: StoredDeployment | None = None,
    ) -> StoredDeployment:
        """Put ``deployment`` in the place of the one of its name; no change, no new revision, no audit.

        ``seen`` is the one that the caller has read and edited.

        Raises:
            UnknownName: there is none of that name.
            BadInput: it cannot work.
            EditConflict: it is not as it was ``seen`` any more.
        """
        check_deployment(deployment)
        with transaction(self._connection):
            before = self.find(deployment.name)
            if seen is not None:
                self._require_unchanged(seen, before, deployment, source)
            if (before.deployment, before.source) == (deployment, source):
                return before
            return self._put("deployment.edit", before, deployment, source)

    def set_enabled(self, name: str, *, enabled: bool) -> StoredDeployment:
        """Enable or disable the deployment called ``name``; no change, no audit. The source stays as it was read.

        Raises:
            UnknownName: none is called that.
        """
        with transaction(self._connection):
            before = self.find(name)
            if before.deployment.enabled is enabled:
                return before
            after = replace(before.deployment, enabled=enabled)
            action = "deployment.enable" if enabled else "deployment.disable"
            return self._put(action, before, after, before.source)

    def remove(self, name: str) -> StoredDeployment:
        """Remove the deployment called ``name``, and return it; its runs and their history stay.

        Raises:
            UnknownName: none is called that.
        """
        with transaction(self._connection):
            stored = self.find(name)
            self._connection.execute("DELETE FROM deployments WHERE name = ?", (name,))
            self._audit.record("deployment.remove", stored.deployment.name, _CODEC.dump(stored.deployment), None)
            self._lapse_approvals(stored.deployment, "removed")
        return stored

    def _require_unchanged(
        self, seen: StoredDeployment, theirs: StoredDeployment, mine: Deployment, source: Source
    ) -> None:
        name = theirs.deployment.name
        require_unchanged(self._connection, ("deployment", name), seen.deployment, theirs.deployment, mine)
        if source.text and theirs.source not in (seen.source, source):  # the same, told in another text
            places = (EditedPlace("text", seen.source.text, theirs.source.text, source.text),)
            raise EditConflict(
                f"the text of deployment {name}", seen.deployment, theirs.deployment, mine,
                by=theirs.changed_by, at=theirs.changed_at, places=places,
            )  # fmt: skip

    def _put(self, action: str, before: StoredDeployment, deployment: Deployment, source: Source) -> StoredDeployment:
        self._write(_UPDATE, deployment, source)
        self._audit.record(action, deployment.name, _CODEC.dump(before.deployment), _CODEC.dump(deployment))
        if replace(before.deployment, enabled=deployment.enabled) != deployment:
            self._add_edition(deployment)
            self._lapse_approvals(before.deployment, "edited")
        return self.find(deployment.name)

    def _add_edition(self, deployment: Deployment, *, is_added: bool = False) -> None:
        person, at = self._person or current_person(), self._audit.now()
        edition = Edition(deployment.name, person, at, deployment.needs_approval, is_added=is_added)
        ApprovalBook(self._connection, self._audit, self._audit.now).add_edition(edition)

    def _lapse_approvals(self, deployment: Deployment, done: str) -> None:
        book = ApprovalBook(self._connection, self._audit, self._audit.now)
        why = f"{self._audit.actor.user} {done} the deployment"
        lapsed = book.lapse(book.given(deployment.name), why)
        if lapsed and deployment.channels:
            message = lapsed_message(deployment.name, lapsed, why, self._audit.now())
            Outbox(self._connection).post(message, deployment.channels)

    def _write(self, statement: str, deployment: Deployment, source: Source) -> None:
        read_from = (source.text, source.format, source.folder)
        changed = (self._audit.now().isoformat(timespec="microseconds"), self._audit.actor.user)
        try:
            self._connection.execute(statement, (_CODEC.dump(deployment), *read_from, *changed, deployment.name))
        except sqlite3.IntegrityError as error:
            raise BadInput(
                f"There is already a deployment {deployment.name!r} (upper and lower case are the same)."
            ) from error


def _stored(row: _Row) -> StoredDeployment:
    document, text, format_, folder, revision, changed_at, changed_by = row
    deployment = load_stored(_CODEC, document)
    source = Source(text, format_, folder)
    return StoredDeployment(deployment, source, revision, datetime.fromisoformat(changed_at), changed_by)
