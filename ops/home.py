"""The home: the folder that holds a fleet's settings, state and tables, and the version of its layout."""

import os
from dataclasses import dataclass
from pathlib import Path

from fleet.errors import HomeIsNewer, HomeUnusable
from fleet.roles import Role
from ops.acting_login import acting_login
from ops.home_parts import HOME_PARTS, ID_FILE, VERSION_FILE
from ops.permission import Closed, close_to_writing, open_to_writing, own_scratch, refusal

# Raised whenever an older Patchdeck could misread or damage what a newer one wrote outside state.db.
LAYOUT_VERSION = 1
_VERSION_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Home:
    """Where everything of one fleet lies. Only `open_home` makes one that is known to be usable."""

    path: Path

    @property
    def config_file(self) -> Path:
        """Settings, written by the user; may be missing."""
        return self.path / "config.toml"

    @property
    def state_file(self) -> Path:
        """The SQLite database of machines, their status and the audit."""
        return self.path / "state.db"

    @property
    def id_file(self) -> Path:
        """What tells this home from others that write to the same object store; made when it is needed."""
        return self.path / ID_FILE

    @property
    def tables_dir(self) -> Path:
        """One Delta table per record type, unless the settings put them into object storage: `ops.store.place`."""
        return self.path / "tables"

    @property
    def pending_dir(self) -> Path:
        """Batches that were accepted and are not wholly in the tables yet."""
        return self.path / "pending"

    @property
    def runs_dir(self) -> Path:
        """Raw output of machines."""
        return self.path / "runs"

    @property
    def queries_dir(self) -> Path:
        """The user's saved queries."""
        return self.path / "queries"

    @property
    def asked_dir(self) -> Path:
        """What each user asked in the app, one file a user."""
        return self.path / "asked"

    @property
    def feeds_dir(self) -> Path:
        """What each feed says, one SQLite database a feed."""
        return self.path / "feeds"

    @property
    def temp_dir(self) -> Path:
        """Where queries spill what does not fit into memory; not in a home that this process does not change."""
        return self.path / "temp" if refusal(self.path) is None else own_scratch()

    @property
    def aside_dir(self) -> Path:
        """What loaded rows said beyond the columns of their table."""
        return self.path / "aside"

    @property
    def secrets_dir(self) -> Path:
        """Encrypted secrets, where there is no keyring; for their owner alone."""
        return self.path / "secrets"

    @property
    def roles_file(self) -> Path:
        """Whose groups have which role, where the home is shared."""
        return self.path / "roles.toml"

    @property
    def service_socket(self) -> Path:
        """Where the background service takes what those may ask who cannot write the home."""
        return self.path / "service.sock"

    @property
    def serve_ssh_dir(self) -> Path:
        """What the server of the app over SSH keeps: its own key, and whose keys may log in; for their owner alone."""
        return self.path / "serve-ssh"

    @property
    def login_keys(self) -> Path:
        """Whose keys may log in to the app over SSH, and as what."""
        return self.serve_ssh_dir / "keys.toml"

    @property
    def known_hosts(self) -> Path:
        """Host keys that were accepted."""
        return self.path / "known_hosts"

    @property
    def known_certificates(self) -> Path:
        """Certificates of machines that were accepted, where no authority vouches for them."""
        return self.path / "known_certificates"

    @property
    def log_file(self) -> Path:
        """What Patchdeck did, one event a line."""
        return self.path / "patchdeck.log"

    @property
    def store_lock(self) -> Path:
        """The file whose lock the one writer of the tables holds."""
        return self.path / "store.lock"

    @property
    def service_lock(self) -> Path:
        """The file whose lock the one background service holds."""
        return self.path / "service.lock"


def open_home(path: Path | None = None, *, create: bool = True, read_only: bool = False) -> Home:
    """The home at ``path``, else at ``$PATCHDECK_HOME``, else in the XDG data folder; made if it is not there.

    A new home is readable by its owner only. With ``read_only``, and where the home can only be read, this process
    changes nothing in it from now on (`ops.permission`), and makes none.

    Raises:
        HomeUnusable: it cannot be made, read or written, holds something else, or is missing and not to be made.
        HomeIsNewer: a newer Patchdeck made it.
    """
    chosen, may_make_parents = _choose(path)
    home = Home(chosen)
    _check_characters(chosen)
    try:
        if create and not read_only:
            _make_folder(chosen, may_make_parents)
        _check_folder(home)
        _open_or_close(home, read_only)
        _check_version(home, create and refusal(chosen) is None)
    except OSError as error:
        raise HomeUnusable(f"Cannot use {chosen} as home: {error.strerror or error}.") from error
    return home


