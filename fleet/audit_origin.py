"""Whose process did something, as far as the kernel says it: no name or environment that a user can set counts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a deed came from. None and empty: not known, or (a login) that there was none, as for a system's service.

    Args:
        uid: the user that the process ran as, by number.
        login_uid: who logged in, by number, whatever user they became since with sudo or su.
        terminal: its controlling terminal, as in ``pts/3``.
        host: the console that it ran on.
        pid: its number there.
        login: whom a session of `patchdeck serve-ssh` served, by the name of their key; its user is the server's.
    """

    uid: int | None = None
    login_uid: int | None = None
    terminal: str = ""
    host: str = ""
    pid: int | None = None
    login: str = ""

    @property
    def real_uid(self) -> int | None:
        """The person: who logged in, where that is known, else the user of the process."""
        return self.uid if self.login_uid is None else self.login_uid
