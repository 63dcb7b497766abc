"""One run of `patchdeck`: its home, opened when it is first needed, and its settings; and opening the app over it.

Typer stays out of it: the app, which needs none, starts without.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from fleet.errors import BadInput
from fleet.roles import Role
from ops.cli.home_name import tell_home
from ops.cli.terminal import is_dumb_terminal, is_terminal
from ops.cli.verb_roles import require_role, role_of_verb
from ops.config import Settings, load_settings
from ops.home import Home, open_home
from ops.logs import open_log


@dataclass(frozen=True, slots=True)
class AppRequest:
    """What the app is to be opened over: a home, and in the demo the clock that stands for the real one.

    ``is_ascii`` is for a terminal that shows nothing but ASCII.
    """

    home: Home
    clock: Callable[[], datetime] | None = None
    title: str = "Patchdeck"
    is_ascii: bool = False


OpenApp = Callable[[AppRequest], int]


@dataclass(slots=True)
class Session:
    """One run of `patchdeck`: ``home_path`` is what --home said, ``opened`` the home once a verb has asked for it.

    ``verb`` is its words, as in "machines add"; none where the app is opened. ``app_parent`` is the module that is run
    to fork apps for logins over SSH.
    """

    open_app: OpenApp
    app_parent: str = ""
    home_path: Path | None = None
    is_read_only: bool = False
    is_ascii: bool = False
    verb: str = ""
    opened: Home | None = field(default=None)

    def home(self, *, mends: bool = False) -> Home:
        """The home, made and checked at the first call; from then on the log is written there.

        Every verb refuses settings that are wrong, also one that needs none of them: they are wrong for the next one.
        One that ``mends`` them does not.

        Raises:
            BadInput: its settings cannot be read.
            HomeUnusable, HomeIsNewer: see `ops.home.open_home`.
            NotPermitted: the verb changes the home, and is not to, or not by this user.
        """
        if self.opened is None:
            self.opened = open_home(self.home_path, read_only=self.is_read_only)
            require_role(self.opened, self.verb)
            open_log(self.opened.log_file)
            try:
                settings = load_settings(self.opened)
            except BadInput as error:
                if not mends:
                    raise BadInput(f"{error} To mend it: patchdeck settings edit") from error
                return self.opened
            if role_of_verb(self.verb) > Role.VIEWER:
                tell_home(self.opened, settings)
        return self.opened

    def settings(self) -> Settings:
        """The settings of the home."""
        return load_settings(self.home())


def open_app(session: Session) -> int:
    """Opens the app as ``session`` was asked to, and gives its exit code.

    Raises:
        BadInput: there is no terminal.
        HomeUnusable, HomeIsNewer: see `ops.home.open_home`.
    """
    require_terminal()
    return session.open_app(AppRequest(session.home(mends=True), is_ascii=session.is_ascii))


def require_terminal() -> None:
    """Refuses to open the app where nobody could see it.

    Raises:
        BadInput: standard input or output is no terminal, or one that cannot move its cursor.
    """
    if is_dumb_terminal():
        raise BadInput(
            "This terminal cannot move its cursor (TERM=dumb); the app needs one that can. TERM=vt100 may do."
        )
    if not (is_terminal(0) and is_terminal(1)):
        raise BadInput("The app needs a terminal on standard input and output; for verbs see patchdeck --help.")
