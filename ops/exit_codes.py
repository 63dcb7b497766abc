"""How `patchdeck` ends: the exit codes of every verb, each with its meaning for docs/command-line.md."""

from enum import IntEnum

from fleet.errors import (
    BadInput,
    HomeIsNewer,
    HomeUnusable,
    NotPermitted,
    PatchdeckError,
    QueryCancelled,
    QueryTimedOut,
    StoreBusy,
)


class ExitCode(IntEnum):
    """What a verb says to the shell that called it."""

    OK = 0
    FAILED = 1
    USAGE = 2
    MACHINES_FAILED = 3
    HOME_UNUSABLE = 4
    HOME_NEWER = 5
    QUERY_TIMED_OUT = 6
    STORE_BUSY = 7
    PLAN_DRIFTED = 8
    SERVICE_HELD = 9
    SERVICE_DOWN = 10
    NOT_PERMITTED = 11
    AUDIT_BROKEN = 12
    INTERRUPTED = 130

    @property
    def meaning(self) -> str:
        """One sentence for the documentation."""
        return _MEANINGS[self]


_MEANINGS = {
    ExitCode.OK: "Done as asked. Missing updates, and nothing to do, are answers and not failures.",
    ExitCode.FAILED: "Not done: what was asked for is allowed and failed, for example an export to a full disk.",
    ExitCode.USAGE: "What was given cannot be used: an option, a target, a setting, a query, an empty fleet to assess.",
    ExitCode.MACHINES_FAILED: (
        "Done and stored, but not everywhere: a machine could not be assessed, a check failed with an error, a run "
        "ended as failed or cancelled."
    ),
    ExitCode.HOME_UNUSABLE: "The home cannot be created, read or written.",
    ExitCode.HOME_NEWER: "The home was written by a newer Patchdeck; nothing in it was touched.",
    ExitCode.QUERY_TIMED_OUT: "The query ran into its time limit.",
    ExitCode.STORE_BUSY: "Another process held the tables or state.db for longer than we wait.",
    ExitCode.PLAN_DRIFTED: "The run installed nothing: what it would have done is not the plan that was required.",
    ExitCode.SERVICE_HELD: "Another service works for this home already; says which.",
    ExitCode.SERVICE_DOWN: "No service works for this home: the answer of `service status`.",
    ExitCode.NOT_PERMITTED: "The home is opened read-only, or your role in it does not allow that; nothing was done.",
    ExitCode.AUDIT_BROKEN: "The audit is not as it was written: the answer of `audit verify`, which says where.",
    ExitCode.INTERRUPTED: "Interrupted (Ctrl-C, SIGTERM, SIGHUP); what had come in until then is stored.",
}

# The first class that fits decides: the specific ones stand first.
_BY_ERROR = (
    (BadInput, ExitCode.USAGE),
    (HomeIsNewer, ExitCode.HOME_NEWER),
    (HomeUnusable, ExitCode.HOME_UNUSABLE),
    (NotPermitted, ExitCode.NOT_PERMITTED),
    (QueryTimedOut, ExitCode.QUERY_TIMED_OUT),
    (StoreBusy, ExitCode.STORE_BUSY),
    (QueryCancelled, ExitCode.INTERRUPTED),
)


def exit_code_of(error: PatchdeckError) -> ExitCode:
    """The code with which a verb ends that raised ``error``."""
    return next((code for kind, code in _BY_ERROR if isinstance(error, kind)), ExitCode.FAILED)
