"""The state of a home in SQLite: machines, their status, the audit."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ops.state.audit import Actor, Audit, AuditEntry
    from ops.state.database import connect, opened, transaction
    from ops.state.machines import MachineBook
    from ops.state.statuses import StatusBook
else:
    # What is exported, once it is asked for: whoever needs one module of the many should not wait for all.
    _MODULES = {
        "audit": ("Actor", "Audit", "AuditEntry"),
        "database": ("connect", "opened", "transaction"),
        "machines": ("MachineBook",),
        "statuses": ("StatusBook",),
    }

    def __getattr__(name: str) -> object:
        for module, names in _MODULES.items():
            if name in names:
                return getattr(import_module(f"ops.state.{module}"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = ["Actor", "Audit", "AuditEntry", "MachineBook", "StatusBook", "connect", "opened", "transaction"]