def _check_characters(path: Path) -> None:
    """Refuse what deltalake 1.6 cannot have in a path: it panics at brackets and reads %20 as a space (tried)."""
    bad = sorted(set("[]%") & set(str(path.resolve())))
    if bad:
        raise HomeUnusable(f"Cannot use {path} as home: {' and '.join(bad)} cannot be in its path.")


def _choose(path: Path | None) -> tuple[Path, bool]:
    given = path or os.environ.get("PATCHDECK_HOME")
    if given:
        return Path(given).expanduser().absolute(), False
    data = Path(os.environ.get("XDG_DATA_HOME", ""))
    # The XDG specification: a relative path is invalid and is to be ignored.
    base = data if data.is_absolute() else Path.home() / ".local" / "share"
    return base / "patchdeck", True


def _make_folder(path: Path, may_make_parents: bool) -> None:
    if may_make_parents:
        path.parent.mkdir(parents=True, exist_ok=True)
    elif not path.parent.is_dir():
        raise HomeUnusable(
            f"Cannot make the home {path}: there is no folder {path.parent}. Make it, or check the path."
        )
    if not path.exists():
        path.mkdir(mode=0o700, exist_ok=True)


def _check_folder(home: Home) -> None:
    if not home.path.exists():
        raise HomeUnusable(f"There is no home at {home.path}.")
    if not home.path.is_dir():
        raise HomeUnusable(f"Cannot use {home.path} as home: it is not a folder.")
    if not os.access(home.path, os.R_OK | os.X_OK):
        raise HomeUnusable(f"Cannot use {home.path} as home: it is not readable for you.")


def _open_or_close(home: Home, read_only: bool) -> None:
    if read_only:
        close_to_writing(home.path, Closed(f"the home {home.path} is opened read-only", is_asked=True))
    elif not _is_writable(home):
        reason = f"the home {home.path} is not yours to change, you can only read it"
        close_to_writing(home.path, Closed(reason, is_asked=False))
    elif (login := acting_login()) is not None and login.role < Role.ADMIN:
        reason = f"the key that {login.user} came with makes them no admin here"
        close_to_writing(home.path, Closed(reason, is_asked=False))
    else:
        open_to_writing(home.path)


def _is_writable(home: Home) -> bool:
    # access(2) knows read-only file systems, also for root, whom permissions do not bind.
    mine = os.access(home.path, os.W_OK, effective_ids=True)
    return mine and (not home.state_file.exists() or os.access(home.state_file, os.W_OK, effective_ids=True))


def _check_version(home: Home, create: bool) -> None:
    marker = home.path / VERSION_FILE
    try:
        text = marker.read_text("ascii", errors="replace").strip()
    except FileNotFoundError:
        _found(home, marker, create)
        return
    if not text.isdecimal():
        raise HomeUnusable(f"Cannot use {home.path} as home: {marker} does not hold a version number.")
    # Python refuses to read numbers of thousands of digits; a version has few.
    if len(text) > _VERSION_DIGITS or int(text) > LAYOUT_VERSION:
        raise HomeIsNewer(
            f"The home {home.path} has version {text[:_VERSION_DIGITS]}, this Patchdeck knows {LAYOUT_VERSION}: "
            "use a newer Patchdeck. Nothing was changed."
        )


def _found(home: Home, marker: Path, create: bool) -> None:
    foreign = sorted({entry.name for entry in home.path.iterdir()} - HOME_PARTS - {_aside(marker).name})
    if foreign or not create:
        why = f"it holds {foreign[0]!r}" if foreign else "it has no version file"
        raise HomeUnusable(f"{home.path} is not a home of Patchdeck: {why}. Give an empty or new folder.")
    aside = _aside(marker)
    aside.write_text(f"{LAYOUT_VERSION}\n", "ascii")
    aside.replace(marker)


def _aside(marker: Path) -> Path:
    return marker.with_name(f".{marker.name}.{os.getpid()}")
