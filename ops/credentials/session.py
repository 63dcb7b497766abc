"""What one process knows of a home's secrets: the vault once it is unlocked, and what was typed at a prompt.

It ends with the process: a command, the app, the service. Nothing of it is written anywhere.
"""

import os
import resource
import threading
from pathlib import Path

from collectors.secrets import Secret, SecretUnavailable
from fleet.errors import PatchdeckError
from ops.config import load_settings
from ops.credentials.commands import ask_command
from ops.credentials.identities import (
    IDENTITY_PREFIX,
    Identities,
    is_sealed,
    open_sealed,
    parse_identities,
    read_identity_file,
)
from ops.credentials.vault import Vault
from ops.home import Home

# Names of credentials in $CREDENTIALS_DIRECTORY: systemd.exec(5), LoadCredential=.
PASSPHRASE_CREDENTIAL = "patchdeck-passphrase"  # noqa: S105 the name of a file
IDENTITY_CREDENTIAL = "patchdeck-identity"

_sessions: dict[Path, "SecretSession"] = {}
_sessions_lock = threading.Lock()


class SecretSession:
    """The secrets of one home for as long as this process lives. From any thread; unlocking may block."""

    def __init__(self, home: Home) -> None:
        self.vault = Vault(home)
        self._home = home
        self._lock = threading.RLock()
        self._identities: Identities | None = None
        self._given: dict[str, Secret] = {}
        # Opening with a wrong passphrase takes a second, and would be tried for every machine.
        self._refused: Secret | None = None
        self._passphrase: Secret | None = None

    def give(self, entry: str, secret: Secret) -> None:
        """What somebody typed as the secret called ``entry``."""
        self._given[entry] = secret

    def given(self, entry: str) -> Secret | None:
        """What was typed as ``entry``, if it was asked for."""
        return self._given.get(entry)

    def give_passphrase(self, passphrase: Secret) -> None:
        """What somebody typed to unlock the encrypted secrets; whether it does, `unlock` says."""
        with self._lock:
            self._passphrase, self._refused, self._identities = passphrase, None, None

    @property
    def passphrase(self) -> Secret | None:
        """What was typed to unlock them."""
        return self._passphrase

    def unlock(self) -> Identities:
        """What opens the encrypted secrets: found once, then remembered.

        Raises:
            SecretUnavailable: nothing unlocks them here, or what should does not.
        """
        with self._lock:
            if self._identities is None:
                self._identities = self._find_identities()
            return self._identities

    def needs_passphrase(self) -> bool:
        """Whether nothing but somebody who types a passphrase can unlock them now."""
        if not self.vault.is_made or self._identities is not None or self._passphrase is not None:
            return False
        settings = load_settings(self._home)
        if settings.secrets_unlock_command or _credential(PASSPHRASE_CREDENTIAL) or _credential(IDENTITY_CREDENTIAL):
            return False
        if settings.secrets_identity_file is not None:
            return is_sealed(Path(settings.secrets_identity_file).expanduser())
        return self.vault.has_passphrase

    def standing(self) -> tuple[bool | None, str]:
        """Whether what is kept can be opened now without anybody typing, and why not; None: nothing is kept at all."""
        if not self.vault.is_made:
            return None, ""
        try:
            self.vault.check_folder()
        except PatchdeckError as error:
            return False, str(error)
        if self.needs_passphrase():
            return False, "it wants its passphrase"
        try:
            self.unlock()
        except PatchdeckError as error:
            return False, str(error)
        return True, ""

    def _find_identities(self) -> Identities:
        settings = load_settings(self._home)
        if (credential := _credential(IDENTITY_CREDENTIAL)) is not None:
            return parse_identities(read_identity_file(credential), str(credential))
        own = settings.secrets_identity_file
        path = self.vault.identity_file if own is None else Path(own).expanduser()
        if own is not None and not is_sealed(path):
            return parse_identities(read_identity_file(path), str(path))
        said = self._ask(settings.secrets_unlock_command)
        if said is None:
            raise SecretUnavailable(
                f"The secrets in {self.vault.folder} are locked, and nobody is here to type the passphrase: set "
                "secrets.unlock_command or secrets.identity_file, give the service a systemd credential, or start it "
                "from a terminal (patchdeck service start)."
            )
        if said.reveal().startswith(IDENTITY_PREFIX):
            return parse_identities(said, "What secrets.unlock_command prints")
        return self._open(path, said)

    def _ask(self, unlock_command: tuple[str, ...]) -> Secret | None:
        if (credential := _credential(PASSPHRASE_CREDENTIAL)) is not None:
            line = read_identity_file(credential).reveal().split("\n", 1)[0].removesuffix("\r")
            return Secret(line) if line else None
        if self._passphrase is not None:
            return self._passphrase
        return ask_command(unlock_command) if unlock_command else None

    def _open(self, path: Path, passphrase: Secret) -> Identities:
        if self._refused is not None and self._refused.reveal() == passphrase.reveal():
            raise SecretUnavailable(f"The passphrase does not open {path}.")
        try:
            return parse_identities(open_sealed(path, passphrase), str(path))
        except SecretUnavailable:
            self._refused = passphrase
            raise


def session_of(home: Home) -> SecretSession:
    """The session of ``home`` in this process, the same at each call."""
    _leave_no_core()
    path = home.path.resolve()
    with _sessions_lock:
        return _sessions.setdefault(path, SecretSession(home))


def tell_locked(home: Home) -> str:
    """One line that what is kept stays locked where nobody types now, for a service that starts; empty where it does
    not, or nothing is kept.
    """
    session = session_of(home)
    if not session.vault.entries() or not session.needs_passphrase():
        return ""
    return (
        f"The secrets in {session.vault.folder} are locked, and nobody typed the passphrase: machines that "
        "need them will fail. Start the service from a terminal, or set secrets.unlock_command."
    )


def _leave_no_core() -> None:
    """From here on a crash of this process, or of a command that it asks, writes nothing of its memory to the disk."""
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))


def _credential(name: str) -> Path | None:
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    path = Path(folder) / name
    return path if folder and path.is_file() else None
