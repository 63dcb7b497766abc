"""Who is served by this process, where it is a session of `patchdeck serve-ssh`: set once, before anything is opened.

The server knows it from the key that the client proved to have; nothing that the client says counts.
"""

from collections.abc import Iterable

from fleet.errors import NotPermitted
from fleet.ssh_logins import Login

_ACTING: list[Login] = []


def act_as(login: Login) -> None:
    """From now on this process does what it does for ``login``, and for nobody else.

    Raises:
        NotPermitted: it serves somebody already.
    """
    if _ACTING:
        raise NotPermitted(f"This process serves {_ACTING[0].user} already.")
    _ACTING.append(login)


def acting_login() -> Login | None:
    """Whom this process serves; None where it is its Unix user's own."""
    return _ACTING[0] if _ACTING else None


def require_own_host(deed: str) -> None:
    """Let pass a process that is its Unix user's own. ``deed`` says what would be done, as in "write a file".

    Raises:
        NotPermitted: it is a session of `patchdeck serve-ssh`, which gives nobody files or programs of its host.
    """
    if (login := acting_login()) is not None:
        raise NotPermitted(
            f"Cannot {deed}: {login.user} is here over serve-ssh, which gives the app and nothing of the server's own. "
            "Patchdeck on the host itself can. Nothing was changed."
        )


def require_own_programs(deed: str, before: Iterable[object], after: Iterable[object]) -> None:
    """Let pass a definition that names no program or file of the host ``after`` that was not named ``before``; any, in
    a process that is its Unix user's own: who could name them over SSH would have a shell, or files.

    Raises:
        NotPermitted: see `require_own_host`.
    """
    if set(after) - set(before):
        require_own_host(deed)
