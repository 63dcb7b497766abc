"""The state of a home in SQLite: machines, their status, the audit."""

from ops.state.audit import Actor, Audit, AuditEntry
from ops.state.database import connect, opened, transaction
from ops.state.machines import MachineBook
from ops.state.statuses import StatusBook

__all__ = ["Actor", "Audit", "AuditEntry", "MachineBook", "StatusBook", "connect", "opened", "transaction"]
